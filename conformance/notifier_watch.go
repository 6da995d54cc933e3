package conformance

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

var watchQuestions = []notifierQuestion{
	{
		where:   "ExpiryNotifier.Watch",
		text:    "Watch calls deliver with hints until ctx ends, and then returns nil.",
		examine: watchDeliversUntilCtxEnds,
	}, {
		where:   "ExpiryNotifier.Watch",
		text:    "It reconnects by itself, without end",
		examine: watchReconnects,
	}, {
		where:   "ExpiryNotifier.Watch",
		text:    "sends a HintGap whenever hints may have been missed: after the first connect",
		examine: theFirstConnectIsAGap,
	}, {
		where:   "ExpiryNotifier.Watch",
		text:    "after every reconnect",
		examine: everyReconnectIsAGap,
	}, {
		where:   "ExpiryNotifier.Watch",
		text:    "It returns an error only for what trying again does not mend (ErrRefused).",
		examine: watchFailsOnlyWhenRefused,
	}, {
		where:   "ExpiryNotifier.Watch",
		text:    "deliver is called by one goroutine at a time",
		examine: deliverIsCalledByOneAtATime,
	}, {
		where:   "ExpiryNotifier.Watch",
		text:    "and may block;",
		examine: deliverMayBlock,
	}, {
		where:   "ExpiryNotifier.Watch",
		text:    "what piles up meanwhile is bounded, and dropping it is a HintGap.",
		examine: whatIsDroppedIsAGap,
	},
}

// nameHint is a hint that no check uses twice.
func nameHint(name string) ports.Hint {
	return ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: name}}
}

func watchDeliversUntilCtxEnds(b *notifierBench) {
	publisher, watcher := b.another(), b.another()
	ending, staying := watcher.watchFromNow(), watcher.watchFromNow()
	publisher.published(nameHint("before"))
	ending.expectHeard(nameHint("before"), "it was published")
	ending.end()
	if ending.err != nil {
		b.violated("Watch returns %s when its ctx was cancelled; it must return nil", shortError(ending.err))
	}
	before := ending.count(func(ports.Hint) bool { return true })
	publisher.published(nameHint("after"))
	staying.expectHeard(nameHint("after"), "another Watch has ended, this one has not")
	if after := ending.count(func(ports.Hint) bool { return true }); after != before {
		b.violated("deliver was called after Watch had returned: it heard %d hints then", after-before)
	}
	if staying.hasReturned() {
		b.violated("Watch has returned %v, and its ctx has not ended", staying.err)
	}
	b.watchWithAnEndedCtx(watcher)
}

func (b *notifierBench) watchWithAnEndedCtx(watcher *notifierHandle) {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	cancel()
	b.callWithin(ctx, b.pace, watcher.name+": Watch with a ctx that has ended", func(ctx context.Context) string {
		err := watcher.port.Watch(ctx, func([]ports.Hint) {})
		if err != nil {
			b.violated("Watch with a ctx that has ended returns %s; it must return nil", shortError(err))
		}
		return fmt.Sprint(err)
	})
}

func (b *notifierBench) cutter() (Cutter, bool) { return can[Cutter](b.probe, b.instance) }

func watchReconnects(b *notifierBench) {
	cutter, able := b.cutter()
	if !able {
		return
	}
	publisher := b.another()
	w := b.another().watchFromNow()
	for round := range 3 {
		b.must(cutter.Cut(), "cut the connections")
		b.journal.note(b.now(), "all connections are cut")
		hint := nameHint(fmt.Sprint("after cut ", round))
		// What is published before it is connected again is lost.
		flows := b.await(func() bool {
			_ = publisher.publish(hint)
			return w.hearsSoon(hint) || w.hasReturned()
		})
		if w.hasReturned() {
			b.stop("Watch returned %v after its connection was cut; it must reconnect by itself", w.err)
		}
		if !flows {
			b.violated("Watch hears nothing of what is published within %v after its connection was cut", b.limits.HintWithin)
		}
	}
}

// hearsSoon waits a little: whoever asks will ask again.
func (w *watching) hearsSoon(hint ports.Hint) bool {
	const looks = 20
	for range looks {
		if w.count(same(hint)) > 0 {
			return true
		}
		<-time.After(time.Millisecond)
	}
	return false
}

func theFirstConnectIsAGap(b *notifierBench) {
	watcher := b.another()
	for range 2 {
		w := watcher.watch()
		if !w.hears(isGap) {
			b.violated("Watch tells of no gap within %v after its first connect", b.limits.HintWithin)
		}
		w.end()
	}
}

func everyReconnectIsAGap(b *notifierBench) {
	cutter, able := b.cutter()
	if !able {
		return
	}
	w := b.another().watchFromNow()
	for range 3 {
		before := w.count(isGap)
		b.must(cutter.Cut(), "cut the connections")
		b.journal.note(b.now(), "all connections are cut")
		if !w.hearsTimes(isGap, before+1) {
			b.violated("Watch tells of no gap within %v after its connection was cut", b.limits.HintWithin)
		}
	}
}

func watchFailsOnlyWhenRefused(b *notifierBench) {
	refuser, able := can[Refuser](b.probe, b.instance)
	if !able {
		return
	}
	publisher, watcher := b.another(), b.another()
	b.must(refuser.Refuse(), "have the server refuse")
	w := watcher.watch()
	// Either is good: it gives up with a definite answer, or tries on.
	b.awaitBriefly(w.hasReturned)
	if w.hasReturned() && !errors.Is(w.err, ports.ErrRefused) {
		b.violated("Watch returned %v when the server refused; that is no ErrRefused, and its ctx has not ended", w.err)
	}
	b.must(refuser.Accept(), "have the server accept again")
	if !w.hasReturned() {
		hint := nameHint("accepted")
		if !b.await(func() bool { _ = publisher.publish(hint); return w.hearsSoon(hint) }) {
			b.violated("Watch did not give up when the server refused, and hears nothing %v after it accepts again", b.limits.HintWithin)
		}
	}
}

// awaitBriefly waits for what need not happen.
func (b *notifierBench) awaitBriefly(condition func() bool) {
	const briefly = time.Second
	for end := time.Now().Add(briefly); !condition() && time.Now().Before(end); {
		<-time.After(time.Millisecond)
	}
}

func deliverIsCalledByOneAtATime(b *notifierBench) {
	const publishers, each = 4, 25
	w, other := b.another().watchFromNow(), b.another().watchFromNow()
	release := w.hold()
	defer release()
	handles := make([]*notifierHandle, publishers)
	for i := range handles {
		handles[i] = b.another()
	}
	// What comes before deliver is busy may all be one call.
	first := nameHint("first")
	handles[0].published(first)
	// With several connections the gap of one that is late may come before it.
	if !b.await(w.isBusy) {
		b.violated("the Watch of %s has heard nothing within %v, but %s was published", w.name, b.limits.HintWithin, hintText(first))
	}
	var parts []func()
	for i, handle := range handles {
		parts = append(parts, func() {
			for n := range each {
				handle.published(nameHint(fmt.Sprint("from ", i, " ", n)))
			}
		})
	}
	b.together(parts...)
	b.expireOne("expires while deliver is busy")
	delivered := nameHint("delivered elsewhere")
	handles[0].published(delivered)
	other.expectHeard(delivered, "it was published")
	b.awaitBriefly(w.isTogether)
	release()
	last := nameHint("last")
	handles[0].published(last)
	w.expectHeard(last, "it was published when deliver was ready again")
	if w.isTogether() {
		b.violated("deliver was called while an earlier call of it had not returned")
	}
}

func (w *watching) isTogether() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.together
}

func (w *watching) isBusy() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.busy
}

func deliverMayBlock(b *notifierBench) {
	publisher := b.another()
	blocked, other := b.another().watchFromNow(), b.another().watchFromNow()
	release := blocked.hold()
	defer release()
	for i := range 20 {
		hint := nameHint(fmt.Sprint("s", i))
		publisher.published(hint)
		other.expectHeard(hint, "it was published, while the deliver of another Watch was busy")
	}
	release()
	blocked.expectHeard(nameHint("s0"), "it was published, and deliver is ready again")
	after := nameHint("after")
	publisher.published(after)
	blocked.expectHeard(after, "it was published when deliver was ready again")
}

// whatIsDroppedIsAGap lets more pile up than most keep. Whoever keeps all of it
// has dropped nothing.
func whatIsDroppedIsAGap(b *notifierBench) {
	const much = 30_000
	b.pileUp(30, much/30)
	b.pileUp(1, much) // the end of one batch may be all that does not fit
}

// pileUp publishes batches while deliver is busy.
func (b *notifierBench) pileUp(batches, each int) {
	publisher := b.another()
	w := b.another().watchFromNow()
	release := w.hold()
	defer release()
	gaps := w.count(isGap)
	for batch := range batches {
		hints := make([]ports.Hint, each)
		for i := range hints {
			hints[i] = nameHint(fmt.Sprint("much ", batches, " ", batch, " ", i))
		}
		publisher.published(hints...)
	}
	release()
	last := nameHint(fmt.Sprint("last of ", batches))
	if !b.await(func() bool { _ = publisher.publish(last); return w.hearsSoon(last) }) {
		b.stop("Watch hears nothing %v after much has piled up", b.limits.HintWithin)
	}
	got := w.count(func(hint ports.Hint) bool { return hint != last && hint.Kind == ports.HintName })
	if got < batches*each && !w.hearsTimes(isGap, gaps+1) {
		b.violated("of %d hints that were published in %d batches while deliver was busy %d were heard, and no gap", batches*each, batches, got)
	}
}
