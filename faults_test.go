package streamlease_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// roundTrip is how long it takes to learn that a call has failed.
const roundTrip = time.Millisecond

var errCut = errors.New("connection reset by peer")

// faults stands between clients and their ports: it counts calls, fails them
// and holds them up.
type faults struct {
	mu    sync.Mutex
	count map[string]int
	fail  map[string]error
	hold  map[string]chan struct{}
	lose  map[string]bool
}

func newFaults() *faults {
	return &faults{
		count: make(map[string]int),
		fail:  make(map[string]error),
		hold:  make(map[string]chan struct{}),
		lose:  make(map[string]bool),
	}
}

// all are the methods that a store outage concerns.
var all = []string{"Heartbeat", "Fetch", "Deliveries", "Take", "Settle", "Sweep",
	"Acquire", "Renew", "Leases", "Release", "Inspect", "Publish", "Check", "Load", "Save", "Finish"}

// failing makes calls of the methods fail before they have an effect, until
// called with nil.
func (f *faults) failing(err error, methods ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, method := range methods {
		f.fail[method] = err
	}
}

// losing makes calls of the method have their effect and lose the reply.
func (f *faults) losing(method string, lose bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.lose[method] = lose
}

// holding makes calls of the method wait, until their ctx ends or release is
// called.
func (f *faults) holding(method string) (release func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	held := make(chan struct{})
	f.hold[method] = held
	return func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		close(held)
		delete(f.hold, method)
	}
}

func (f *faults) calls(method string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count[method]
}

// before is what meets a call on its way out.
func (f *faults) before(ctx context.Context, method string) error {
	f.mu.Lock()
	f.count[method]++
	held, err := f.hold[method], f.fail[method]
	f.mu.Unlock()
	if held != nil {
		select {
		case <-held:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err == nil {
		return nil
	}
	select {
	case <-time.After(roundTrip):
		return err
	case <-ctx.Done():
		return ctx.Err()
	}
}

// after is what meets its reply.
func (f *faults) after(method string, err error) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.lose[method] {
		return errCut
	}
	return err
}

func through[T any](ctx context.Context, f *faults, method string, call func() (T, error)) (T, error) {
	var none T
	if err := f.before(ctx, method); err != nil {
		return none, err
	}
	result, err := call()
	if err = f.after(method, err); err != nil {
		return none, err
	}
	return result, nil
}

func (f *faults) wrap(set ports.Set) ports.Set {
	wrapped := ports.Set{Source: faultySource{set.Source, f}, Leases: faultyLeases{set.Leases, f}}
	if set.Notifier != nil {
		wrapped.Notifier = faultyNotifier{set.Notifier, f}
	}
	if set.Checkpoints != nil {
		wrapped.Checkpoints = faultyCheckpoints{set.Checkpoints, f}
	}
	return wrapped
}

type faultySource struct {
	ports.StreamSource
	faults *faults
}

func (s faultySource) Check(ctx context.Context) ([]string, error) {
	return through(ctx, s.faults, "Check", func() ([]string, error) { return []string{"the server forgets when it restarts"}, nil })
}

func (s faultySource) Heartbeat(ctx context.Context, beat ports.Beat) (ports.Fleet, error) {
	return through(ctx, s.faults, "Heartbeat", func() (ports.Fleet, error) { return s.StreamSource.Heartbeat(ctx, beat) })
}

func (s faultySource) Fetch(ctx context.Context, member ports.Member, most int, wait time.Duration) (ports.Fetched, error) {
	return through(ctx, s.faults, "Fetch", func() (ports.Fetched, error) { return s.StreamSource.Fetch(ctx, member, most, wait) })
}

func (s faultySource) Deliveries(ctx context.Context, member ports.Member, cursor string, limit int) (ports.DeliveryPage, error) {
	return through(ctx, s.faults, "Deliveries", func() (ports.DeliveryPage, error) {
		return s.StreamSource.Deliveries(ctx, member, cursor, limit)
	})
}

func (s faultySource) Take(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
	return through(ctx, s.faults, "Take", func() ([]ports.TakeResult, error) { return s.StreamSource.Take(ctx, member, requests) })
}

func (s faultySource) Settle(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
	return through(ctx, s.faults, "Settle", func() ([]ports.SettleResult, error) {
		return s.StreamSource.Settle(ctx, member, settlements)
	})
}

func (s faultySource) Sweep(ctx context.Context, member ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
	return through(ctx, s.faults, "Sweep", func() (ports.SweepPage, error) { return s.StreamSource.Sweep(ctx, member, request) })
}

type faultyLeases struct {
	ports.LeaseStore
	faults *faults
}

func (l faultyLeases) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	return through(ctx, l.faults, "Acquire", func() ([]ports.AcquireResult, error) {
		return l.LeaseStore.Acquire(ctx, member, requests, ttl)
	})
}

func (l faultyLeases) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) ([]ports.RenewResult, error) {
	return through(ctx, l.faults, "Renew", func() ([]ports.RenewResult, error) { return l.LeaseStore.Renew(ctx, grants, ttl) })
}

func (l faultyLeases) Leases(ctx context.Context, grant ports.GrantID, cursor string, limit int) (ports.LeasePage, error) {
	return through(ctx, l.faults, "Leases", func() (ports.LeasePage, error) { return l.LeaseStore.Leases(ctx, grant, cursor, limit) })
}

func (l faultyLeases) Release(ctx context.Context, requests []ports.ReleaseRequest) ([]ports.ReleaseResult, error) {
	return through(ctx, l.faults, "Release", func() ([]ports.ReleaseResult, error) { return l.LeaseStore.Release(ctx, requests) })
}

func (l faultyLeases) Inspect(ctx context.Context, names []string) ([]ports.InspectResult, error) {
	return through(ctx, l.faults, "Inspect", func() ([]ports.InspectResult, error) { return l.LeaseStore.Inspect(ctx, names) })
}

type faultyNotifier struct {
	ports.ExpiryNotifier
	faults *faults
}

func (n faultyNotifier) Publish(ctx context.Context, hints []ports.Hint) error {
	_, err := through(ctx, n.faults, "Publish", func() (struct{}, error) { return struct{}{}, n.ExpiryNotifier.Publish(ctx, hints) })
	return err
}

type faultyCheckpoints struct {
	ports.Checkpoints
	faults *faults
}

func (c faultyCheckpoints) Load(ctx context.Context, requests []ports.LoadRequest) ([]ports.LoadResult, error) {
	return through(ctx, c.faults, "Load", func() ([]ports.LoadResult, error) { return c.Checkpoints.Load(ctx, requests) })
}

func (c faultyCheckpoints) Save(ctx context.Context, requests []ports.SaveRequest) ([]ports.SaveResult, error) {
	return through(ctx, c.faults, "Save", func() ([]ports.SaveResult, error) { return c.Checkpoints.Save(ctx, requests) })
}

func (c faultyCheckpoints) Finish(ctx context.Context, requests []ports.FinishRequest) ([]ports.FinishResult, error) {
	return through(ctx, c.faults, "Finish", func() ([]ports.FinishResult, error) { return c.Checkpoints.Finish(ctx, requests) })
}
