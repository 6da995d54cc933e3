package lockstore

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/ports"
)

// Release gives leases back: those that the index describes with this token are
// released by the library, and then forgotten. In this order, so that a Release
// whose outcome is unknown can be repeated. See ports.LeaseStore.
func (s *Store) Release(ctx context.Context, requests []ports.ReleaseRequest) ([]ports.ReleaseResult, error) {
	results := make([]ports.ReleaseResult, len(requests))
	var all []*release
	var ending []ports.GrantID
	var ends []int
	for i, request := range requests {
		switch {
		case request.Lease.Ref.Name != "":
			all = append(all, &release{lease: request.Lease, result: &results[i]})
		case request.EndGrant:
			ending, ends = append(ending, request.Lease.Grant), append(ends, i)
		}
	}
	for len(all) > 0 {
		b := &releases{store: s}
		b.going, all = firsts(all)
		b.match(ctx)
		b.unlock(ctx)
		b.forget(ctx)
	}
	for at, err := range s.end(ctx, ending) {
		results[ends[at]].Err = err
	}
	return results, nil
}

// releases is a batch on its way through the steps of Release.
type releases struct {
	store *Store
	going []*release
}

type release struct {
	lease  ports.Lease
	result *ports.ReleaseResult
	// expired: its lock was gone before this call.
	expired bool
}

func (r *release) name() string { return r.lease.Ref.Name }

func (b *releases) next(err func(i int) error, goesOn func(i int) bool) {
	var going []*release
	for i, r := range b.going {
		if err := err(i); err != nil {
			*r.result = ports.ReleaseResult{Err: fmt.Errorf("release %.100q: %w", r.lease.Ref.Name, err)}
			continue
		}
		if goesOn(i) {
			going = append(going, r)
		}
	}
	b.going = going
}

func (b *releases) leases() []ports.Lease {
	leases := make([]ports.Lease, len(b.going))
	for i, r := range b.going {
		leases[i] = r.lease
	}
	return leases
}

// match leaves out what is not this very lease: it is gone already.
func (b *releases) match(ctx context.Context) {
	leases := b.leases()
	ballots := askAll(b.store.servers, len(leases), func(index *lockindex.Index) []lockindex.Answer[lockindex.Phase] {
		return index.Match(ctx, leases)
	})
	b.next(func(i int) error { return ballots[i].err() }, func(i int) bool {
		phase := known(ballots[i].values)
		b.going[i].expired = phase == lockindex.Expired
		return phase != lockindex.Unknown
	})
}

// known is what the servers know of a lease: one that lives anywhere is to be
// released. A server that was late to hear of the lease has a later deadline.
func known(phases []lockindex.Phase) lockindex.Phase {
	for _, phase := range []lockindex.Phase{lockindex.Live, lockindex.Expired, lockindex.Released} {
		if slices.Contains(phases, phase) {
			return phase
		}
	}
	return lockindex.Unknown
}

// unlock lets the library decide whether it was this call that removed a lease
// that was live.
func (b *releases) unlock(ctx context.Context) {
	locks := make([]Lock, len(b.going))
	for i, r := range b.going {
		locks[i] = b.store.lock(r.lease.Grant, r.lease.Ref.Name, 0)
	}
	errs := inTrips(ctx, locks, b.store.locks.Release)
	b.next(func(i int) error {
		if errors.Is(errs[i], ErrGone) {
			return nil
		}
		return errs[i]
	}, func(i int) bool {
		b.going[i].result.Changed = errs[i] == nil
		return true
	})
}

// forget drops the entries, which whoever has leased a name meanwhile may have
// done already.
func (b *releases) forget(ctx context.Context) {
	leases := b.leases()
	ballots := askAll(b.store.servers, len(leases), func(index *lockindex.Index) []lockindex.Answer[bool] {
		return index.Forget(ctx, leases)
	})
	b.next(func(i int) error { return ballots[i].err() }, func(i int) bool {
		r := b.going[i]
		r.result.Changed = r.result.Changed || r.expired && slices.Contains(ballots[i].values, true)
		if r.result.Changed {
			r.result.Tally = ports.Tally{Change: 2}
		}
		return true
	})
}

// end ends grants that have no lease.
func (s *Store) end(ctx context.Context, grants []ports.GrantID) []error {
	withdrawals := make([]lockindex.Withdrawal, len(grants))
	for i, grant := range grants {
		withdrawals[i] = lockindex.Withdrawal{Grant: grant}
	}
	errs := make([]error, len(grants))
	for i, b := range askAll(s.servers, len(withdrawals), func(index *lockindex.Index) []lockindex.Answer[lockindex.Holding] {
		return index.Withdraw(ctx, withdrawals)
	}) {
		if err := b.err(); err != nil {
			errs[i] = fmt.Errorf("end grant %v: %w", grants[i], err)
		}
	}
	return errs
}
