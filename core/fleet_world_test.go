package core_test

import (
	"container/heap"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"time"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
	"github.com/streamlease/streamlease/ports"
)

// world is several members on the memory adapter in one event loop: virtual
// time, one seed, and every kind of fault that a call can meet. An observer
// that knows the truth keeps books of what the members believe.
type world struct {
	now     time.Duration
	queue   actions
	counter int64
	steps   int // at this instant
	random  *rand.Rand
	faults  faults
	until   time.Duration // faults end

	service *memory.Service
	ports   ports.Set
	nodes   []*node
	grants  []core.GrantID
	told    map[core.GrantID]bool
	shape   core.GrantShape

	announced []core.StreamRef
	done      map[core.StreamRef]bool
	tokens    map[string]core.Token
	owners    map[string]map[*node]core.Token
	verdicts  []string
	trace     []string
	counts    map[string]int
}

// faults are odds in a thousand, and what else may happen.
type faults struct {
	dropped, lostReply, late, lostHint int
	crash, freeze                      int
	doubles                            bool
	pages                              int // entries of a page; 0: as in production
	failures                           bool
	handlers                           bool // of the application, which do not heed the end of their contexts
}

// node is one member process.
type node struct {
	world   *world
	id      string
	machine *core.Machine
	member  core.Member
	crashed bool
	thaws   time.Duration // frozen until then
	inbox   []core.Event
	call    driver.Translator
	cancel  map[core.CallID]bool
	valid   map[core.GrantID]time.Duration
	grantOf map[string]core.GrantID
	live    map[string]core.Token
	request core.RequestID
	asked   map[core.RequestID]core.StreamRef
	working map[string]bool // streams whose handler has not returned
	reading bool
	ended   bool
}

type action struct {
	at    time.Duration
	order int64
	do    func()
}

type actions []action

func (a actions) Len() int { return len(a) }
func (a actions) Less(i, j int) bool {
	return a[i].at < a[j].at || a[i].at == a[j].at && a[i].order < a[j].order
}
func (a actions) Swap(i, j int) { a[i], a[j] = a[j], a[i] }
func (a *actions) Push(x any)   { *a = append(*a, x.(action)) }
func (a *actions) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
}

// traced: STREAMLEASE_TRACE=1 prints everything that a failing run did.
var traced = os.Getenv("STREAMLEASE_TRACE") != ""

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newWorld(seed uint64, shape core.GrantShape, members int, f faults, until time.Duration) *world {
	w := &world{random: rand.New(rand.NewPCG(seed, 1)), faults: f, until: until, shape: shape,
		told: map[core.GrantID]bool{}, done: map[core.StreamRef]bool{}, tokens: map[string]core.Token{},
		owners: map[string]map[*node]core.Token{}, counts: map[string]int{}}
	service, err := memory.New(memory.Config{Shape: shape, Now: func() time.Time { return epoch.Add(w.now) }})
	if err != nil {
		panic(err)
	}
	w.service, w.ports = service, service.Ports()
	for i := range members {
		w.boot(fmt.Sprintf("m%d", i+1))
	}
	w.after(50*time.Millisecond, w.watchGrants)
	return w
}

func (w *world) after(d time.Duration, do func()) {
	w.counter++
	heap.Push(&w.queue, action{at: w.now + d, order: w.counter, do: do})
}

func (w *world) run(until time.Duration, done func() bool) bool {
	for len(w.queue) > 0 && w.queue[0].at <= until && len(w.verdicts) == 0 {
		next := heap.Pop(&w.queue).(action)
		if w.now != next.at {
			w.steps = 0
		}
		if w.steps++; w.steps > 20_000 {
			w.violated("a busy loop: 20,000 actions at one instant")
		}
		w.now = next.at
		next.do()
		if done != nil && done() {
			return true
		}
	}
	w.now = max(w.now, until)
	return done == nil
}

func (w *world) violated(format string, args ...any) {
	w.verdicts = append(w.verdicts, fmt.Sprintf("%v: ", w.now)+fmt.Sprintf(format, args...))
}

func (w *world) note(format string, args ...any) {
	w.trace = append(w.trace, fmt.Sprintf("%v ", w.now)+fmt.Sprintf(format, args...))
}

func (w *world) chance(perMille int) bool {
	return perMille > 0 && w.now < w.until && w.random.IntN(1000) < perMille
}

func (w *world) delay() time.Duration {
	return time.Duration(100+w.random.IntN(900)) * time.Microsecond
}

// boot starts a process: a member with a new incarnation.
func (w *world) boot(id string) {
	n := &node{world: w, id: id, cancel: map[core.CallID]bool{}, valid: map[core.GrantID]time.Duration{},
		grantOf: map[string]core.GrantID{}, live: map[string]core.Token{}, asked: map[core.RequestID]core.StreamRef{}, working: map[string]bool{}}
	n.member = core.Member{ID: id, Incarnation: fmt.Sprintf("%s-%d", id, len(w.nodes))}
	n.call = driver.Translator{Ports: w.ports, Member: n.member}
	var seed [32]byte
	for i := range seed {
		seed[i] = byte(w.random.Uint32())
	}
	machine, err := core.New(core.Config{Member: n.member, Shape: w.shape, Seed: seed, TTL: ttl,
		Handlers: w.faults.handlers, SweepInterval: sweepInterval, BackoffMin: 100 * time.Millisecond, MaxCrashes: -1, MaxFailures: -1})
	if err != nil {
		panic(err)
	}
	n.machine = machine
	w.nodes = append(w.nodes, n)
	w.note("%s starts", n.member)
	n.step(core.Start{})
}

const (
	ttl           = 2 * time.Second
	sweepInterval = 5 * time.Second
)

func (w *world) announce(name string) {
	results, err := w.service.Source.Announce(context.Background(), []core.Assignment{{Ref: core.StreamRef{Name: name}}})
	if err != nil || results[0].Err != nil {
		panic("announce")
	}
	w.announced = append(w.announced, results[0].Ref)
	w.note("announced %s", results[0].Ref)
}

// watchGrants is the expiry notifier: late, and hints may be lost.
func (w *world) watchGrants() {
	for _, id := range w.grants {
		page, err := w.service.Leases.Leases(context.Background(), id, "", 100)
		if err != nil || !page.Expired || w.told[id] {
			continue
		}
		w.told[id] = true
		hints := []core.Hint{{Kind: core.HintGrant, Grant: id}}
		if w.shape == core.GrantPerLease {
			hints = nil
			for _, lease := range page.Leases {
				hints = append(hints, core.Hint{Kind: core.HintRef, Ref: lease.Ref})
			}
		}
		w.publish(hints)
	}
	w.after(50*time.Millisecond, w.watchGrants)
}

func (w *world) publish(hints []core.Hint) {
	for _, n := range w.nodes {
		if w.chance(w.faults.lostHint) {
			w.counts["hint lost"]++
			continue
		}
		w.after(w.delay(), func() { n.step(core.HintsReceived{Hints: hints}) })
	}
}

// step feeds a process, unless it is dead or frozen.
func (n *node) step(events ...core.Event) {
	w := n.world
	if n.crashed || n.ended {
		return
	}
	if w.now < n.thaws {
		n.inbox = append(n.inbox, events...)
		return
	}
	for _, command := range n.machine.Step(w.now, events...) {
		n.carryOut(command)
	}
	n.read()
}

func (n *node) carryOut(command core.Command) {
	w := n.world
	if traced {
		w.note("%s %T%+v", n.member, command, command)
	}
	switch c := command.(type) {
	case core.WakeAt:
		w.after(max(0, c.At-w.now), func() { n.step(core.Wake{}) }) // an alarm that was due meanwhile rings at once
	case core.TenureBegan:
		n.began(c.Tenure)
	case core.TenureEnded:
		w.note("%s ended %s token=%d: %v", n.member, c.Ref, c.Token, c.Reason)
		n.checkLoss(c)
		delete(n.live, c.Ref.Name)
		if n.working[c.Ref.Name] {
			w.counts["handler goes on"]++
		}
		delete(w.owners[c.Ref.Name], n)
	case core.Reply:
		n.replied(c)
	case core.CancelCall:
		n.cancel[c.ID] = true
	case core.Terminated:
		n.ended = true
		w.note("%s terminated", n.member)
	case core.Broken:
		w.violated("%s is broken: %s", n.member, c.What)
	default:
		n.send(command)
	}
}

// send carries a call to a port, with whatever fault it meets.
func (n *node) send(command core.Command) {
	w := n.world
	head, ok := driver.Header(command)
	if !ok {
		return
	}
	sent := w.now
	allowance := driver.Allowance(command)
	answer := func(d time.Duration, event core.Event) { w.after(d, func() { n.answer(command, event) }) }
	lost := driver.Unanswered(command, sent, errors.New("connection reset"))
	name := fmt.Sprintf("%T", command)[len("core.Send"):]
	if w.chance(w.faults.freeze / 5) { // between sending a request and reading its reply
		w.counts["freeze after "+name]++
		n.freeze(time.Duration(w.random.Int64N(int64(3 * ttl))))
	}
	switch {
	case w.chance(w.faults.dropped):
		w.counts[name+" dropped"]++
		answer(allowance, lost)
	case w.chance(w.faults.lostReply):
		w.counts[name+" reply lost"]++
		w.after(w.delay(), func() { n.apply(command, sent, allowance) })
		answer(allowance, lost)
	case w.chance(w.faults.late):
		w.counts[name+" late"]++
		answer(allowance, lost)
		late := allowance + time.Duration(w.random.Int64N(int64(2*ttl)))
		w.after(late, func() { n.apply(command, sent, allowance) })
	default:
		w.after(w.delay(), func() { n.applyAndAnswer(command, sent, head.ID, allowance) })
	}
}

// applyAndAnswer lets a Fetch wait as long as it may.
func (n *node) applyAndAnswer(command core.Command, sent time.Duration, id core.CallID, allowance time.Duration) {
	w := n.world
	event := n.apply(command, sent, allowance)
	if fetched, ok := event.(core.FetchAnswered); ok && len(fetched.Fetched.Assignments) == 0 &&
		!n.cancel[id] && !n.crashed && w.now-sent < time.Second {
		w.after(20*time.Millisecond, func() { n.applyAndAnswer(command, sent, id, allowance) })
		return
	}
	w.after(w.delay(), func() { n.answer(command, event) })
}

func (n *node) apply(command core.Command, sent, _ time.Duration) core.Event {
	w := n.world
	if publish, ok := command.(core.SendPublish); ok {
		w.publish(publish.Hints)
		return core.PublishAnswered{Answered: core.Answered{Call: publish.ID, Sent: sent}}
	}
	if fetch, ok := command.(core.SendFetch); ok {
		fetch.Wait = 0
		command = fetch
	}
	event := n.call.Call(context.Background(), sent, command)
	n.observeApplied(command, event)
	return event
}

// observeApplied sees what the store did, whoever hears of it.
func (n *node) observeApplied(command core.Command, event core.Event) {
	w := n.world
	if settle, ok := command.(core.SendSettle); ok {
		for i, s := range settle.Settlements {
			if event.(core.SettleAnswered).Results[i].Err == nil && s.Outcome == core.Done {
				w.done[s.Ref] = true
			}
		}
	}
	acquire, ok := command.(core.SendAcquire)
	if !ok {
		return
	}
	for i, r := range acquire.Requests {
		if r.Open {
			w.grants = append(w.grants, r.Grant)
		}
		result := event.(core.AcquireAnswered).Results[i]
		if result.Err != nil {
			continue
		}
		if result.Token <= w.tokens[r.Ref.Name] {
			w.violated("S2: token %d of %s after %d", result.Token, r.Ref.Name, w.tokens[r.Ref.Name])
		}
		w.tokens[r.Ref.Name] = result.Token
	}
}

// answer delivers an answer to the process, and notes what it may believe.
func (n *node) answer(command core.Command, event core.Event) {
	switch c := command.(type) {
	case core.SendAcquire:
		for i, result := range event.(core.AcquireAnswered).Results {
			if result.Err == nil {
				n.grantOf[c.Requests[i].Ref.Name] = c.Requests[i].Grant
				n.extend(c.Requests[i].Grant, event.(core.AcquireAnswered).Sent)
			}
		}
	case core.SendRenew:
		for i, result := range event.(core.RenewAnswered).Results {
			if result.Err == nil {
				n.extend(c.Grants[i], event.(core.RenewAnswered).Sent)
			}
		}
	}
	n.step(event)
}

func (n *node) extend(grant core.GrantID, sent time.Duration) {
	config := n.machine.Config()
	n.valid[grant] = max(n.valid[grant], sent+config.TTL-config.Margin)
}

// checkLoss: who is disowned because the lease is missing must not have it.
func (n *node) checkLoss(ended core.TenureEnded) {
	if ended.Reason != core.ReasonLeaseMissing {
		return
	}
	results, err := n.world.service.Leases.Inspect(context.Background(), []string{ended.Ref.Name})
	if err == nil && results[0].Held && results[0].Holder.Lease.Token == ended.Token {
		n.world.violated("%s is disowned of %s with token %d, and the store has its lease", n.member, ended.Ref, ended.Token)
	}
}

func (n *node) began(t core.Tenure) {
	w := n.world
	w.note("%s began %s token=%d (%s)", n.member, t.Ref, t.Token, t.Reason)
	w.counts["tenure "+string(t.Reason)]++
	if w.done[t.Ref] {
		w.violated("S5: %s owns %s, which is done", n.member, t.Ref)
	}
	name := t.Ref.Name
	if n.working[name] {
		w.violated("%s began %s while its earlier handler goes on", n.member, t.Ref)
	}
	for other, token := range w.owners[name] {
		if w.now < other.valid[other.grantOf[name]] && !other.crashed {
			w.violated("S3: %s owns %s with token %d while %s does with %d", n.member, t.Ref, t.Token, other.member, token)
		}
	}
	if w.owners[name] == nil {
		w.owners[name] = map[*node]core.Token{}
	}
	w.owners[name][n] = t.Token
	n.live[name] = t.Token
}
