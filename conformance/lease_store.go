package conformance

import (
	"github.com/streamlease/streamlease/ports"
)

var leaseStoreQuestions = []leaseQuestion{
	{
		where:   "LeaseStore",
		text:    "LeaseStore keeps who has the time-limited right to which stream name.",
		examine: everyHandleSeesTheSameStore,
	}, {
		where:   "LeaseStore.Shape",
		text:    "Shape is what one grant covers. It never changes.",
		examine: shapeNeverChanges,
	}, {
		where:   "LeaseStore",
		text:    "An expired lease or grant is gone for ever, even if nobody took the name since: no call brings it back.",
		examine: whatHasExpiredIsGone,
	}, {
		where:   "LeaseStore",
		text:    "Every change of a grant's set of leases raises the grant's change number by one, whoever made it",
		examine: everyChangeCounts,
	}, {
		where:   "LeaseStore",
		text:    "The change numbers in the results are those right after the item.",
		examine: changeNumbersAreRightAfterTheItem,
	}, {
		where:   "LeaseStore",
		text:    "an Acquire, a Release, an operator.",
		examine: aKeyThatIsDeletedIsNoticed,
	},
}

func everyHandleSeesTheSameStore(b *leaseBench) {
	held := b.holding(2)
	other := b.another()
	results, _ := other.inspect(held[0].Ref.Name)
	if !results[0].Held || results[0].Holder.Lease != held[0] {
		b.violated("another handle sees %s; the store holds %s", b.inspectedText(results[0]), b.leaseText(held[0]))
	}
	released, _ := other.release(ports.ReleaseRequest{Lease: held[0]})
	if released[0].Err != nil || !released[0].Changed {
		b.violated("another handle cannot release the lease of the first: %s", releasedText(released[0]))
	}
	b.expectFree(held[0].Ref.Name, "another handle has released it")

	elsewhere := newLeaseBench(b.probe, b.harness)
	defer elsewhere.close()
	elsewhere.expectFree(held[1].Ref.Name, "this is another store, on which nothing was acquired")
	elsewhere.expectUnknownGrant(held[1].Grant, "this is another store, on which it was never opened")
	elsewhere.opened(bob, held[1].Ref.Name, long)
	b.expectHeld(held[1], "the same name was acquired on another store only")
}

func shapeNeverChanges(b *leaseBench) {
	if b.shape != ports.GrantPerMember && b.shape != ports.GrantPerLease {
		b.stop("Shape answers %d; it must be GrantPerMember or GrantPerLease", b.shape)
	}
	b.holding(2)
	for _, handle := range []*leaseHandle{b.store, b.another()} {
		if shape := handle.port.Shape(); shape != b.shape {
			b.violated("Shape of %s answers %v; it answered %v before", handle.name, shape, b.shape)
		}
	}
}

func whatHasExpiredIsGone(b *leaseBench) {
	lost := b.lost(2)
	for _, lease := range lost {
		b.expectFree(lease.Ref.Name, "its lease has expired")
	}
	b.staysGone(lost[0], "nobody took the name since")
	taken, _ := b.opened(bob, lost[0].Ref.Name, long)
	b.staysGone(lost[0], "bob has taken the name since")
	b.expectHeld(taken, "bob acquired it when alice's lease had expired")
	b.staysGone(lost[1], "nobody took the name since")
	b.expectFree(lost[1].Ref.Name, "its lease has expired")
	again := b.acquire(alice, ports.AcquireRequest{Ref: lost[1].Ref, Grant: b.newGrant(), Open: true})
	b.expectSuccess(again.Err, "alice's Acquire, in a new grant, of what her expired grant left behind")
}

// staysGone tries all that could bring back a lease of alice's.
func (b *leaseBench) staysGone(lease ports.Lease, since string) {
	b.expectError(b.renew(lease.Grant, long).Err, isExpired, "ErrExpired", "Renew of a grant that has expired ("+since+")")
	rejoined := b.acquire(alice, ports.AcquireRequest{Ref: lease.Ref, Grant: lease.Grant})
	if rejoined.Err == nil {
		b.violated("Acquire without Open in a grant that has expired succeeded (%s)", since)
	}
	result := b.inspect(lease.Ref.Name)
	if result.Held && result.Holder.Lease.Grant == lease.Grant {
		b.violated("%s is held again by the grant that had expired (%s)", shortName(lease.Ref.Name), since)
	}
	b.expectError(b.renew(lease.Grant, long).Err, isExpired, "ErrExpired", "Renew, again, of a grant that has expired ("+since+")")
}

func everyChangeCounts(b *leaseBench) {
	if !b.sessions() {
		b.singleChangesCount()
		return
	}
	held := b.holding(3)
	grant := held[0].Grant
	b.expectTally(b.renew(grant, long).Tally, ports.Tally{Change: 3, Count: 3}, "Renew after three Acquires")
	b.another().release(ports.ReleaseRequest{Lease: held[1]})
	b.expectTally(b.renew(grant, long).Tally, ports.Tally{Change: 4, Count: 2}, "Renew after a Release by another handle")
	b.further(held, "more", long)
	b.released(held[0])
	b.expectTally(b.renew(grant, long).Tally, ports.Tally{Change: 6, Count: 2}, "Renew after one Acquire and one Release more")
	b.inspect("more")
	b.release(held[0])
	b.expectTally(b.renew(grant, long).Tally, ports.Tally{Change: 6, Count: 2}, "Renew after a Release that had nothing to release")

	for _, lease := range []ports.Lease{held[2], b.leaseOn("more")} {
		b.released(lease)
	}
	b.expectTally(b.renew(grant, long).Tally, ports.Tally{Change: 8, Count: 0}, "Renew when all was released")
	b.further(held, "after all", long)
	b.expectTally(b.renew(grant, long).Tally, ports.Tally{Change: 9, Count: 1}, "Renew after an Acquire in a grant that was empty")

	lost := b.lost(3)
	b.opened(bob, lost[1].Ref.Name, long)
	page, err := b.store.leases(lost[0].Grant, "", 10)
	b.expectSuccess(err, "Leases of a grant that has expired with leases in it")
	b.expectTally(page.Tally, ports.Tally{Change: 4, Count: 2}, "Leases of an expired grant with three leases, after bob took one,")
}

// leaseOn is the lease that holds a name.
func (b *leaseBench) leaseOn(name string) ports.Lease { return b.inspect(name).Holder.Lease }

func (b *leaseBench) singleChangesCount() {
	lease := b.holding(1)[0]
	b.expectTally(b.renew(lease.Grant, long).Tally, ports.Tally{Change: 1, Count: 1}, "Renew of a grant with its lease")
	page, err := b.store.leases(lease.Grant, "", 10)
	b.expectSuccess(err, "Leases of a grant with its lease")
	b.expectTally(page.Tally, ports.Tally{Change: 1, Count: 1}, "Leases of a grant with its lease")
	b.inspect(lease.Ref.Name)
	b.release(ports.Lease{Ref: lease.Ref, Grant: lease.Grant, Token: lease.Token - 1})
	b.expectTally(b.renew(lease.Grant, long).Tally, ports.Tally{Change: 1, Count: 1}, "Renew after a Release with another token")
	lost := b.lost(1)[0]
	page, err = b.store.leases(lost.Grant, "", 10)
	b.expectSuccess(err, "Leases of a grant that has expired with its lease")
	b.expectTally(page.Tally, ports.Tally{Change: 1, Count: 1}, "Leases of an expired grant with its lease")
}

func changeNumbersAreRightAfterTheItem(b *leaseBench) {
	first := b.holding(1)
	var requests []ports.AcquireRequest
	for _, name := range []string{"x", "y", "z"} {
		requests = append(requests, b.requestFor(first, name))
	}
	results, _ := b.store.acquire(alice, long, requests...)
	var releases []ports.ReleaseRequest
	for i, result := range results {
		want := ports.Tally{Change: 1, Count: 1}
		if b.sessions() {
			want = ports.Tally{Change: int64(i) + 2, Count: int64(i) + 2}
		}
		b.expectTally(result.Tally, want, "one of three Acquires in one call")
		releases = append(releases, ports.ReleaseRequest{Lease: ports.Lease{Ref: requests[i].Ref, Grant: requests[i].Grant, Token: result.Token}})
	}
	released, _ := b.store.release(releases...)
	for i, result := range released {
		want := ports.Tally{Change: 2, Count: 0}
		if b.sessions() {
			want = ports.Tally{Change: int64(i) + 5, Count: 3 - int64(i)}
		}
		b.expectTally(result.Tally, want, "one of three Releases in one call")
	}
}
