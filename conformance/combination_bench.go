package conformance

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/ports"
)

const (
	// combinationTTL is that of members that lose streams, unless the harness
	// says otherwise.
	combinationTTL = 2 * time.Second
	// lookEvery is the time between two looks at a condition.
	lookEvery = 10 * time.Millisecond
	// mostFailures is the MaxFailures of all members.
	mostFailures = 3
)

// combinationBench is a service with its members under examination.
type combinationBench struct {
	*probe
	limits   CombinationLimits
	harness  CombinationHarness
	virtual  bool
	began    time.Time
	instance CombinationInstance
	observer ports.Set
	books    *books
	stalls   *stalls

	ttl        time.Duration
	loses      int64 // every so manieth reply; 0: none
	members    []*combinationMember
	expected   []streamlease.StreamRef // what must be done in the end
	quarantine map[string]bool         // message IDs of what must be in quarantine in the end
	failures   map[string]int          // how often streams fail, by name; -1: always

	finish    sync.Once
	finishing chan struct{} // closed when streams are to be finished
}

// onCombinationBench makes a check of a combination a check.
func onCombinationBench(harness CombinationHarness, virtual bool, examine func(*combinationBench)) func(*probe) {
	return func(p *probe) {
		b := openCombination(p, harness, virtual)
		defer b.close()
		examine(b)
		b.judge()
	}
}

func openCombination(p *probe, harness CombinationHarness, virtual bool) *combinationBench {
	b := &combinationBench{
		probe: p, harness: harness, limits: harness.Limits(), virtual: virtual, began: time.Now(),
		quarantine: map[string]bool{}, failures: map[string]int{}, finishing: make(chan struct{}),
	}
	if b.limits.SmallestTTL == 0 {
		b.limits.SmallestTTL = combinationTTL
	}
	if b.limits.Streams == 0 {
		b.limits.Streams = 8
	}
	b.ttl = b.limits.SmallestTTL
	b.books = newBooks(b.now)
	instance, err := harness.Open()
	p.must(err, "open a service")
	b.instance = instance
	b.observer, err = instance.Ports()
	p.must(err, "make ports")
	b.stalls = watchStalls(!virtual)
	return b
}

func (b *combinationBench) now() time.Duration { return time.Since(b.began) }

func (b *combinationBench) note(format string, args ...any) {
	b.journal.note(b.now(), fmt.Sprintf(format, args...))
}

// patience bounds what is waited for. No combination fails because it, or the
// machine, is slow.
func (b *combinationBench) patience() time.Duration { return patience / 3 }

// close ends everybody and the service. It may follow a check that stopped.
func (b *combinationBench) close() {
	b.finish.Do(func() { close(b.finishing) })
	for _, member := range b.members {
		if member.isHeld() {
			member.thaw()
		}
		member.gate.open()
	}
	var ends sync.WaitGroup
	for _, member := range b.members {
		ends.Go(member.close)
	}
	ends.Wait()
	b.stalls.end()
	for _, port := range []any{b.observer.Source, b.observer.Leases, b.observer.Notifier} {
		if err := closePort(port); err != nil {
			b.violated("the harness could not close a port: %v", err)
		}
	}
	if err := b.instance.Close(); err != nil {
		b.violated("the harness could not close the service: %v", err)
	}
}

// lasting gives the members that join a TTL of which no check sees the end:
// what happens does not wait for it. Without a notifier it does, now and then.
func (b *combinationBench) lasting() {
	if b.observer.Notifier != nil {
		b.ttl = 2 * time.Minute
	}
}

// join makes so many members that have joined.
func (b *combinationBench) join(count int) []*combinationMember {
	joined := make([]*combinationMember, count)
	for i := range joined {
		joined[i] = b.joinOne()
	}
	return joined
}

func (b *combinationBench) joinOne() *combinationMember {
	member := &combinationMember{bench: b, gate: &gate{}}
	member.gate.loses.Store(b.loses)
	set, err := b.instance.Ports()
	b.must(err, "make ports")
	member.Client, err = streamlease.New(streamlease.Config{
		Ports:         member.gate.behind(set),
		ID:            fmt.Sprintf("member-%d", len(b.members)+1),
		TTL:           b.ttl,
		SweepInterval: b.limits.SmallestTTL,
		BackoffMin:    b.limits.SmallestTTL / 10,
		MaxFailures:   mostFailures,
	})
	if err != nil {
		b.stop("a client over these ports cannot be made: %v", err)
	}
	b.members = append(b.members, member)
	notifications := b.init(member)
	b.note("%v has joined", member)
	member.work.Go(func() { member.listen(notifications) })
	return member
}

// init joins the fleet, again where the machine was too slow.
func (b *combinationBench) init(member *combinationMember) <-chan streamlease.Notification {
	ctx, cancel := context.WithTimeout(context.Background(), b.patience())
	defer cancel()
	for {
		notifications, err := member.Init(ctx)
		if err == nil {
			return notifications
		}
		b.note("Init of %v answers %v", member, err)
		if ctx.Err() != nil {
			b.stop("Init of %v does not succeed within %v: %v", member, b.patience(), err)
		}
		<-time.After(lookEvery)
	}
}

// announce announces streams; they must be done in the end.
func (b *combinationBench) announce(names ...string) []streamlease.StreamRef {
	const info = `{"from":"the suite","number":12345678901234567890}`
	announcer, is := b.observer.Source.(ports.Announcer)
	if !is {
		b.stop("the harness's source is no ports.Announcer")
	}
	assignments := make([]ports.Assignment, len(names))
	for i, name := range names {
		assignments[i] = ports.Assignment{Ref: ports.StreamRef{Name: name}, Info: ports.Info(info)}
	}
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	// Members may hear of them before the answer is here.
	b.books.mu.Lock()
	defer b.books.mu.Unlock()
	results, err := announcer.Announce(ctx, assignments)
	b.must(err, "announce")
	refs := make([]streamlease.StreamRef, len(names))
	for i, result := range results {
		b.must(result.Err, "announce "+names[i])
		refs[i] = result.Ref
		b.books.announce[result.Ref] = info
	}
	b.note("announced %s", refsText(refs))
	b.expected = append(b.expected, refs...)
	return refs
}

// streams are names for a check; some are of the worst kind.
func (b *combinationBench) streams() []string {
	names := []string{"a:b", "{c}", "d\x00\n", "*", "ключ"}
	for i := len(names); i < b.limits.Streams; i++ {
		names = append(names, fmt.Sprintf("stream %d", i))
	}
	return names
}

// failure is why the stream is to fail; nil: it is not.
func (b *combinationBench) failure(tenure *heardTenure) error {
	b.books.mu.Lock()
	defer b.books.mu.Unlock()
	name := tenure.stream.Ref().Name
	if b.failures[name] == 0 {
		return nil
	}
	b.failures[name]--
	return fmt.Errorf("the suite lets %q fail", name)
}

// await waits until nothing is missing.
func (b *combinationBench) await(what string, missing func() error) {
	began := b.now()
	for {
		lacks := missing()
		if lacks == nil {
			b.note("%s", what)
			return
		}
		if b.now()-began > b.patience() {
			b.explain()
			b.stop("it does not come about within %v that %s: %v", b.patience(), what, lacks)
		}
		<-time.After(lookEvery)
	}
}

func refsText(refs []streamlease.StreamRef) string {
	texts := make([]string, 0, len(refs))
	for _, ref := range refs {
		texts = append(texts, fmt.Sprintf("%.40q", ref.String()))
	}
	const most = 10
	if len(texts) > most {
		texts = append(texts[:most], fmt.Sprintf("and %d more", len(refs)-most))
	}
	return strings.Join(texts, ", ")
}
