package driver_test

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/ports"
)

var (
	member     = core.Member{ID: "m1", Incarnation: "i1"}
	errBroken  = errors.New("connection reset")
	errRefusal = &core.RefusedError{Server: "s", Command: "XADD", Cause: errBroken}
)

// port is all three ports: each call is noted, and answered as told.
type port struct {
	mu     sync.Mutex // of the two that follow
	calls  []string
	args   []any
	err    error
	panics any
	// results is how many a batch method gives; negative: one for each request.
	results int
	// block, when not nil, is what each call does first.
	block func(ctx context.Context)
}

func newPort() *port { return &port{results: -1} }

func (p *port) set() ports.Set { return ports.Set{Source: p, Leases: p, Notifier: p} }

func (p *port) called(ctx context.Context, method string, args ...any) error {
	p.mu.Lock()
	p.calls = append(p.calls, method)
	p.args = append(p.args, args)
	p.mu.Unlock()
	if p.block != nil {
		p.block(ctx)
	}
	if p.panics != nil {
		panic(p.panics)
	}
	return p.err
}

func batch[T any](p *port, requests int) []T {
	if p.results >= 0 {
		requests = p.results
	}
	return make([]T, requests)
}

func (p *port) Heartbeat(ctx context.Context, beat core.Beat) (core.Fleet, error) {
	return core.Fleet{Version: 7}, p.called(ctx, "Heartbeat", beat)
}

func (p *port) Fetch(ctx context.Context, member core.Member, most int, wait time.Duration) (core.Fetched, error) {
	return core.Fetched{Left: 7}, p.called(ctx, "Fetch", member, most, wait)
}

func (p *port) Deliveries(ctx context.Context, member core.Member, cursor string, limit int) (core.DeliveryPage, error) {
	return core.DeliveryPage{Next: "7"}, p.called(ctx, "Deliveries", member, cursor, limit)
}

func (p *port) Take(ctx context.Context, member core.Member, requests []core.TakeRequest) ([]core.TakeResult, error) {
	return batch[core.TakeResult](p, len(requests)), p.called(ctx, "Take", member, requests)
}

func (p *port) Settle(ctx context.Context, member core.Member, settlements []core.Settlement) ([]core.SettleResult, error) {
	return batch[core.SettleResult](p, len(settlements)), p.called(ctx, "Settle", member, settlements)
}

func (p *port) Sweep(ctx context.Context, member core.Member, request core.SweepRequest) (core.SweepPage, error) {
	return core.SweepPage{RoundNumber: 7}, p.called(ctx, "Sweep", member, request)
}

func (p *port) Shape() core.GrantShape { return core.GrantPerMember }

func (p *port) Acquire(ctx context.Context, member core.Member, requests []core.AcquireRequest, ttl time.Duration) ([]core.AcquireResult, error) {
	return batch[core.AcquireResult](p, len(requests)), p.called(ctx, "Acquire", member, requests, ttl)
}

func (p *port) Renew(ctx context.Context, grants []core.GrantID, ttl time.Duration) ([]core.RenewResult, error) {
	return batch[core.RenewResult](p, len(grants)), p.called(ctx, "Renew", grants, ttl)
}

func (p *port) Leases(ctx context.Context, grant core.GrantID, cursor string, limit int) (core.LeasePage, error) {
	return core.LeasePage{Next: "7"}, p.called(ctx, "Leases", grant, cursor, limit)
}

func (p *port) Release(ctx context.Context, requests []core.ReleaseRequest) ([]core.ReleaseResult, error) {
	return batch[core.ReleaseResult](p, len(requests)), p.called(ctx, "Release", requests)
}

func (p *port) Inspect(ctx context.Context, names []string) ([]core.InspectResult, error) {
	return batch[core.InspectResult](p, len(names)), p.called(ctx, "Inspect", names)
}

func (p *port) Watch(ctx context.Context, _ func([]core.Hint)) error {
	return p.called(ctx, "Watch")
}

func (p *port) Publish(ctx context.Context, hints []core.Hint) error {
	return p.called(ctx, "Publish", hints)
}

func (p *port) Check(ctx context.Context) ([]string, error) {
	return []string{"it is slow"}, p.called(ctx, "Check")
}
