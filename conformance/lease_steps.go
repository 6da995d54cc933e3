package conformance

import (
	"cmp"
	"errors"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

func isHeld(err error) bool    { return errors.Is(err, ports.ErrHeld) }
func isExpired(err error) bool { return errors.Is(err, ports.ErrExpired) }
func isRefused(err error) bool { return errors.Is(err, ports.ErrRefused) }

// isUnknown reports whether err leaves it open what was done.
func isUnknown(err error) bool {
	return err != nil && !isHeld(err) && !isExpired(err) && !isRefused(err)
}

func ref(name string) ports.StreamRef {
	return ports.StreamRef{Name: name, MessageID: "1700000000000-1"}
}

// The steps below are those that checks are made of. They go over the bench's
// store and end the check when what they need does not come about.

// opened leases name to member in a new grant.
func (b *leaseBench) opened(member ports.Member, name string, ttl time.Duration) (ports.Lease, span) {
	request := ports.AcquireRequest{Ref: ref(name), Grant: b.newGrant(), Open: true}
	return b.acquired(member, request, ttl)
}

// acquired makes one request that must succeed, unless it took so long that the
// lease was over before it was answered.
func (b *leaseBench) acquired(member ports.Member, request ports.AcquireRequest, ttl time.Duration) (ports.Lease, span) {
	results, when := b.store.acquire(member, ttl, request)
	if err := results[0].Err; err != nil {
		if isExpired(err) && when.ended >= when.began+ttl {
			panic(tooSlow{})
		}
		b.stop("nobody holds %s, and it cannot be acquired: %v", shortName(request.Ref.Name), err)
	}
	return ports.Lease{Ref: request.Ref, Grant: request.Grant, Token: results[0].Token}, when
}

// acquire makes one request of member.
func (b *leaseBench) acquire(member ports.Member, request ports.AcquireRequest) ports.AcquireResult {
	results, _ := b.store.acquire(member, long, request)
	return results[0]
}

// holding gives alice so many leases: in one grant, or each in its own. They
// do not expire.
func (b *leaseBench) holding(count int) []ports.Lease {
	leases := make([]ports.Lease, count)
	for i := range leases {
		leases[i] = b.further(leases[:i], fmt.Sprintf("s%d", i), long)
	}
	return leases
}

// further adds one lease to those that alice has.
func (b *leaseBench) further(leases []ports.Lease, name string, ttl time.Duration) ports.Lease {
	lease, _ := b.acquired(alice, b.requestFor(leases, name), ttl)
	return lease
}

// requestFor joins the grant of the leases, where one grant covers many.
func (b *leaseBench) requestFor(leases []ports.Lease, name string) ports.AcquireRequest {
	if b.sessions() && len(leases) > 0 {
		return ports.AcquireRequest{Ref: ref(name), Grant: leases[0].Grant}
	}
	return ports.AcquireRequest{Ref: ref(name), Grant: b.newGrant(), Open: true}
}

// lost gives alice so many leases and lets them expire.
func (b *leaseBench) lost(count int) (leases []ports.Lease) {
	b.withTTL(func(ttl time.Duration) (conclusive bool) {
		leases, conclusive = b.tryLose(count, ttl)
		return conclusive
	})
	return leases
}

// tryLose does not succeed when the first leases expire before the last is
// there.
func (b *leaseBench) tryLose(count int, ttl time.Duration) (leases []ports.Lease, all bool) {
	var last span
	b.losses++
	for i := range count {
		request := b.requestFor(leases, fmt.Sprintf("lost %d.%d", b.losses, i+1))
		results, when := b.store.acquire(alice, ttl, request)
		switch err := results[0].Err; {
		case isExpired(err) && when.ended >= cmp.Or(last.began, when.began)+ttl:
			b.passOver(when.ended + ttl)
			return nil, false
		case err != nil:
			b.stop("nobody holds %s, and it cannot be acquired: %v", shortName(request.Ref.Name), err)
		}
		leases = append(leases, ports.Lease{Ref: request.Ref, Grant: request.Grant, Token: results[0].Token})
		last = when
	}
	b.passOver(last.ended + ttl)
	return leases, true
}

// withTTL repeats an attempt with longer and longer TTLs until it is
// conclusive: until the machine was fast enough for it.
func (b *leaseBench) withTTL(attempt func(ttl time.Duration) (conclusive bool)) {
	for ttl := b.limits.SmallestTTL; ; ttl *= 2 {
		if inTime(func() bool { return attempt(ttl) }) {
			return
		}
		if ttl > max(longestTTL, 8*b.limits.SmallestTTL) {
			b.uncoveredBy(fmt.Sprintf("the machine was too slow for leases of %v", ttl))
			panic(stopped{})
		}
	}
}

// tooSlow ends an attempt of withTTL.
type tooSlow struct{}

// inTime is an attempt's answer; false when a lease was over too soon for it.
func inTime(attempt func() bool) (conclusive bool) {
	defer func() {
		if recovered := recover(); recovered != nil {
			if _, slow := recovered.(tooSlow); !slow {
				panic(recovered)
			}
			conclusive = false
		}
	}()
	return attempt()
}

// passOver waits until what expires at instant is over for sure.
func (b *leaseBench) passOver(instant time.Duration) {
	b.passUntil(instant + b.grace())
	b.journal.note(b.now(), "time has passed")
}

// grace is how much later than due a lease may be gone.
func (b *leaseBench) grace() time.Duration {
	if b.isVirtual() {
		return b.limits.ClockStep
	}
	return b.limits.ClockStep + lateness
}

func (b *leaseBench) renew(grant ports.GrantID, ttl time.Duration) ports.RenewResult {
	results, _ := b.store.renew(ttl, grant)
	return results[0]
}

func (b *leaseBench) release(lease ports.Lease) ports.ReleaseResult {
	results, _ := b.store.release(ports.ReleaseRequest{Lease: lease})
	return results[0]
}

// released gives back a lease that must be there.
func (b *leaseBench) released(lease ports.Lease) ports.ReleaseResult {
	result := b.release(lease)
	if result.Err != nil || !result.Changed {
		b.stop("alice holds %s, and her Release answered %s", b.leaseText(lease), releasedText(result))
	}
	return result
}

// ended ends a grant in which nothing is left.
func (b *leaseBench) ended(grant ports.GrantID) {
	results, _ := b.store.release(ports.ReleaseRequest{Lease: ports.Lease{Grant: grant}, EndGrant: true})
	if err := results[0].Err; err != nil {
		b.stop("the grant cannot be ended: %v", err)
	}
}

func (b *leaseBench) inspect(name string) ports.InspectResult {
	results, _ := b.store.inspect(name)
	return results[0]
}

// listedBy pages through a grant.
func (b *leaseBench) listedBy(grant ports.GrantID, limit int) (leases []ports.Lease, last ports.LeasePage, err error) {
	const mostPages = 10_000
	cursor := ""
	for range mostPages {
		last, err = b.store.leases(grant, cursor, limit)
		if err != nil {
			return leases, last, err
		}
		leases = append(leases, last.Leases...)
		if last.Next == "" {
			return leases, last, nil
		}
		cursor = last.Next
	}
	b.stop("Leases has no last page: %d pages of %d, and there is still a Next", mostPages, limit)
	return nil, last, nil
}
