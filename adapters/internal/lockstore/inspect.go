package lockstore

import (
	"context"
	"fmt"

	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/adapters/internal/quorum"
	"github.com/streamlease/streamlease/ports"
)

// Inspect says who holds names. A lock whose token was not drawn yet is about to
// be a lease, or was left behind by an Acquire that was never answered; an
// Acquire meets ErrHeld either way, so the name is held, by a lease that nobody
// knows yet. See ports.LeaseStore.
func (s *Store) Inspect(ctx context.Context, names []string) ([]ports.InspectResult, error) {
	results := make([]ports.InspectResult, len(names))
	ballots := askWhoHolds(ctx, s.servers, len(names), func(index *lockindex.Index) []lockindex.Answer[lockindex.Holding] {
		return index.Inspect(ctx, names)
	})
	for i, name := range names {
		holder := decideHeld(ballots[i])
		switch {
		case holder.by != nil && holder.by.Opening:
			results[i] = ports.InspectResult{Held: true, Holder: ports.Holder{Member: holder.by.Holder.Member}}
		case holder.by != nil:
			results[i] = ports.InspectResult{Held: true, Holder: holder.by.Holder}
		case holder.open:
			results[i].Err = fmt.Errorf("inspect %.100q: %w", name, failure(len(s.servers), len(ballots[i].values), ballots[i].errs))
		}
	}
	return results, nil
}

// Leases lists the one lease of a grant, or what it left behind. One whose
// token is 0 was locked by an Acquire that was never answered; it is released
// like any other. There is one page. See ports.LeaseStore.
func (s *Store) Leases(ctx context.Context, grant ports.GrantID, cursor string, limit int) (ports.LeasePage, error) {
	if cursor != "" {
		return ports.LeasePage{}, invalid("Leases", fmt.Errorf("%w: cursor %.100q of grant %v is not from a page", ports.ErrInvalid, cursor, grant))
	}
	b := askAll(s.servers, 1, func(index *lockindex.Index) []lockindex.Answer[lockindex.Left] {
		return []lockindex.Answer[lockindex.Left]{index.Grant(ctx, grant)}
	})[0]
	if err := b.err(); err != nil {
		return ports.LeasePage{}, fmt.Errorf("list grant %v: %w", grant, err)
	}
	found := decideLeft(b)
	switch found.Phase {
	case lockindex.Unknown:
		return ports.LeasePage{}, fmt.Errorf("%w: grant %v", ports.ErrExpired, grant)
	case lockindex.Opening:
		return ports.LeasePage{}, nil
	default:
		page := ports.LeasePage{Leases: []ports.Lease{found.Lease}, Expired: found.Phase == lockindex.Expired, Tally: whole}
		return page, nil
	}
}

// decideLeft puts together what the servers know of a grant. A lock without a
// majority holds nothing any more, or not yet if it has no token.
func decideLeft(b ballot[lockindex.Left]) (found lockindex.Left) {
	rank := map[lockindex.Phase]int{lockindex.Opening: 1, lockindex.Expired: 2, lockindex.Live: 3}
	live := 0
	var lease ports.Lease
	for _, left := range b.values {
		if rank[left.Phase] > rank[found.Phase] {
			found = left
		}
		if left.Phase == lockindex.Live {
			live++
		}
		if left.Lease.Ref.Name != "" && (lease.Ref.Name == "" || left.Lease.Token > lease.Token) {
			lease = left.Lease
		}
	}
	missing := b.servers - len(b.values)
	if found.Phase == lockindex.Live && lease.Token > 0 && live+missing < quorum.Majority(b.servers) {
		found.Phase = lockindex.Expired
	}
	found.Lease = lease
	return found
}
