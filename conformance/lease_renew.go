package conformance

import (
	"time"

	"github.com/streamlease/streamlease/ports"
)

var renewQuestions = []leaseQuestion{
	{
		where:   "LeaseStore.Renew",
		text:    "Renew extends each grant, and so every lease in it, to now + ttl (never shortens it), and answers its tally.",
		examine: renewExtendsEachGrant,
	}, {
		where:   "LeaseStore.Renew",
		text:    "A grant that the store does not know, or that has expired, is ErrExpired.",
		examine: renewOfWhatIsNotThereIsExpired,
	}, {
		where:   "LeaseStore.Renew",
		text:    "Renew works when the store is out of memory.",
		examine: renewWorksOutOfMemory,
	},
}

func renewExtendsEachGrant(b *leaseBench) {
	held := b.holding(2)
	other, _ := b.opened(bob, "bob's", long)
	results, _ := b.store.renew(long, other.Grant, held[0].Grant)
	b.expectSuccess(results[0].Err, "Renew of a grant that lives")
	b.expectSuccess(results[1].Err, "Renew of a grant that lives")
	b.expectTally(results[0].Tally, ports.Tally{Change: 1, Count: 1}, "Renew of bob's grant with one lease")
	want := ports.Tally{Change: 1, Count: 1}
	if b.sessions() {
		want = ports.Tally{Change: 2, Count: 2}
	}
	b.expectTally(results[1].Tally, want, "Renew of alice's grant")
	b.expectSuccess(b.renew(held[0].Grant, 2*long).Err, "Renew of a grant that lives")
	b.expectSuccess(b.renew(held[0].Grant, 3*long).Err, "Renew of a grant that lives")
	for _, lease := range held[:b.perGrant(2)] {
		if left := b.inspect(lease.Ref.Name).Holder.ExpiresIn; left < 2*long {
			b.violated("%s has %v left after a Renew of its grant for %v", shortName(lease.Ref.Name), left, 3*long)
		}
	}
	b.withTTL(func(ttl time.Duration) bool { return b.renewalCounts(ttl, 3*ttl) })
	b.withTTL(func(ttl time.Duration) bool { return b.renewalCounts(3*ttl, ttl) })
	b.withTTL(func(ttl time.Duration) bool { return b.renewalIsFromNowOn(ttl) })
}

// renewalCounts opens a grant for one time and renews it for another; the
// longer counts, for every lease in it.
func (b *leaseBench) renewalCounts(opened, renewed time.Duration) (conclusive bool) {
	lease, when := b.opened(alice, "s-"+opened.String()+"-"+renewed.String(), opened)
	expected := lifeOf(when, opened)
	results, when := b.store.renew(renewed, lease.Grant)
	if isExpired(results[0].Err) && when.ended >= expected.liveUntil {
		return false
	}
	if results[0].Err != nil {
		b.stop("Renew of a grant that lives failed: %v", results[0].Err)
	}
	return b.expectLife(lease, expected.extendedBy(when, renewed),
		"its grant was opened for "+opened.String()+" and renewed at once for "+renewed.String())
}

// renewalIsFromNowOn renews in the middle of a lease, which adds nothing to
// what is left.
func (b *leaseBench) renewalIsFromNowOn(ttl time.Duration) (conclusive bool) {
	lease, when := b.opened(alice, "middle-"+ttl.String(), ttl)
	expected := lifeOf(when, ttl)
	b.pass(ttl / 2)
	results, when := b.store.renew(ttl, lease.Grant)
	if results[0].Err != nil && when.ended >= expected.liveUntil {
		return false
	}
	if results[0].Err != nil {
		b.stop("Renew of a grant that lives failed: %v", results[0].Err)
	}
	return b.expectLife(lease, expected.extendedBy(when, ttl), "its grant was renewed for "+ttl.String()+" in the middle of its life")
}

func renewOfWhatIsNotThereIsExpired(b *leaseBench) {
	live, _ := b.opened(alice, "live", long)
	lost := b.lost(1)[0]
	ended, _ := b.opened(alice, "ended", long)
	b.released(ended)
	b.ended(ended.Grant)
	taken := b.lost(1)[0]
	b.opened(bob, taken.Ref.Name, long)

	results, _ := b.store.renew(long, live.Grant, lost.Grant, b.newGrant(), ended.Grant, taken.Grant, live.Grant)
	for _, i := range []int{0, 5} {
		b.expectSuccess(results[i].Err, "Renew of a grant that lives, in one call with others that do not,")
	}
	b.expectError(results[1].Err, isExpired, "ErrExpired", "Renew of a grant that has expired")
	b.expectError(results[2].Err, isExpired, "ErrExpired", "Renew of a grant that was never opened")
	b.expectError(results[3].Err, isExpired, "ErrExpired", "Renew of a grant that was ended")
	b.expectError(results[4].Err, isExpired, "ErrExpired", "Renew of a grant that has expired and whose name bob has taken")
	b.expectFree(lost.Ref.Name, "its grant has expired")
	b.anEmptyGrantExpiresToo()
}

func (b *leaseBench) anEmptyGrantExpiresToo() {
	b.withTTL(func(ttl time.Duration) bool {
		empty, when := b.opened(alice, "given back after "+ttl.String(), ttl)
		b.release(empty)
		b.passOver(when.ended + ttl)
		b.expectError(b.renew(empty.Grant, long).Err, isExpired, "ErrExpired", "Renew of a grant that has expired with nothing in it")
		return true
	})
}

func renewWorksOutOfMemory(b *leaseBench) {
	memory, able := can[MemoryLimiter](b.probe, b.instance)
	if !able {
		return
	}
	held := b.holding(2)
	b.must(memory.Exhaust(), "let the store run out of memory")
	b.expectSuccess(b.renew(held[0].Grant, 2*long).Err, "Renew when the store is out of memory")
	b.must(memory.Relieve(), "give the store memory again")
	if left := b.inspect(held[0].Ref.Name).Holder.ExpiresIn; left <= long {
		b.violated("the lease has %v left after a Renew for %v when the store was out of memory", left, 2*long)
	}
}
