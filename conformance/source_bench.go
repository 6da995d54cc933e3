package conformance

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// sourceBench is a stream source under examination.
type sourceBench struct {
	*probe
	*pace
	limits   Limits
	harness  StreamSourceHarness
	instance StreamSourceInstance
	// alice and bob are what checks use which need no further member.
	alice, bob *sourceMember

	producer ports.Announcer
	ends     []func() error
}

// sourceMember is one member with a handle of its own.
type sourceMember struct {
	bench *sourceBench
	ports.Member
	port ports.StreamSource
}

// onSourceBench makes a check of a stream source a check.
func onSourceBench(harness StreamSourceHarness, examine func(*sourceBench)) func(*probe) {
	return func(p *probe) {
		b := newSourceBench(p, harness)
		defer b.close()
		examine(b)
	}
}

func newSourceBench(p *probe, harness StreamSourceHarness) *sourceBench {
	b := &sourceBench{probe: p, harness: harness, limits: harness.Limits().withDefaults()}
	instance, err := harness.Open()
	p.must(err, "open a source")
	b.instance = instance
	b.pace = newPace(instance)
	b.ends = append(b.ends, instance.Close)
	b.alice, b.bob = b.join(alice), b.join(bob)
	b.producer = b.findProducer()
	return b
}

// join is a member with a handle of its own.
func (b *sourceBench) join(member ports.Member) *sourceMember {
	source, err := b.instance.Handle()
	b.must(err, "make a handle")
	return b.adopt(member, source)
}

// joinAs is a member of this name.
func (b *sourceBench) joinAs(name string) *sourceMember {
	return b.join(ports.Member{ID: name, Incarnation: name + "-1"})
}

// adopt makes the bench see to a handle's end.
func (b *sourceBench) adopt(member ports.Member, source ports.StreamSource) *sourceMember {
	if closer, closes := source.(io.Closer); closes {
		b.ends = append(b.ends, closer.Close)
	}
	return &sourceMember{bench: b, Member: member, port: source}
}

func (b *sourceBench) findProducer() ports.Announcer {
	source, err := b.instance.Handle()
	b.must(err, "make a handle")
	if producer, announces := b.adopt(ports.Member{}, source).port.(ports.Announcer); announces {
		return producer
	}
	producer, announces := b.instance.(ports.Announcer)
	if !announces {
		b.stop("the harness cannot announce: neither its handles nor its instance are a ports.Announcer")
	}
	return producer
}

// close ends the handles, then the source.
func (b *sourceBench) close() {
	for i := len(b.ends) - 1; i >= 0; i-- {
		if err := b.ends[i](); err != nil {
			b.violated("the harness could not close the source: %v", err)
		}
	}
}

// announce puts assignments on the source and ends the check if it cannot.
func (b *sourceBench) announce(names ...string) []ports.StreamRef {
	assignments := make([]ports.Assignment, len(names))
	for i, name := range names {
		assignments[i] = ports.Assignment{Ref: ports.StreamRef{Name: name}, Info: infoOf(name)}
	}
	refs, errs := b.tryAnnounce(assignments...)
	for i, err := range errs {
		if err != nil {
			b.stop("Announce of %s failed: %v", shortName(names[i]), err)
		}
	}
	return refs
}

// announceMany announces so many, whose names begin in the same way.
func (b *sourceBench) announceMany(prefix string, count int) []ports.StreamRef {
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("%s%d", prefix, i)
	}
	return b.announce(names...)
}

func (b *sourceBench) tryAnnounce(assignments ...ports.Assignment) (refs []ports.StreamRef, errs []error) {
	results := b.announceBy(b.producer, assignments)
	for _, result := range results {
		refs = append(refs, result.Ref)
		errs = append(errs, result.Err)
	}
	return refs, errs
}

func (b *sourceBench) announceBy(producer ports.Announcer, assignments []ports.Assignment) (results []ports.AnnounceResult) {
	what := fmt.Sprintf("Announce(%s)", listed(assignments, func(a ports.Assignment) string { return shortName(a.Ref.Name) }))
	b.call(b.pace, what, func(ctx context.Context) string {
		var err error
		results, err = producer.Announce(ctx, assignments)
		results = spread(results, err, len(assignments), func(err error) ports.AnnounceResult { return ports.AnnounceResult{Err: err} })
		return listed(results, announcedText)
	})
	b.sameNumber("Announce", len(assignments), len(results))
	return results
}

// infoOf is the info that checks announce with a name. It has a number that
// loses digits when it is read as a float64.
func infoOf(name string) ports.Info {
	return ports.Info(fmt.Sprintf(`{"of": "%d bytes", "big":  9007199254740993.10}`, len(name)))
}

func (b *sourceBench) sameNumber(call string, asked, answered int) {
	if asked != answered {
		b.stop("%s of %d items answered %d results; there is one for each item, in the same order", call, asked, answered)
	}
}

// withTime repeats an attempt with longer and longer times until it is
// conclusive: until the machine was fast enough for it.
func (b *sourceBench) withTime(attempt func(time.Duration) (conclusive bool)) {
	for length := b.limits.SmallestTTL; !attempt(length); length *= 2 {
		if length > max(longestTTL, 8*b.limits.SmallestTTL) {
			b.uncoveredBy(fmt.Sprintf("the machine was too slow for times of %v", length))
			panic(stopped{})
		}
	}
}

// passOver waits until what is due at instant is due for sure.
func (b *sourceBench) passOver(instant time.Duration) {
	b.passUntil(instant + b.grace())
	b.journal.note(b.now(), "time has passed")
}

// grace is how much later than it should something may happen by the source's
// clock.
func (b *sourceBench) grace() time.Duration {
	if b.isVirtual() {
		return b.limits.ClockStep
	}
	return b.limits.ClockStep + lateness
}

// settling is how long what is under way may take to come to its end.
const settling = 10 * time.Second

// await waits in real time for a condition, and gives up when it should long
// be met.
func (b *sourceBench) await(condition func() bool) {
	for end := time.Now().Add(settling); !condition() && time.Now().Before(end); {
		<-time.After(5 * time.Millisecond)
	}
}
