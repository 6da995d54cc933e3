package leases

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Renew extends sessions, over a lane of its own: nothing else that the member
// does can hold it up. See ports.LeaseStore.
func (s *Store) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) ([]ports.RenewResult, error) {
	ttlMicros, err := micros(ttl)
	if err != nil {
		return nil, invalid("Renew", err)
	}
	items := make([][]any, len(grants))
	for i, grant := range grants {
		items[i] = []any{grant.String()}
	}
	results := make([]ports.RenewResult, len(grants))
	err = s.run(ctx, s.renewals, renewScript, s.keys, grantsPerRun, []any{ttlMicros}, items,
		func(i int, reply any, err error) {
			if err != nil {
				results[i].Err = fmt.Errorf("renew grant %v: %w", grants[i], err)
				return
			}
			results[i] = readRenewed(grants[i], reply)
		})
	if err != nil {
		return nil, err
	}
	return results, nil
}

func readRenewed(grant ports.GrantID, reply any) ports.RenewResult {
	read := newReader(reply)
	if read.Done() {
		return ports.RenewResult{Err: fmt.Errorf("%w: grant %v", ports.ErrExpired, grant)}
	}
	tally := read.tally()
	if !read.Done() {
		return ports.RenewResult{Err: fmt.Errorf("renew grant %v: %w", grant, renewScript.BadReply(reply))}
	}
	return ports.RenewResult{Tally: tally}
}
