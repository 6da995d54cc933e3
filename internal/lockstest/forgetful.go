package lockstest

import (
	"context"
	"io"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// forgetful is a store whose first call is executed and has its reply lost: the
// reply to the last of its requests. The servers know the scripts.
type forgetful struct {
	store ports.LeaseStore
	wires []*wire
	once  sync.Once
}

var _ ports.LeaseStore = (*forgetful)(nil)

// lose arms the wires for a call of so many requests.
func (f *forgetful) lose(requests int) {
	f.once.Do(func() {
		for _, wire := range f.wires {
			wire.arm(requests, replyLost)
		}
	})
}

// Shape implements ports.LeaseStore.
func (f *forgetful) Shape() ports.GrantShape { return f.store.Shape() }

// Close closes the store.
func (f *forgetful) Close() error { return f.store.(io.Closer).Close() }

// Acquire opens, obtains, draws, on a quorum writes back, and verifies.
func (f *forgetful) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	steps := 4
	if len(f.wires) > 1 {
		steps = 5
	}
	f.lose(steps)
	return f.store.Acquire(ctx, member, requests, ttl)
}

// Renew moves the deadlines and extends.
func (f *forgetful) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) ([]ports.RenewResult, error) {
	f.lose(2)
	return f.store.Renew(ctx, grants, ttl)
}

// Leases asks once.
func (f *forgetful) Leases(ctx context.Context, grant ports.GrantID, cursor string, limit int) (ports.LeasePage, error) {
	f.lose(1)
	return f.store.Leases(ctx, grant, cursor, limit)
}

// Release matches, releases and forgets.
func (f *forgetful) Release(ctx context.Context, requests []ports.ReleaseRequest) ([]ports.ReleaseResult, error) {
	f.lose(3)
	return f.store.Release(ctx, requests)
}

// Inspect asks once.
func (f *forgetful) Inspect(ctx context.Context, names []string) ([]ports.InspectResult, error) {
	f.lose(1)
	return f.store.Inspect(ctx, names)
}
