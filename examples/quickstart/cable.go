package main

import (
	"context"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// reach puts the machine between a member and its stores.
func (m *machine) reach(set ports.Set) ports.Set {
	return ports.Set{
		Source:   cabledSource{m, set.Source},
		Leases:   cabledLeases{m, set.Leases},
		Notifier: cabledNotifier{m, set.Notifier},
	}
}

type cabledSource struct {
	machine *machine
	source  ports.StreamSource
}

func (c cabledSource) Heartbeat(ctx context.Context, beat ports.Beat) (ports.Fleet, error) {
	return ask(ctx, c.machine, func(ctx context.Context) (ports.Fleet, error) {
		return c.source.Heartbeat(ctx, beat)
	})
}

func (c cabledSource) Fetch(ctx context.Context, member ports.Member, most int, wait time.Duration) (ports.Fetched, error) {
	return ask(ctx, c.machine, func(ctx context.Context) (ports.Fetched, error) {
		return c.source.Fetch(ctx, member, most, wait)
	})
}

func (c cabledSource) Deliveries(ctx context.Context, member ports.Member, cursor string, limit int) (ports.DeliveryPage, error) {
	return ask(ctx, c.machine, func(ctx context.Context) (ports.DeliveryPage, error) {
		return c.source.Deliveries(ctx, member, cursor, limit)
	})
}

func (c cabledSource) Take(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
	return ask(ctx, c.machine, func(ctx context.Context) ([]ports.TakeResult, error) {
		return c.source.Take(ctx, member, requests)
	})
}

func (c cabledSource) Settle(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
	return ask(ctx, c.machine, func(ctx context.Context) ([]ports.SettleResult, error) {
		return c.source.Settle(ctx, member, settlements)
	})
}

func (c cabledSource) Sweep(ctx context.Context, member ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
	return ask(ctx, c.machine, func(ctx context.Context) (ports.SweepPage, error) {
		return c.source.Sweep(ctx, member, request)
	})
}

type cabledLeases struct {
	machine *machine
	leases  ports.LeaseStore
}

func (c cabledLeases) Shape() ports.GrantShape { return c.leases.Shape() }

func (c cabledLeases) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	return ask(ctx, c.machine, func(ctx context.Context) ([]ports.AcquireResult, error) {
		return c.leases.Acquire(ctx, member, requests, ttl)
	})
}

func (c cabledLeases) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) ([]ports.RenewResult, error) {
	return ask(ctx, c.machine, func(ctx context.Context) ([]ports.RenewResult, error) {
		return c.leases.Renew(ctx, grants, ttl)
	})
}

func (c cabledLeases) Leases(ctx context.Context, grant ports.GrantID, cursor string, limit int) (ports.LeasePage, error) {
	return ask(ctx, c.machine, func(ctx context.Context) (ports.LeasePage, error) {
		return c.leases.Leases(ctx, grant, cursor, limit)
	})
}

func (c cabledLeases) Release(ctx context.Context, requests []ports.ReleaseRequest) ([]ports.ReleaseResult, error) {
	return ask(ctx, c.machine, func(ctx context.Context) ([]ports.ReleaseResult, error) {
		return c.leases.Release(ctx, requests)
	})
}

func (c cabledLeases) Inspect(ctx context.Context, names []string) ([]ports.InspectResult, error) {
	return ask(ctx, c.machine, func(ctx context.Context) ([]ports.InspectResult, error) {
		return c.leases.Inspect(ctx, names)
	})
}

type cabledNotifier struct {
	machine  *machine
	notifier ports.ExpiryNotifier
}

// Watch loses what comes while the machine stands still, as a connection would
// that is gone; so it says that there is a gap when the machine goes on.
func (c cabledNotifier) Watch(ctx context.Context, deliver func([]ports.Hint)) error {
	return c.notifier.Watch(ctx, func(hints []ports.Hint) {
		_, resumed := c.machine.state()
		select {
		case <-resumed:
			deliver(hints)
			return
		default:
		}
		select {
		case <-resumed:
			deliver([]ports.Hint{{Kind: ports.HintGap}})
		case <-ctx.Done():
		}
	})
}

func (c cabledNotifier) Publish(ctx context.Context, hints []ports.Hint) error {
	_, err := ask(ctx, c.machine, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, c.notifier.Publish(ctx, hints)
	})
	return err
}
