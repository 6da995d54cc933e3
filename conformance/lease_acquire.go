package conformance

import (
	"time"

	"github.com/streamlease/streamlease/ports"
)

var acquireQuestions = []leaseQuestion{
	{
		where:   "LeaseStore.Acquire",
		text:    "Acquire leases names to member for ttl.",
		examine: acquireLastsForItsTTL,
	}, {
		where:   "LeaseStore.Acquire",
		text:    "At most one live lease exists for a name at any instant",
		examine: oneLiveLeaseForAName,
		chance:  true,
	}, {
		where:   "LeaseStore.Acquire",
		text:    "a name that any live lease holds, one of the caller's own included, is ErrHeld.",
		examine: whatALiveLeaseHoldsIsHeld,
	}, {
		where:   "LeaseStore.Acquire",
		text:    "The lease joins the request's grant, and the grant is extended to now + ttl (never shortened) in the same step.",
		examine: acquireExtendsItsGrant,
	}, {
		where:   "LeaseStore.Acquire",
		text:    "A request with Open makes the grant",
		examine: openMakesTheGrant,
	}, {
		where:   "LeaseStore.Acquire",
		text:    "Without Open, a grant that the store does not know or that has expired is ErrExpired, and nothing is made, whether or not the name is held",
		examine: withoutOpenNothingIsMade,
	}, {
		where:   "LeaseStore.Acquire",
		text:    "a call that executes late must not revive what is gone.",
		examine: aLateCallRevivesNothing,
	}, {
		where:   "LeaseStore.Acquire",
		text:    "Open for a grant that lives joins it",
		examine: openJoinsAGrantThatLives,
	}, {
		where:   "LeaseStore.Acquire",
		text:    "for one that is over, ErrExpired as far as the store remembers it.",
		examine: openDoesNotReviveAGrant,
	}, {
		where:   "AcquireResult.Holder",
		text:    "Holder is who has the lease, when Err is ErrHeld, as far as the store knows.",
		examine: heldSaysByWhom,
	}, {
		where:   "AcquireResult.Tally",
		text:    "Tally is the grant's, right after this item; meaningless unless Err is nil or ErrHeld. With ErrHeld it is zero for a grant that was never made.",
		examine: acquireAnswersItsGrantsTally,
	}, {
		where:   "LeaseStore.Acquire",
		text:    "When the store is out of memory Acquire is ErrRefused.",
		examine: acquireIsRefusedOutOfMemory,
	},
}

func acquireLastsForItsTTL(b *leaseBench) {
	b.withTTL(func(ttl time.Duration) bool {
		ttl = ttl*19/10 + 300*time.Microsecond // no round number: rounding down would be early
		lease, when := b.opened(alice, "s-"+ttl.String(), ttl)
		expected := lifeOf(when, ttl)
		if !b.expectLife(lease, expected, "it was acquired for "+ttl.String()) {
			return false
		}
		taken := b.acquire(bob, ports.AcquireRequest{Ref: lease.Ref, Grant: b.newGrant(), Open: true})
		b.expectSuccess(taken.Err, "bob's Acquire of a name whose lease has expired")
		return true
	})
}

func whatALiveLeaseHoldsIsHeld(b *leaseBench) {
	held := b.holding(2)
	name := held[0].Ref.Name
	for _, attempt := range []struct {
		by      ports.Member
		request ports.AcquireRequest
		what    string
	}{
		{alice, b.requestFor(held, name), "alice's Acquire of a name that she holds"},
		{alice, ports.AcquireRequest{Ref: ref(name), Grant: held[0].Grant, Open: true}, "alice's Acquire of a name that she holds, opening the same grant again"},
		{bob, ports.AcquireRequest{Ref: ref(name), Grant: b.newGrant(), Open: true}, "bob's Acquire of a name that alice holds"},
		{twin, ports.AcquireRequest{Ref: ref(name), Grant: b.newGrant(), Open: true}, "the Acquire of a member with alice's ID and another incarnation"},
		{bob, ports.AcquireRequest{Ref: ports.StreamRef{Name: name, MessageID: "9-9"}, Grant: b.newGrant(), Open: true}, "bob's Acquire of the same name with another message ID"},
	} {
		results, _ := b.store.acquire(attempt.by, long, attempt.request)
		b.expectError(results[0].Err, isHeld, "ErrHeld", attempt.what)
		results, _ = b.another().acquire(attempt.by, long, attempt.request)
		b.expectError(results[0].Err, isHeld, "ErrHeld", attempt.what+" over another handle")
		b.expectHeld(held[0], "alice acquired it and never released it")
	}
	b.twiceInOneCall(held)
}

// twiceInOneCall asks for one name twice at once: the second meets the first.
func (b *leaseBench) twiceInOneCall(held []ports.Lease) {
	first, second := b.requestFor(held, "twice"), b.requestFor(held, "twice")
	results, _ := b.store.acquire(alice, long, first, second)
	b.expectSuccess(results[0].Err, "the first of two requests for one name in one call")
	b.expectError(results[1].Err, isHeld, "ErrHeld", "the second of two requests for one name in one call")
}

func acquireExtendsItsGrant(b *leaseBench) {
	lease := b.holding(1)[0]
	b.expectSuccess(b.renew(lease.Grant, long).Err, "Renew of the grant of a lease")
	b.expectListed(lease.Grant, []ports.Lease{lease}, "it was acquired in this grant")
	if !b.sessions() {
		return
	}
	b.withTTL(func(ttl time.Duration) bool { return b.joinExtends(ttl, 3*ttl) })
	b.withTTL(func(ttl time.Duration) bool { return b.joinExtends(3*ttl, ttl) })
}

// joinExtends opens a grant for one time and joins it for another; the longer
// counts for both leases.
func (b *leaseBench) joinExtends(opened, joined time.Duration) (conclusive bool) {
	suffix := opened.String()
	first, when := b.opened(alice, "first-"+suffix, opened)
	expected := lifeOf(when, opened)
	results, when := b.store.acquire(alice, joined, ports.AcquireRequest{Ref: ref("second-" + suffix), Grant: first.Grant})
	if isExpired(results[0].Err) && when.ended >= expected.liveUntil {
		return false
	}
	if results[0].Err != nil {
		b.stop("Acquire in a grant that lives failed: %v", results[0].Err)
	}
	expected = expected.extendedBy(when, joined)
	return b.expectLife(first, expected, "its grant was opened for "+opened.String()+" and joined by another lease for "+joined.String())
}

func openMakesTheGrant(b *leaseBench) {
	lease, _ := b.opened(alice, "s", long)
	b.expectHeld(lease, "alice has just acquired it with Open")
	b.expectSuccess(b.renew(lease.Grant, long).Err, "Renew of a grant that was just opened")
	if b.sessions() {
		joined := b.acquire(alice, ports.AcquireRequest{Ref: ref("t"), Grant: lease.Grant})
		b.expectSuccess(joined.Err, "Acquire without Open in a grant that was just opened")
	}
	b.openUnderAHeldName(lease)
}

// openUnderAHeldName leaves it to the store whether the grant is made. If it
// is, it is empty.
func (b *leaseBench) openUnderAHeldName(lease ports.Lease) {
	grant := b.newGrant()
	met := b.acquire(bob, ports.AcquireRequest{Ref: lease.Ref, Grant: grant, Open: true})
	b.expectError(met.Err, isHeld, "ErrHeld", "Acquire with Open of a name that is held")
	switch renewed := b.renew(grant, long); {
	case renewed.Err == nil:
		b.expectTally(renewed.Tally, ports.Tally{}, "Renew of a grant whose only request met a holder")
	case !isExpired(renewed.Err):
		b.violated("Renew of a grant whose only request met a holder failed with %s", shortError(renewed.Err))
	}
}

func withoutOpenNothingIsMade(b *leaseBench) {
	b.acquireIsExpired(b.newGrant(), "unknown", "a grant that was never opened")

	gone := b.holding(1)[0]
	b.released(gone)
	b.ended(gone.Grant)
	b.acquireIsExpired(gone.Grant, "ended", "a grant that was ended")

	lost := b.lost(1)[0]
	b.acquireIsExpired(lost.Grant, "expired", "a grant that has expired")
	b.expectFree(lost.Ref.Name, "its grant has expired")
	b.opened(bob, lost.Ref.Name, long)
	b.acquireIsExpired(lost.Grant, "collected", "a grant that has expired and of which nothing is left")
	b.expectUnknownGrant(lost.Grant, "nothing is left of it")

	held, _ := b.opened(bob, "held", long)
	met := b.acquire(alice, ports.AcquireRequest{Ref: held.Ref, Grant: b.newGrant()})
	b.expectError(met.Err, isExpired, "ErrExpired", "Acquire of a name that is held, without Open in a grant that was never opened")
}

// acquireIsExpired tries name in a grant that is not there, alone and in the
// company of a request that succeeds.
func (b *leaseBench) acquireIsExpired(grant ports.GrantID, name, what string) {
	alone := b.acquire(alice, ports.AcquireRequest{Ref: ref(name), Grant: grant})
	b.expectError(alone.Err, isExpired, "ErrExpired", "Acquire without Open in "+what)
	results, _ := b.store.acquire(alice, long,
		ports.AcquireRequest{Ref: ref("beside " + name), Grant: b.newGrant(), Open: true},
		ports.AcquireRequest{Ref: ref(name), Grant: grant})
	b.expectSuccess(results[0].Err, "Acquire with Open")
	b.expectError(results[1].Err, isExpired, "ErrExpired", "Acquire without Open in "+what+", in one call with a request that opens another")
	b.expectFree(name, "the Acquire of it named "+what)
	if err := b.renew(grant, long).Err; !isExpired(err) {
		b.violated("Renew answers %v after an Acquire in %s: the grant was made", err, what)
	}
}

func openJoinsAGrantThatLives(b *leaseBench) {
	if !b.sessions() {
		b.aSingleGrantIsOpenedOnce()
		return
	}
	held := b.holding(2)
	again := b.acquire(alice, ports.AcquireRequest{Ref: ref("joined"), Grant: held[0].Grant, Open: true})
	b.expectSuccess(again.Err, "Acquire with Open in a grant that lives")
	b.expectTally(again.Tally, ports.Tally{Change: 3, Count: 3}, "the third Acquire in a grant, again with Open,")
	joined := ports.Lease{Ref: ref("joined"), Grant: held[0].Grant, Token: again.Token}
	b.expectListed(joined.Grant, append(held, joined), "an Acquire with Open joined the grant")
}

// aSingleGrantIsOpenedOnce is what joining can mean where a grant is one lease:
// the lease stays what it is.
func (b *leaseBench) aSingleGrantIsOpenedOnce() {
	lease := b.holding(1)[0]
	again := b.acquire(alice, ports.AcquireRequest{Ref: lease.Ref, Grant: lease.Grant, Open: true})
	b.expectError(again.Err, isHeld, "ErrHeld", "Acquire with Open, again, in a grant that has this lease")
	b.expectHeld(lease, "its grant was opened once more")
	b.expectTally(b.renew(lease.Grant, long).Tally, ports.Tally{Change: 1, Count: 1}, "Renew of a grant with one lease")
}

func openDoesNotReviveAGrant(b *leaseBench) {
	lost := b.lost(1)[0]
	if _, err := b.store.leases(lost.Grant, "", 10); err != nil {
		b.stop("Leases of a grant that has expired with a lease in it failed: %v", err)
	}
	reopened := b.acquire(alice, ports.AcquireRequest{Ref: ref("other"), Grant: lost.Grant, Open: true})
	b.expectError(reopened.Err, isExpired, "ErrExpired", "Acquire with Open in a grant that has expired and left something behind")
	b.expectFree("other", "the Acquire of it named a grant that is over")
	again := b.acquire(alice, ports.AcquireRequest{Ref: lost.Ref, Grant: lost.Grant, Open: true})
	b.expectError(again.Err, isExpired, "ErrExpired", "Acquire with Open of the very name that an expired grant left behind")
	b.expectFree(lost.Ref.Name, "the Acquire of it named a grant that is over")
}

func heldSaysByWhom(b *leaseBench) {
	held := b.holding(2)
	met := b.acquire(bob, ports.AcquireRequest{Ref: held[0].Ref, Grant: b.newGrant(), Open: true})
	b.expectError(met.Err, isHeld, "ErrHeld", "bob's Acquire of a name that alice holds")
	if met.Holder == (ports.Holder{}) {
		b.uncoveredBy("the store does not say who holds a name when it answers ErrHeld")
		return
	}
	b.expectHolder(met.Holder, alice, held[0], "ErrHeld")
}

// expectHolder wants a holder to be this member with this lease.
func (b *leaseBench) expectHolder(got ports.Holder, member ports.Member, lease ports.Lease, what string) {
	if got.Member != member {
		b.violated("the Holder of %s is the member %q/%q; it must be %q/%q", what, got.Member.ID, got.Member.Incarnation, member.ID, member.Incarnation)
	}
	if got.Lease != lease {
		b.violated("the Holder of %s has %s with message ID %q; it must be %s with message ID %q", what,
			b.leaseText(got.Lease), got.Lease.Ref.MessageID, b.leaseText(lease), lease.Ref.MessageID)
	}
	if got.ExpiresIn <= 0 || got.ExpiresIn > long {
		b.violated("the Holder of %s has %v left; the lease is live and was acquired for %v", what, got.ExpiresIn, long)
	}
}

func acquireAnswersItsGrantsTally(b *leaseBench) {
	held := b.holding(3)
	grant := b.newGrant()
	request := ports.AcquireRequest{Ref: ref("own"), Grant: grant, Open: true}
	own := b.acquire(bob, request)
	b.expectSuccess(own.Err, "Acquire of a free name")
	b.expectTally(own.Tally, ports.Tally{Change: 1, Count: 1}, "the first Acquire in a grant")
	unmade := b.acquire(bob, ports.AcquireRequest{Ref: held[0].Ref, Grant: b.newGrant(), Open: true})
	b.expectError(unmade.Err, isHeld, "ErrHeld", "Acquire with Open of a name that is held")
	b.expectTally(unmade.Tally, ports.Tally{}, "an Acquire with Open that met a holder")
	if !b.sessions() {
		return
	}
	met := b.acquire(bob, ports.AcquireRequest{Ref: held[0].Ref, Grant: grant})
	b.expectError(met.Err, isHeld, "ErrHeld", "Acquire of a name that is held")
	b.expectTally(met.Tally, ports.Tally{Change: 1, Count: 1}, "an Acquire that met a holder, in a grant with one lease,")
	mixed, _ := b.store.acquire(bob, long,
		ports.AcquireRequest{Ref: ref("b"), Grant: grant},
		ports.AcquireRequest{Ref: held[1].Ref, Grant: grant},
		ports.AcquireRequest{Ref: ref("c"), Grant: grant})
	for i, want := range []ports.Tally{{Change: 2, Count: 2}, {Change: 2, Count: 2}, {Change: 3, Count: 3}} {
		b.expectTally(mixed[i].Tally, want, "item "+string(rune('1'+i))+" of a call whose second name is held")
	}
}

func acquireIsRefusedOutOfMemory(b *leaseBench) {
	memory, able := can[MemoryLimiter](b.probe, b.instance)
	if !able {
		return
	}
	held := b.holding(1)
	b.must(memory.Exhaust(), "let the store run out of memory")
	request := b.requestFor(held, "more")
	b.expectError(b.acquire(alice, request).Err, isRefused, "ErrRefused", "Acquire when the store is out of memory")
	b.must(memory.Relieve(), "give the store memory again")
	b.expectFree("more", "the Acquire of it was refused")
	b.expectSuccess(b.acquire(alice, b.requestFor(held, "more")).Err, "Acquire when there is memory again")
}
