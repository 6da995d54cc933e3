package lockstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/ports"
)

// Renew extends leases: two round trips for each 500 of them. See
// ports.LeaseStore.
func (s *Store) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) ([]ports.RenewResult, error) {
	if err := checkTTL(ttl); err != nil {
		return nil, invalid("Renew", err)
	}
	results := make([]ports.RenewResult, len(grants))
	ballots := askAll(s.servers, len(grants), func(index *lockindex.Index) []lockindex.Answer[lockindex.Renewal] {
		return index.Renew(ctx, grants, ttl)
	})
	var locks []Lock
	var extended []int
	for i, grant := range grants {
		if err := ballots[i].err(); err != nil {
			results[i].Err = fmt.Errorf("renew grant %v: %w", grant, err)
			continue
		}
		renewal := longest(ballots[i].values)
		if renewal.Name == "" {
			results[i].Err = fmt.Errorf("%w: grant %v", ports.ErrExpired, grant)
			continue
		}
		// Longer than ttl when an earlier call asked for more.
		locks = append(locks, s.lock(grant, renewal.Name, max(ttl, renewal.TTL)))
		extended = append(extended, i)
	}
	for at, err := range inTrips(ctx, locks, s.locks.Extend) {
		i := extended[at]
		switch {
		case err == nil:
			results[i].Tally = whole
		case errors.Is(err, ErrGone):
			results[i].Err = fmt.Errorf("%w: grant %v", ports.ErrExpired, grants[i])
		default:
			results[i].Err = fmt.Errorf("renew grant %v: %w", grants[i], err)
		}
	}
	return results, nil
}

// longest is what any server knows of a grant: the library decides whether
// enough of them have its lock.
func longest(renewals []lockindex.Renewal) (found lockindex.Renewal) {
	for _, renewal := range renewals {
		if renewal.Name != "" && renewal.TTL > found.TTL {
			found = renewal
		}
	}
	return found
}
