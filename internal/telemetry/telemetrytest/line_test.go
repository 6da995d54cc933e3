package telemetrytest_test

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// line is what lies between a member and its stores. While it is cut nothing
// comes through: to the others the member is dead.
type line struct {
	cut atomic.Bool
	// deaf: no hint comes through.
	deaf atomic.Bool
	// refuses: the server says a definite no to whatever comes.
	refuses atomic.Bool
}

func (l *line) wrap(set ports.Set) ports.Set {
	set.Source = &source{set.Source, l}
	set.Leases = &leases{set.Leases, l}
	set.Notifier = &notifier{set.Notifier, l}
	return set
}

func (l *line) trouble(ctx context.Context) error {
	if l.refuses.Load() {
		return ports.ErrRefused
	}
	if !l.cut.Load() {
		return nil
	}
	select {
	case <-time.After(time.Millisecond):
		return errCut
	case <-ctx.Done():
		return ctx.Err()
	}
}

type source struct {
	ports.StreamSource
	line *line
}

func (s *source) Heartbeat(ctx context.Context, beat ports.Beat) (ports.Fleet, error) {
	if err := s.line.trouble(ctx); err != nil {
		return ports.Fleet{}, err
	}
	return s.StreamSource.Heartbeat(ctx, beat)
}

func (s *source) Take(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
	if err := s.line.trouble(ctx); err != nil {
		return nil, err
	}
	return s.StreamSource.Take(ctx, member, requests)
}

func (s *source) Settle(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
	if err := s.line.trouble(ctx); err != nil {
		return nil, err
	}
	return s.StreamSource.Settle(ctx, member, settlements)
}

type leases struct {
	ports.LeaseStore
	line *line
}

func (l *leases) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	if err := l.line.trouble(ctx); err != nil {
		return nil, err
	}
	return l.LeaseStore.Acquire(ctx, member, requests, ttl)
}

func (l *leases) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) ([]ports.RenewResult, error) {
	if err := l.line.trouble(ctx); err != nil {
		return nil, err
	}
	return l.LeaseStore.Renew(ctx, grants, ttl)
}

type notifier struct {
	ports.ExpiryNotifier
	line *line
}

func (n *notifier) Watch(ctx context.Context, deliver func([]ports.Hint)) error {
	return n.ExpiryNotifier.Watch(ctx, func(hints []ports.Hint) {
		if !n.line.deaf.Load() {
			deliver(hints)
		}
	})
}
