package conformance

import (
	"time"

	"github.com/streamlease/streamlease/ports"
)

var inspectQuestions = []leaseQuestion{
	{
		where:   "LeaseStore.Inspect",
		text:    "Inspect says who holds the names, for anybody.",
		examine: inspectSaysWhoHoldsTheNames,
	}, {
		where:   "LeaseStore.Inspect",
		text:    "It changes nothing.",
		examine: inspectChangesNothing,
	}, {
		where:   "InspectResult.Held",
		text:    "Held: a live lease holds the name, and Holder says whose.",
		examine: onlyALiveLeaseIsHeld,
	}, {
		where:   "Holder.ExpiresIn",
		text:    "ExpiresIn is how long the lease has left, by the store's clock.",
		examine: expiresInIsWhatIsLeft,
	},
}

func inspectSaysWhoHoldsTheNames(b *leaseBench) {
	held := b.holding(2)
	bobs, _ := b.opened(bob, "bob's", long)
	twins, _ := b.opened(twin, "twin's", long)
	names := []string{"free", held[1].Ref.Name, bobs.Ref.Name, held[0].Ref.Name, twins.Ref.Name, bobs.Ref.Name}
	for _, handle := range []*leaseHandle{b.store, b.another()} {
		results, _ := handle.inspect(names...)
		if results[0].Err != nil || results[0].Held {
			b.violated("Inspect of a name that nobody ever had answers %s", b.inspectedText(results[0]))
		}
		b.expectInspected(results[1], alice, held[1])
		b.expectInspected(results[2], bob, bobs)
		b.expectInspected(results[3], alice, held[0])
		b.expectInspected(results[4], twin, twins)
		b.expectInspected(results[5], bob, bobs) // once more in the same call
	}
}

func (b *leaseBench) expectInspected(result ports.InspectResult, member ports.Member, lease ports.Lease) {
	if result.Err != nil || !result.Held {
		b.violated("Inspect of %s answers %s; %s holds it", shortName(lease.Ref.Name), b.inspectedText(result), member.Incarnation)
		return
	}
	b.expectHolder(result.Holder, member, lease, "Inspect of "+shortName(lease.Ref.Name))
}

func inspectChangesNothing(b *leaseBench) {
	held := b.holding(2)
	before := b.renew(held[0].Grant, long).Tally
	for range 3 {
		b.store.inspect("free", held[0].Ref.Name, held[1].Ref.Name)
	}
	b.expectTally(b.renew(held[0].Grant, long).Tally, before, "Renew after three Inspects")
	fresh := b.acquire(bob, ports.AcquireRequest{Ref: ref("free"), Grant: b.newGrant(), Open: true})
	b.expectSuccess(fresh.Err, "Acquire of a name that was free and inspected")

	lost := b.lost(2)
	b.store.inspect(lost[0].Ref.Name, lost[1].Ref.Name)
	b.expectListed(lost[1].Grant, lost[len(lost)-b.perGrant(2):], "the names that a dead grant left behind were only inspected")
	b.withTTL(func(ttl time.Duration) bool {
		// expectLife inspects again and again.
		lease, when := b.opened(alice, "s-"+ttl.String(), ttl)
		return b.expectLife(lease, lifeOf(when, ttl), "it was inspected many times, which extends nothing")
	})
}

// perGrant is how many of count leases are in one grant.
func (b *leaseBench) perGrant(count int) int {
	if b.sessions() {
		return count
	}
	return 1
}

func onlyALiveLeaseIsHeld(b *leaseBench) {
	lease := b.holding(1)[0]
	b.expectHeld(lease, "alice acquired it")
	b.released(lease)
	b.expectFree(lease.Ref.Name, "alice has released it")
	for _, lost := range b.lost(2) {
		b.expectFree(lost.Ref.Name, "its lease has expired")
		taken, _ := b.opened(bob, lost.Ref.Name, long)
		result := b.inspect(lost.Ref.Name)
		b.expectInspected(result, bob, taken)
	}
}

func expiresInIsWhatIsLeft(b *leaseBench) {
	const passed = 100 * time.Millisecond
	lease, when := b.opened(alice, "s", long)
	expected := lifeOf(when, long)
	for range 3 {
		b.pass(passed)
		results, when := b.store.inspect(lease.Ref.Name)
		b.expectLeft(results[0].Holder.ExpiresIn, expected, when, "Inspect")
	}
	results, when := b.store.acquire(bob, long, ports.AcquireRequest{Ref: lease.Ref, Grant: b.newGrant(), Open: true})
	if left := results[0].Holder.ExpiresIn; left != 0 {
		b.expectLeft(left, expected, when, "the Holder of ErrHeld")
	}
	_, when = b.store.renew(2*long, lease.Grant)
	expected = expected.extendedBy(when, 2*long)
	results2, when := b.store.inspect(lease.Ref.Name)
	b.expectLeft(results2[0].Holder.ExpiresIn, expected, when, "Inspect after a Renew")
}

// expectLeft allows for clocks that do not run quite alike.
func (b *leaseBench) expectLeft(left time.Duration, expected life, when span, what string) {
	tolerance := 2 * b.limits.ClockStep
	if !b.isVirtual() {
		tolerance += 2 * lateness
	}
	least, most := expected.liveUntil-when.ended-tolerance, expected.goneAfter-when.began+tolerance
	if left < least || left > most {
		b.violated("%s says that the lease has %v left; it is between %v and %v", what, left, least, most)
	}
}
