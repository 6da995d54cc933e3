package conformance

import (
	"time"

	"github.com/streamlease/streamlease/ports"
)

// expectHeld wants a name to be held by the very lease.
func (b *leaseBench) expectHeld(lease ports.Lease, why string) {
	result := b.inspect(lease.Ref.Name)
	switch {
	case result.Err != nil:
		b.violated("Inspect of %s failed: %v", shortName(lease.Ref.Name), result.Err)
	case !result.Held:
		b.violated("%s is free, but %s", shortName(lease.Ref.Name), why)
	case result.Holder.Lease.Grant != lease.Grant || result.Holder.Lease.Token != lease.Token:
		b.violated("%s is held by %s, not by the lease in %s with token %d; %s", shortName(lease.Ref.Name),
			b.holderText(result.Holder), b.labels.of(lease.Grant), lease.Token, why)
	}
}

// expectFree wants that nobody holds a name, as Inspect sees it.
func (b *leaseBench) expectFree(name, why string) {
	result := b.inspect(name)
	switch {
	case result.Err != nil:
		b.violated("Inspect of %s failed: %v", shortName(name), result.Err)
	case result.Held:
		b.violated("%s is held by %s, but %s", shortName(name), b.holderText(result.Holder), why)
	}
}

// expectError wants an answer to be of one kind.
func (b *leaseBench) expectError(err error, is func(error) bool, wanted, what string) {
	switch {
	case err == nil:
		b.violated("%s succeeded; it must be %s", what, wanted)
	case !is(err):
		b.violated("%s is %s; it must be %s", what, shortError(err), wanted)
	}
}

func (b *leaseBench) expectSuccess(err error, what string) {
	if err != nil {
		b.violated("%s failed with %s", what, shortError(err))
	}
}

func (b *leaseBench) expectTally(got, want ports.Tally, what string) {
	if got != want {
		b.violated("%s answers %s; it must be %s", what, tallyText(got), tallyText(want))
	}
}

// expectUnknownGrant wants the store to know nothing of a grant.
func (b *leaseBench) expectUnknownGrant(grant ports.GrantID, why string) {
	if err := b.renew(grant, long).Err; !isExpired(err) {
		b.violated("Renew of %s answers %v, not ErrExpired, but %s", b.labels.of(grant), err, why)
	}
	if _, err := b.store.leases(grant, "", 10); !isExpired(err) {
		b.violated("Leases of %s answers %v, not ErrExpired, but %s", b.labels.of(grant), err, why)
	}
}

// expectListed wants a grant to hold, or to have left behind, exactly these.
func (b *leaseBench) expectListed(grant ports.GrantID, want []ports.Lease, why string) {
	got, _, err := b.listedBy(grant, 100)
	if err != nil {
		b.violated("Leases of %s failed with %s, but %s", b.labels.of(grant), shortError(err), why)
		return
	}
	b.compareListed(got, want, why)
}

func (b *leaseBench) compareListed(got, want []ports.Lease, why string) {
	listedOf := map[ports.Lease]bool{}
	for _, lease := range got {
		listedOf[lease] = true
	}
	for _, lease := range want {
		if !listedOf[lease] {
			b.violated("Leases does not list %s (message ID %q); %s", b.leaseText(lease), lease.Ref.MessageID, why)
		}
		delete(listedOf, lease)
	}
	for lease := range listedOf {
		b.violated("Leases lists %s (message ID %q), which does not belong there; %s", b.leaseText(lease), lease.Ref.MessageID, why)
	}
}

// life is what is known of when a lease ends: it lives before liveUntil, and is
// gone after goneAfter.
type life struct{ liveUntil, goneAfter time.Duration }

// lifeOf is the life of a lease that a call extended, for ttl from then.
func lifeOf(extended span, ttl time.Duration) life {
	return life{extended.began + ttl, extended.ended + ttl}
}

// extendedBy is the life after a further call that never shortens it.
func (l life) extendedBy(extended span, ttl time.Duration) life {
	return life{max(l.liveUntil, extended.began+ttl), max(l.goneAfter, extended.ended+ttl)}
}

// expectLife looks at a name until its lease is over: it must be held as long
// as it lives and not longer. It is inconclusive when no look came shortly
// before the end.
func (b *leaseBench) expectLife(lease ports.Lease, expected life, why string) (conclusive bool) {
	const looks = 16
	step := (expected.liveUntil - b.now()) / looks
	for look := 1; look <= looks; look++ {
		at := expected.liveUntil - step*time.Duration(looks-look)
		if look == looks {
			at = expected.liveUntil - 2*b.limits.ClockStep
		}
		b.passUntil(at)
		held, doubtful := b.lookAt(lease, expected, why)
		if !held && !doubtful {
			return true
		}
		conclusive = conclusive || look > looks*3/4 && !doubtful
	}
	b.passOver(expected.goneAfter)
	b.expectFree(lease.Ref.Name, "its lease is over: "+why)
	return conclusive
}

// lookAt is doubtful when the answer came too late to say anything.
func (b *leaseBench) lookAt(lease ports.Lease, expected life, why string) (held, doubtful bool) {
	results, when := b.store.inspect(lease.Ref.Name)
	if results[0].Err != nil {
		b.stop("Inspect of %s failed: %v", shortName(lease.Ref.Name), results[0].Err)
	}
	if when.ended >= expected.liveUntil-b.limits.ClockStep {
		return results[0].Held, true
	}
	if !results[0].Held {
		b.violated("%s is free %v before its lease ends: %s", shortName(lease.Ref.Name), expected.liveUntil-when.ended, why)
	}
	return results[0].Held, false
}
