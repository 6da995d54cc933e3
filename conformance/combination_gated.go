package conformance

import (
	"context"
	"slices"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// gatedSource is a stream source behind a gate.
type gatedSource struct {
	source ports.StreamSource
	gate   *gate
}

func (s *gatedSource) Close() error { return closePort(s.source) }

func (s *gatedSource) Check(ctx context.Context) ([]string, error) {
	return s.gate.check(ctx, s.source)
}

func (s *gatedSource) Heartbeat(ctx context.Context, beat ports.Beat) (ports.Fleet, error) {
	s.gate.member.Store(&beat.Member)
	return pass(ctx, s.gate, "Heartbeat", false, func(ctx context.Context) (ports.Fleet, error) { return s.source.Heartbeat(ctx, beat) })
}

func (s *gatedSource) Fetch(ctx context.Context, member ports.Member, most int, wait time.Duration) (ports.Fetched, error) {
	return pass(ctx, s.gate, "Fetch", false, func(ctx context.Context) (ports.Fetched, error) { return s.source.Fetch(ctx, member, most, wait) })
}

func (s *gatedSource) Deliveries(ctx context.Context, member ports.Member, cursor string, limit int) (ports.DeliveryPage, error) {
	return pass(ctx, s.gate, "Deliveries", false, func(ctx context.Context) (ports.DeliveryPage, error) {
		return s.source.Deliveries(ctx, member, cursor, limit)
	})
}

func (s *gatedSource) Take(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
	requests = slices.Clone(requests)
	return pass(ctx, s.gate, "Take", true, func(ctx context.Context) ([]ports.TakeResult, error) { return s.source.Take(ctx, member, requests) })
}

func (s *gatedSource) Settle(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
	settlements = slices.Clone(settlements)
	return pass(ctx, s.gate, "Settle", true, func(ctx context.Context) ([]ports.SettleResult, error) {
		return s.source.Settle(ctx, member, settlements)
	})
}

func (s *gatedSource) Sweep(ctx context.Context, member ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
	return pass(ctx, s.gate, "Sweep", false, func(ctx context.Context) (ports.SweepPage, error) { return s.source.Sweep(ctx, member, request) })
}

// gatedLeases is a lease store behind a gate.
type gatedLeases struct {
	leases ports.LeaseStore
	gate   *gate
}

func (l *gatedLeases) Close() error { return closePort(l.leases) }

func (l *gatedLeases) Check(ctx context.Context) ([]string, error) {
	return l.gate.check(ctx, l.leases)
}

func (l *gatedLeases) Shape() ports.GrantShape { return l.leases.Shape() }

func (l *gatedLeases) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	requests = slices.Clone(requests)
	results, err := pass(ctx, l.gate, "Acquire", true, func(ctx context.Context) ([]ports.AcquireResult, error) {
		return l.leases.Acquire(ctx, member, requests, ttl)
	})
	l.gate.noteAcquired(requests, results)
	return results, err
}

func (l *gatedLeases) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) ([]ports.RenewResult, error) {
	grants = slices.Clone(grants)
	return pass(ctx, l.gate, "Renew", true, func(ctx context.Context) ([]ports.RenewResult, error) { return l.leases.Renew(ctx, grants, ttl) })
}

func (l *gatedLeases) Leases(ctx context.Context, grant ports.GrantID, cursor string, limit int) (ports.LeasePage, error) {
	return pass(ctx, l.gate, "Leases", false, func(ctx context.Context) (ports.LeasePage, error) {
		return l.leases.Leases(ctx, grant, cursor, limit)
	})
}

func (l *gatedLeases) Release(ctx context.Context, requests []ports.ReleaseRequest) ([]ports.ReleaseResult, error) {
	requests = slices.Clone(requests)
	return pass(ctx, l.gate, "Release", true, func(ctx context.Context) ([]ports.ReleaseResult, error) { return l.leases.Release(ctx, requests) })
}

func (l *gatedLeases) Inspect(ctx context.Context, names []string) ([]ports.InspectResult, error) {
	return pass(ctx, l.gate, "Inspect", false, func(ctx context.Context) ([]ports.InspectResult, error) { return l.leases.Inspect(ctx, names) })
}

// gatedNotifier is an expiry notifier behind a gate.
type gatedNotifier struct {
	notifier ports.ExpiryNotifier
	gate     *gate
}

func (n *gatedNotifier) Close() error { return closePort(n.notifier) }

func (n *gatedNotifier) Check(ctx context.Context) ([]string, error) {
	return n.gate.check(ctx, n.notifier)
}

// Watch holds hints back where the gate holds calls.
func (n *gatedNotifier) Watch(ctx context.Context, deliver func([]ports.Hint)) error {
	return n.notifier.Watch(ctx, func(hints []ports.Hint) {
		if waits := n.gate.waits(); waits != nil {
			select {
			case <-waits:
			case <-ctx.Done():
			}
		}
		if n.gate.deaf.Load() {
			hints = slices.DeleteFunc(slices.Clone(hints), func(hint ports.Hint) bool { return hint.Kind != ports.HintGap })
		}
		if !n.gate.dead.Load() && len(hints) > 0 {
			deliver(hints)
		}
	})
}

func (n *gatedNotifier) Publish(ctx context.Context, hints []ports.Hint) error {
	if n.gate.deaf.Load() {
		return nil
	}
	_, err := pass(ctx, n.gate, "Publish", false, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, n.notifier.Publish(ctx, hints)
	})
	return err
}
