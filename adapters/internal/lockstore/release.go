package lockstore

import (
	"context"
	"fmt"

	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/ports"
)

// Release gives leases back: those that the index describes with this token are
// released by the library, and then forgotten. In this order, so that a Release
// whose outcome is unknown can be repeated. See ports.LeaseStore.
func (s *Store) Release(ctx context.Context, requests []ports.ReleaseRequest) ([]ports.ReleaseResult, error) {
	results := make([]ports.ReleaseResult, len(requests))
	b := &releases{store: s, results: results}
	var ending []ports.GrantID
	var ends []int
	for i, request := range requests {
		switch {
		case request.Lease.Ref.Name != "":
			b.going = append(b.going, release{request.Lease, &results[i]})
		case request.EndGrant:
			ending, ends = append(ending, request.Lease.Grant), append(ends, i)
		}
	}
	b.match(ctx)
	b.unlock(ctx)
	b.forget(ctx)
	for at, err := range s.end(ctx, ending) {
		results[ends[at]].Err = err
	}
	return results, nil
}

// releases is a batch on its way through the steps of Release.
type releases struct {
	store   *Store
	results []ports.ReleaseResult
	going   []release
}

type release struct {
	lease  ports.Lease
	result *ports.ReleaseResult
}

func (b *releases) next(err func(i int) error, goesOn func(i int) bool) {
	var going []release
	for i, r := range b.going {
		if err := err(i); err != nil {
			r.result.Err = fmt.Errorf("release %.100q: %w", r.lease.Ref.Name, err)
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
	ballots := askAll(b.store.servers, len(leases), func(index *lockindex.Index) []lockindex.Answer[bool] {
		return index.Match(ctx, leases)
	})
	b.next(func(i int) error {
		if anyOf(ballots[i]) {
			return nil
		}
		return ballots[i].err()
	}, func(i int) bool { return anyOf(ballots[i]) })
}

func (b *releases) unlock(ctx context.Context) {
	locks := make([]Lock, len(b.going))
	for i, r := range b.going {
		locks[i] = b.store.lock(r.lease.Grant, r.lease.Ref.Name, 0)
	}
	errs := inTrips(ctx, locks, b.store.locks.Release)
	b.next(func(i int) error { return errs[i] }, func(int) bool { return true })
}

func (b *releases) forget(ctx context.Context) {
	leases := b.leases()
	ballots := askAll(b.store.servers, len(leases), func(index *lockindex.Index) []lockindex.Answer[bool] {
		return index.Forget(ctx, leases)
	})
	b.next(func(i int) error { return ballots[i].err() }, func(int) bool { return true })
	for i, r := range b.going {
		if r.result.Changed = anyOf(ballots[i]); r.result.Changed {
			r.result.Tally = ports.Tally{Change: 2}
		}
	}
}

func anyOf(b ballot[bool]) bool {
	for _, yes := range b.values {
		if yes {
			return true
		}
	}
	return false
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
