package conformance

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"time"

	"github.com/streamlease/streamlease/ports"
)

var expiryQuestions = []notifierQuestion{
	{
		where:   "ExpiryNotifier",
		text:    "ExpiryNotifier brings word of what is probably free.",
		examine: everyWatchHearsOfWhatExpired,
	}, {
		where:   "ExpiryNotifier.Watch",
		text:    "A lost session is one HintGrant, not a hint for each of its leases",
		examine: aLostSessionIsOneHint,
	}, {
		where:   "ExpiryNotifier.Watch",
		text:    "a lost single lease is a HintRef.",
		examine: aLostSingleLeaseIsARef,
	},
}

// leases is the lease store of the service, if the notifier tells of one.
func (b *notifierBench) leases() (ports.LeaseStore, bool) {
	store, err := b.instance.Leases()
	b.must(err, "make a handle on the lease store")
	if store == nil {
		b.uncoveredBy("the harness has no lease store")
		return nil, false
	}
	if closer, closes := store.(io.Closer); closes {
		b.ends = append(b.ends, closer.Close)
	}
	return store, true
}

// lease acquires names for ttl, in one grant or each in its own, as the shape
// wants it. It has none when the machine is too slow for the TTL.
func (b *notifierBench) lease(store ports.LeaseStore, ttl time.Duration, names ...string) (leases []ports.Lease) {
	var grant ports.GrantID
	for i, name := range names {
		opens := i == 0 || store.Shape() == ports.GrantPerLease
		var token ports.Token
		var err error
		for attempt := 0; attempt == 0 || opens && isExpired(err) && attempt < slowAttempts; attempt++ {
			if opens {
				_, _ = rand.Read(grant[:])
			}
			token, err = b.acquire(store, ports.AcquireRequest{Ref: ref(name), Grant: grant, Open: opens}, ttl)
		}
		if isExpired(err) && !opens {
			return nil
		}
		b.must(err, "acquire a lease")
		leases = append(leases, ports.Lease{Ref: ref(name), Grant: grant, Token: token})
	}
	return leases
}

// slowAttempts is how often a lease may end before it has been acquired, on a
// machine that has no time for it.
const slowAttempts = 20

func (b *notifierBench) acquire(store ports.LeaseStore, request ports.AcquireRequest, ttl time.Duration) (token ports.Token, err error) {
	b.call(b.pace, fmt.Sprintf("Acquire(%s, ttl %v)", shortName(request.Ref.Name), ttl), func(ctx context.Context) string {
		results, failed := store.Acquire(ctx, alice, []ports.AcquireRequest{request}, ttl)
		err = first(failed, len(results), func() error { token = results[0].Token; return results[0].Err })
		return orError(err, func() string { return "acquired" })
	})
	return token, err
}

// lost is the hint that tells of a lost lease.
func lost(shape ports.GrantShape, lease ports.Lease) ports.Hint {
	if shape == ports.GrantPerMember {
		return ports.Hint{Kind: ports.HintGrant, Grant: lease.Grant}
	}
	return ports.Hint{Kind: ports.HintRef, Ref: lease.Ref}
}

// expireOne has a lease expire, where there is a store.
func (b *notifierBench) expireOne(name string) {
	store, err := b.instance.Leases()
	b.must(err, "make a handle on the lease store")
	if store == nil {
		return
	}
	if closer, closes := store.(io.Closer); closes {
		b.ends = append(b.ends, closer.Close)
	}
	b.lease(store, b.limits.SmallestTTL, name)
	b.pass(b.limits.SmallestTTL + b.limits.ClockStep)
}

func everyWatchHearsOfWhatExpired(b *notifierBench) {
	store, able := b.leases()
	if !able {
		return
	}
	watcher := b.another()
	all := []*watching{watcher.watchFromNow(), watcher.watchFromNow(), b.another().watchFromNow()}
	for round := range 3 {
		expired := b.lease(store, b.limits.SmallestTTL, fmt.Sprint("s", round))[0]
		b.pass(b.limits.SmallestTTL + b.limits.ClockStep)
		b.journal.note(b.now(), "the TTL has passed")
		for _, w := range all {
			w.expectHeard(lost(store.Shape(), expired), "the lease on "+shortName(expired.Ref.Name)+" has expired")
		}
	}
	var together []ports.Lease
	for i := range 5 {
		together = append(together, b.lease(store, b.limits.SmallestTTL, fmt.Sprint("together ", i))...)
	}
	b.pass(b.limits.SmallestTTL + b.limits.ClockStep)
	b.journal.note(b.now(), "the TTL of all of them has passed")
	for _, expired := range together {
		all[0].expectHeard(lost(store.Shape(), expired), "the lease on "+shortName(expired.Ref.Name)+" has expired, with others")
	}
}

func aLostSessionIsOneHint(b *notifierBench) {
	store, able := b.leases()
	if !able || store.Shape() != ports.GrantPerMember {
		return
	}
	w := b.another().watchFromNow()
	expired := b.session(store)
	for _, lease := range expired[:1] {
		w.expectHeard(lost(ports.GrantPerMember, lease), "a session with five leases has expired")
	}
	// Hints of a later loss are behind those of this one.
	later := b.lease(store, b.limits.SmallestTTL, "later")[0]
	b.pass(b.limits.SmallestTTL + b.limits.ClockStep)
	w.expectHeard(lost(ports.GrantPerMember, later), "another session has expired")
	for _, lease := range expired {
		if of := w.count(func(hint ports.Hint) bool { return hint.Ref.Name == lease.Ref.Name }); of > 0 {
			b.violated("Watch tells of %s, a lease of a session that was lost as a whole", shortName(lease.Ref.Name))
		}
	}
}

// session leases five names, in one grant where the shape is that, and lets
// them expire. Where the machine is too slow it begins again with a longer TTL.
func (b *notifierBench) session(store ports.LeaseStore) (leases []ports.Lease) {
	ttl := b.limits.SmallestTTL
	for try := 0; leases == nil; try++ {
		if ttl *= 2; ttl > max(longestTTL, 8*b.limits.SmallestTTL) {
			b.uncoveredBy(fmt.Sprintf("the machine was too slow for leases of %v", ttl))
			panic(stopped{})
		}
		names := make([]string, 5)
		for i := range names {
			names[i] = fmt.Sprintf("s%d-%d", try, i)
		}
		leases = b.lease(store, ttl, names...)
	}
	b.pass(ttl + b.limits.ClockStep)
	b.journal.note(b.now(), "the TTL has passed")
	return leases
}

func aLostSingleLeaseIsARef(b *notifierBench) {
	store, able := b.leases()
	if !able || store.Shape() != ports.GrantPerLease {
		return
	}
	w := b.another().watchFromNow()
	expired := b.session(store)
	for _, lease := range expired {
		w.expectHeard(ports.Hint{Kind: ports.HintRef, Ref: lease.Ref}, "the lease on it, with this message ID, has expired")
	}
	if w.count(func(hint ports.Hint) bool { return hint.Kind == ports.HintGrant }) > 0 {
		b.violated("Watch tells of a grant, with a store of single leases")
	}
}
