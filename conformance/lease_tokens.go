package conformance

import (
	"time"

	"github.com/streamlease/streamlease/ports"
)

var tokenQuestions = []leaseQuestion{
	{
		where:   "LeaseStore.Acquire",
		text:    "The token is greater than every earlier token of the name and than the floor",
		examine: tokensGrow,
	}, {
		where:   "LeaseStore.Acquire",
		text:    "also after the store was flushed, restarted or failed over with its last writes lost",
		examine: tokensGrowAfterLosses,
	}, {
		where:   "LeaseStore.Acquire",
		text:    "max(counter + 1, server clock in microseconds, floor + 1).",
		examine: tokensFollowTheClock,
	},
}

// tokenWatch remembers the highest token that a name ever had.
type tokenWatch struct {
	*leaseBench
	name string
	last ports.Token
}

// next lets member have the name, in a new grant, and gives it back.
func (w *tokenWatch) next(member ports.Member, floor ports.Token, after string) {
	w.released(w.take(member, floor, after))
}

func (w *tokenWatch) take(member ports.Member, floor ports.Token, after string) ports.Lease {
	request := ports.AcquireRequest{Ref: ref(w.name), Grant: w.newGrant(), Open: true, Floor: floor}
	lease, _ := w.acquired(member, request, long)
	w.saw(lease.Token, floor, after)
	return lease
}

func (w *tokenWatch) saw(token, floor ports.Token, after string) {
	switch {
	case token <= w.last:
		w.violated("%s, %s got token %d; an earlier token of the name is %d", after, shortName(w.name), token, w.last)
	case token <= floor:
		w.violated("%s, %s got token %d; the floor was %d", after, shortName(w.name), token, floor)
	}
	w.last = max(w.last, token)
}

func tokensGrow(b *leaseBench) {
	w := &tokenWatch{leaseBench: b, name: "s"}
	w.next(alice, 0, "at first")
	w.next(alice, 0, "after a Release, for the same member,")
	w.next(bob, 0, "after a Release, for another member,")
	w.next(bob, w.last, "with the last token as the floor")
	w.next(alice, w.last-1, "with a floor below the last token")
	w.next(alice, w.last+1_000_000_000, "with a floor far above the last token")
	w.next(bob, 0, "without a floor, after a high one,")
	w.next(bob, 1, "with a low floor, after a high one,")
	b.tokensAfterExpiry()
	b.tokensOfManyHandles()
	b.tokensInABatch()
	b.tokensOfASession()
}

func (b *leaseBench) tokensAfterExpiry() {
	lost := b.lost(1)[0]
	w := &tokenWatch{leaseBench: b, name: lost.Ref.Name, last: lost.Token}
	w.next(bob, 0, "after the expiry of the lease before")
	lost = b.lost(1)[0]
	w = &tokenWatch{leaseBench: b, name: lost.Ref.Name, last: lost.Token}
	b.release(lost)
	w.next(bob, 0, "after the late Release of an expired lease")
}

// tokensOfManyHandles lets a name go from process to process.
func (b *leaseBench) tokensOfManyHandles() {
	w := &tokenWatch{leaseBench: b, name: "from handle to handle"}
	for range 3 {
		for _, handle := range []*leaseHandle{b.store, b.another(), b.another()} {
			request := ports.AcquireRequest{Ref: ref(w.name), Grant: b.newGrant(), Open: true}
			results, _ := handle.acquire(alice, long, request)
			b.expectSuccess(results[0].Err, "Acquire of a free name")
			w.saw(results[0].Token, 0, "over "+handle.name)
			handle.release(ports.ReleaseRequest{Lease: ports.Lease{Ref: request.Ref, Grant: request.Grant, Token: results[0].Token}, EndGrant: true})
		}
	}
}

// tokensInABatch gives every request its own floor.
func (b *leaseBench) tokensInABatch() {
	w := &tokenWatch{leaseBench: b, name: "batch"}
	first := w.take(alice, 0, "at first")
	b.released(first)
	base := w.last
	b.ended(first.Grant)
	var requests []ports.AcquireRequest
	var leases []ports.Lease
	floors := []ports.Token{0, base + 5_000_000_000, base + 1_000_000_000}
	for _, name := range []string{"batch", "floor high", "floor lower"} {
		request := b.requestFor(leases, name)
		lease, _ := b.acquired(alice, request, long)
		leases = append(leases, lease)
	}
	for i, lease := range leases {
		b.released(lease)
		request := ports.AcquireRequest{Ref: lease.Ref, Grant: lease.Grant, Floor: floors[i]}
		if !b.sessions() {
			request = ports.AcquireRequest{Ref: lease.Ref, Grant: b.newGrant(), Open: true, Floor: floors[i]}
		}
		requests = append(requests, request)
	}
	results, _ := b.store.acquire(alice, long, requests...)
	for i, result := range results {
		b.expectSuccess(result.Err, "Acquire of a free name")
		w := &tokenWatch{leaseBench: b, name: leases[i].Ref.Name, last: leases[i].Token}
		w.saw(result.Token, floors[i], "in a batch with different floors")
	}
}

// tokensOfASession draws many tokens within one instant.
func (b *leaseBench) tokensOfASession() {
	if !b.sessions() {
		return
	}
	own, _ := b.opened(alice, "own", long)
	w := &tokenWatch{leaseBench: b, name: "again"}
	for range 10 {
		lease, _ := b.acquired(alice, ports.AcquireRequest{Ref: ref("again"), Grant: own.Grant}, long)
		w.saw(lease.Token, 0, "acquired again in the same grant")
		b.released(lease)
	}
}

func tokensGrowAfterLosses(b *leaseBench) {
	flusher, flushes := can[Flusher](b.probe, b.instance)
	restarter, restarts := can[Restarter](b.probe, b.instance)
	keyed, deletes := can[KeyDeleter](b.probe, b.instance)
	w := &tokenWatch{leaseBench: b, name: "s"}
	w.next(alice, 0, "at first")
	lose := func(lose func() error, what string) {
		w.take(alice, 0, "before "+what)
		b.pass(2 * b.limits.ClockStep) // the clock is what is left to tell
		b.pass(time.Millisecond)
		b.journal.note(b.now(), what)
		b.must(lose(), what)
		w.name = "s" // the lease may have survived a restart
		if held := b.inspect("s"); held.Held {
			b.released(held.Holder.Lease)
		}
		w.next(bob, 0, "after "+what)
	}
	if flushes {
		lose(flusher.Flush, "a flush of the store")
		lose(flusher.Flush, "a second flush")
	}
	if restarts {
		lose(restarter.Restart, "a restart of the store")
	}
	if deletes {
		lose(func() error { return deleteAll(keyed) }, "the loss of every key")
	}
}

func deleteAll(keyed KeyDeleter) error {
	keys, err := keyed.Keys()
	for _, key := range keys {
		if err == nil {
			err = keyed.DeleteKey(key)
		}
	}
	return err
}

// tokensFollowTheClock: two tokens lie at least as many microseconds apart as
// the store's clock moved between them. Without that a store that lost its
// counter would start again below the tokens that resources have seen.
func tokensFollowTheClock(b *leaseBench) {
	first, before := b.opened(alice, "s", long)
	b.released(first)
	b.pass(20*b.limits.ClockStep + 100*time.Millisecond)
	second, after := b.opened(bob, "s", long)
	b.released(second)
	apart := after.began - before.ended
	least := (apart - 2*b.limits.ClockStep) * 9 / 10 // two clocks are compared
	if got := time.Duration(second.Token-first.Token) * time.Microsecond; got < least {
		b.violated("two tokens that were drawn %v apart differ by %d; a token is never below the store's clock in microseconds", apart, second.Token-first.Token)
	}
	floor := second.Token + 7_000_000
	third := b.acquire(alice, ports.AcquireRequest{Ref: ref("s"), Grant: b.newGrant(), Open: true, Floor: floor})
	b.expectSuccess(third.Err, "Acquire with a floor")
	if third.Token <= floor {
		b.violated("the token %d is not greater than the floor %d", third.Token, floor)
	}
}
