package conformance

import (
	"github.com/streamlease/streamlease/ports"
)

var releaseQuestions = []leaseQuestion{
	{
		where:   "LeaseStore.Release",
		text:    "Release gives leases back; the names are free at once.",
		examine: whatIsReleasedIsFree,
	}, {
		where:   "LeaseStore.Release",
		text:    "It needs the exact token and grant: anything else is left alone, and is a success too, as is a lease that is gone already.",
		examine: releaseNeedsTheExactLease,
	}, {
		where:   "ReleaseResult.Changed",
		text:    "Changed: this very call removed the lease.",
		examine: releaseSaysWhetherItRemovedTheLease,
	}, {
		where:   "LeaseStore.Release",
		text:    "With EndGrant a grant in which nothing is left ends",
		examine: endGrantEndsAnEmptyGrant,
	}, {
		where:   "LeaseStore.Release",
		text:    "a request without a name does only that.",
		examine: aRequestWithoutANameOnlyEnds,
	}, {
		where:   "LeaseStore.Release",
		text:    "Release works when the store is out of memory.",
		examine: releaseWorksOutOfMemory,
	},
}

func whatIsReleasedIsFree(b *leaseBench) {
	held := b.holding(3)
	results, _ := b.store.release(ports.ReleaseRequest{Lease: held[0]}, ports.ReleaseRequest{Lease: held[2]})
	for i, lease := range []ports.Lease{held[0], held[2]} {
		b.expectSuccess(results[i].Err, "Release of a lease that is there")
		b.expectFree(lease.Ref.Name, "alice has released it")
		taken := b.acquire(bob, ports.AcquireRequest{Ref: lease.Ref, Grant: b.newGrant(), Open: true})
		b.expectSuccess(taken.Err, "bob's Acquire of a name that alice has released")
	}
	b.expectHeld(held[1], "it was not among those that were released")
	b.expectListedNot(held[0])
}

// expectListedNot wants a lease that was released to be listed no more.
func (b *leaseBench) expectListedNot(lease ports.Lease) {
	leases, _, _ := b.listedBy(lease.Grant, 100)
	for _, found := range leases {
		if found == lease {
			b.violated("Leases lists %s, which was released", b.leaseText(lease))
		}
	}
}

func releaseNeedsTheExactLease(b *leaseBench) {
	held := b.holding(2)
	bobs, _ := b.opened(bob, "bob's", long)
	before := b.renew(held[0].Grant, long).Tally
	older, newer, otherGrant, unknownGrant, noToken, otherName := held[0], held[0], held[0], held[0], held[0], held[0]
	older.Token--
	newer.Token++
	noToken.Token = 0
	otherGrant.Grant = bobs.Grant
	unknownGrant.Grant = b.newGrant()
	otherName.Ref.Name = held[1].Ref.Name
	for _, wrong := range []struct {
		lease ports.Lease
		what  string
	}{
		{older, "an older token"}, {newer, "a newer token"}, {noToken, "no token"},
		{otherGrant, "bob's grant"}, {unknownGrant, "an unknown grant"},
		{otherName, "the token of another lease"},
	} {
		b.releaseDoesNothing(wrong.lease, "Release with "+wrong.what)
	}
	for _, lease := range append(held, bobs) {
		b.expectHeld(lease, "no Release named its name, grant and token together")
	}
	b.expectTally(b.renew(held[0].Grant, long).Tally, before, "Renew after Releases that did not fit")
	b.releaseOfWhatIsGone(held[0])
}

// releaseDoesNothing makes a Release that fits nothing, alone and with
// EndGrant.
func (b *leaseBench) releaseDoesNothing(lease ports.Lease, what string) {
	for _, endGrant := range []bool{false, true} {
		results, _ := b.store.release(ports.ReleaseRequest{Lease: lease, EndGrant: endGrant})
		if results[0].Err != nil || results[0].Changed {
			b.violated("%s answered %s; it must succeed and change nothing", what, releasedText(results[0]))
		}
	}
}

func (b *leaseBench) releaseOfWhatIsGone(lease ports.Lease) {
	b.released(lease)
	b.releaseDoesNothing(lease, "Release of a lease that was released")
	again, _ := b.opened(bob, lease.Ref.Name, long)
	b.releaseDoesNothing(lease, "Release of a lease that was released, and whose name bob has")
	b.expectHeld(again, "the Release named the lease before")
	lost := b.lost(1)[0]
	taken, _ := b.opened(bob, lost.Ref.Name, long)
	b.releaseDoesNothing(lost, "Release of a lease that has expired, and whose name bob has")
	b.expectHeld(taken, "the Release named the lease before")
}

func releaseSaysWhetherItRemovedTheLease(b *leaseBench) {
	held := b.holding(2)
	results, _ := b.store.release(
		ports.ReleaseRequest{Lease: held[0]},
		ports.ReleaseRequest{Lease: held[0]},
		ports.ReleaseRequest{Lease: held[1]})
	for i, want := range []bool{true, false, true} {
		if results[i].Err != nil || results[i].Changed != want {
			b.violated("item %d of a Release of one lease, the same again and another answered %s; Changed must be %v", i+1, releasedText(results[i]), want)
		}
	}
	lost := b.lost(1)[0]
	for _, want := range []bool{true, false} {
		if released := b.release(lost); released.Err != nil || released.Changed != want {
			b.violated("Release of what an expired grant left behind answered %s; Changed must be %v", releasedText(released), want)
		}
	}
}

func endGrantEndsAnEmptyGrant(b *leaseBench) {
	held := b.holding(2)
	if b.sessions() {
		b.endingWaitsForTheLastLease(held)
	}
	last, _ := b.opened(alice, "last", long)
	results, _ := b.store.release(ports.ReleaseRequest{Lease: last, EndGrant: true})
	if results[0].Err != nil || !results[0].Changed {
		b.violated("Release with EndGrant of the only lease of a grant answered %s", releasedText(results[0]))
	}
	b.expectFree("last", "it was released with EndGrant")
	b.expectUnknownGrant(last.Grant, "it was ended with its last lease")
	if b.sessions() {
		b.endsWithinABatch()
	}
	one, _ := b.opened(alice, "the one", long)
	other, _ := b.opened(bob, "the other", long)
	b.store.release(ports.ReleaseRequest{Lease: one, EndGrant: true}, ports.ReleaseRequest{Lease: other, EndGrant: true})
	b.expectUnknownGrant(one.Grant, "the first of two requests of one Release emptied and ended it")
	b.expectUnknownGrant(other.Grant, "the second of two requests of one Release emptied and ended it")
}

// endsWithinABatch empties a grant and ends it in one call.
func (b *leaseBench) endsWithinABatch() {
	first, _ := b.opened(alice, "first of two", long)
	second := b.further([]ports.Lease{first}, "second of two", long)
	b.store.release(ports.ReleaseRequest{Lease: first}, ports.ReleaseRequest{Lease: second, EndGrant: true})
	b.expectUnknownGrant(first.Grant, "one Release emptied and ended it")
}

func (b *leaseBench) endingWaitsForTheLastLease(held []ports.Lease) {
	grant := held[0].Grant
	b.store.release(ports.ReleaseRequest{Lease: held[0], EndGrant: true})
	b.expectSuccess(b.renew(grant, long).Err, "Renew after a Release with EndGrant in a grant with another lease left")
	b.expectHeld(held[1], "it was left in its grant when EndGrant came")
	b.released(held[1])
	b.expectSuccess(b.renew(grant, long).Err, "Renew of an empty grant that was not ended")
	b.ended(grant)
	b.expectUnknownGrant(grant, "it was empty, and was ended")
	late := b.acquire(alice, ports.AcquireRequest{Ref: ref("late"), Grant: grant})
	b.expectError(late.Err, isExpired, "ErrExpired", "Acquire without Open in a grant that was ended")
}

func aRequestWithoutANameOnlyEnds(b *leaseBench) {
	held := b.holding(2)
	for _, endGrant := range []bool{false, true} {
		results, _ := b.store.release(ports.ReleaseRequest{Lease: ports.Lease{Grant: held[0].Grant}, EndGrant: endGrant})
		if results[0].Err != nil || results[0].Changed {
			b.violated("Release without a name answered %s; there is nothing that it could remove", releasedText(results[0]))
		}
	}
	for _, lease := range held {
		b.expectHeld(lease, "a request without a name removes no lease")
		b.expectSuccess(b.renew(lease.Grant, long).Err, "Renew of a grant with a lease in it, after a request without a name,")
	}
	for _, lease := range held {
		b.released(lease)
	}
	for _, lease := range held {
		b.ended(lease.Grant)
		b.expectUnknownGrant(lease.Grant, "it was empty, and a request without a name ended it")
	}
	unknown, _ := b.store.release(ports.ReleaseRequest{Lease: ports.Lease{Grant: b.newGrant()}, EndGrant: true})
	b.expectSuccess(unknown[0].Err, "the end of a grant that the store does not know")
}

func releaseWorksOutOfMemory(b *leaseBench) {
	memory, able := can[MemoryLimiter](b.probe, b.instance)
	if !able {
		return
	}
	held := b.holding(2)
	b.must(memory.Exhaust(), "let the store run out of memory")
	released := b.release(held[0])
	b.must(memory.Relieve(), "give the store memory again")
	if released.Err != nil || !released.Changed {
		b.violated("Release answered %s when the store was out of memory", releasedText(released))
	}
	b.expectFree(held[0].Ref.Name, "it was released when the store was out of memory")
}
