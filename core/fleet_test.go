package core_test

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/streamlease/streamlease/core"
)

// TestFleetUnderFaults runs several members, with crashes, freezes, calls that
// are dropped, applied without a reply or executed late, and lost hints. While
// faults last S2, S3, S5 and S6 must hold; once they end everything announced
// must be finished (L1, L2), and no lease may be left that nobody knows (L4).
func TestFleetUnderFaults(t *testing.T) {
	counts := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		odds := func(name string) int { return rapid.SampledFrom([]int{0, 0, 10, 50, 200}).Draw(t, name) }
		f := faults{dropped: odds("dropped"), lostReply: odds("lost reply"), late: odds("late"), lostHint: odds("lost hint"),
			crash: odds("crash"), freeze: odds("freeze"), doubles: rapid.Bool().Draw(t, "doubles"), failures: rapid.Bool().Draw(t, "failures"), handlers: rapid.Bool().Draw(t, "handlers"),
			pages: rapid.SampledFrom([]int{0, 1, 2, 5}).Draw(t, "pages")}
		shape := rapid.SampledFrom([]core.GrantShape{core.GrantPerMember, core.GrantPerLease}).Draw(t, "shape")
		members := rapid.IntRange(1, 4).Draw(t, "members")
		streams := rapid.SampledFrom([]int{1, 3, 12, 40}).Draw(t, "streams")
		seed := rapid.Uint64().Draw(t, "seed")
		w := newWorld(seed, shape, members, f, 20*time.Second)
		w.play(streams)
		w.judge(t)
		for what, n := range w.counts {
			counts[what] += n
		}
	})
	for _, what := range []string{"crash", "freeze", "hint lost", "Acquire late", "Take reply lost", "Settle reply lost",
		"freeze after Take", "freeze after Acquire", "handler goes on",
		"tenure assigned", "tenure taken over", "disowned done refused"} {
		require.NotZero(t, counts[what], "%q never happened: the test proves nothing about it", what)
	}
	report(t, counts)
}

func report(t *testing.T, counts map[string]int) {
	var lines []string
	for what, n := range counts {
		lines = append(lines, fmt.Sprintf("%-28s %d", what, n))
	}
	sort.Strings(lines)
	t.Log("\n" + strings.Join(lines, "\n"))
}

// play announces streams, breaks things for a while, and then lets the healthy
// go on.
func (w *world) play(streams int) {
	for i := range streams {
		name := fmt.Sprintf("s%d", i)
		if w.faults.doubles && i%3 == 2 {
			name = fmt.Sprintf("s%d", i-1)
		}
		w.after(time.Duration(w.random.Int64N(int64(w.until/2))), func() { w.announce(name) })
	}
	w.after(time.Second, w.breakSomething)
	w.run(w.until, nil)
	if len(w.verdicts) > 0 {
		return
	}
	healed := w.now
	// The longest work, freeze and the latest packet, then an expiry, a round of the
	// sweep that begins after it, and as much again for what failed and waits.
	bound := longestWork + 3*ttl + 2*ttl + 3*sweepInterval + 20*time.Second
	if !w.run(w.now+bound, w.allDone) && len(w.verdicts) == 0 {
		w.violated("L1: not all is done %v after the faults ended: %v", w.now-healed, w.missing())
	}
	// The latest packet may yet arrive; a renewal period later it is put right.
	w.run(max(w.now, w.until+3*ttl)+2*ttl, nil)
}

func (w *world) allDone() bool { return len(w.announced) > 0 && len(w.missing()) == 0 }

func (w *world) missing() []core.StreamRef {
	var missing []core.StreamRef
	for _, ref := range w.announced {
		if !w.done[ref] {
			missing = append(missing, ref)
		}
	}
	return missing
}

// breakSomething crashes or freezes a process now and then; a crashed one is
// started anew.
func (w *world) breakSomething() {
	for _, n := range append([]*node(nil), w.nodes...) {
		switch {
		case n.crashed || w.now < n.thaws:
		case w.chance(w.faults.crash):
			w.counts["crash"]++
			w.note("%s crashes", n.member)
			n.crashed = true
			for name := range n.live {
				delete(w.owners[name], n)
			}
			id := n.id
			w.after(time.Duration(w.random.Int64N(int64(ttl))), func() { w.boot(id) })
		case w.chance(w.faults.freeze):
			w.counts["freeze"]++
			n.freeze(time.Duration(w.random.Int64N(int64(3 * ttl))))
		}
	}
	if w.now < w.until {
		w.after(500*time.Millisecond, w.breakSomething)
	}
}

func (n *node) freeze(pause time.Duration) {
	w := n.world
	w.note("%s freezes for %v", n.member, pause)
	n.thaws = max(n.thaws, w.now+pause)
	w.after(n.thaws-w.now, n.thaw)
}

func (n *node) thaw() {
	if n.crashed || n.world.now < n.thaws {
		return
	}
	events := n.inbox
	n.inbox = nil
	n.world.note("%s thaws", n.member)
	n.step(append(events, core.Wake{})...)
}

// read lets the application receive what waits, after a while.
func (n *node) read() {
	if n.reading {
		return
	}
	if _, ok := n.machine.Notification(); !ok {
		return
	}
	n.reading = true
	n.world.after(n.world.delay(), func() {
		n.reading = false
		if n.crashed || n.ended || n.world.now < n.thaws {
			n.world.after(100*time.Millisecond, n.read)
			return
		}
		if received, ok := n.machine.Notification(); ok {
			n.receive(received)
			n.step(core.NotificationReceived{})
		}
	})
}

// longestWork is how long the application works on a stream at most. It does not
// heed the end of its tenure.
const longestWork = 3 * ttl

// receive is the application: it works for a while and settles.
func (n *node) receive(received core.Notification) {
	w := n.world
	if received.Kind != core.StreamAdded {
		return
	}
	if w.done[received.Ref] {
		w.violated("S5: %s is told of %s, which is done", n.member, received.Ref)
	}
	n.working[received.Ref.Name] = w.faults.handlers
	work := time.Duration(w.random.Int64N(int64(longestWork)))
	w.after(work, func() { n.settle(received.Ref, received.Token) })
}

func (n *node) settle(ref core.StreamRef, token core.Token) {
	w := n.world
	if n.crashed || n.ended {
		return
	}
	if w.now < n.thaws { // a frozen process acts when it thaws
		w.after(n.thaws-w.now, func() { n.settle(ref, token) })
		return
	}
	outcome := core.Done
	if w.faults.failures && w.now < w.until {
		outcome = []core.Outcome{core.Done, core.Failed, core.HandedOff}[w.random.IntN(3)]
	}
	if w.faults.handlers {
		delete(n.working, ref.Name)
		n.step(core.HandlerReturned{Name: ref.Name})
	}
	n.request++
	if outcome == core.Done {
		n.asked[n.request] = ref
	}
	n.step(core.SettleRequested{Request: n.request, Ref: ref, Token: token, Outcome: outcome})
}

// replied: a Done that succeeded must be the truth.
func (n *node) replied(reply core.Reply) {
	w := n.world
	ref, ok := n.asked[reply.Request]
	if !ok {
		return
	}
	delete(n.asked, reply.Request)
	switch {
	case reply.Err != nil:
		w.counts["disowned done refused"]++
	case !w.done[ref]:
		w.violated("%s heard that %s is done, and it is not", n.member, ref)
	default:
		w.note("%s is done with %s", n.member, ref)
	}
}

// judge looks at what is left.
func (w *world) judge(t *rapid.T) {
	if len(w.verdicts) == 0 {
		for _, ref := range w.announced {
			results, err := w.service.Leases.Inspect(context.Background(), []string{ref.Name})
			if err != nil || results[0].Held {
				w.violated("L4: %s is done and leased to %v", ref, results[0].Holder)
			}
		}
	}
	if len(w.verdicts) == 0 {
		return
	}
	if traced {
		t.Log("\n" + strings.Join(w.trace, "\n"))
	}
	t.Fatalf("%s", strings.Join(w.verdicts, "\n"))
}
