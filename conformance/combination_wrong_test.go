package conformance

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// changed makes a source that changes each settlement before it looks at it.
func changed(change func(*ports.Settlement)) func(*memoryService, *ports.Set) {
	return func(_ *memoryService, set *ports.Set) {
		set.Source = &changing{set.Source.(announcing), change}
	}
}

func endAs(settlement *ports.Settlement, asked, done ports.Outcome) {
	if settlement.Outcome == asked {
		settlement.Outcome = done
	}
}

type changing struct {
	announcing
	change func(*ports.Settlement)
}

func (c *changing) Settle(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
	settlements = slices.Clone(settlements)
	for i := range settlements {
		c.change(&settlements[i])
	}
	return c.announcing.Settle(ctx, member, settlements)
}

// lasting makes a lease store whose leases last so many times their TTL.
func lasting(times float64) func(*memoryService, *ports.Set) {
	return func(_ *memoryService, set *ports.Set) { set.Leases = &stretching{set.Leases, times} }
}

type stretching struct {
	ports.LeaseStore
	times float64
}

func (s *stretching) stretch(ttl time.Duration) time.Duration {
	return time.Duration(float64(ttl) * s.times)
}

func (s *stretching) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	return s.LeaseStore.Acquire(ctx, member, requests, s.stretch(ttl))
}

func (s *stretching) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) ([]ports.RenewResult, error) {
	return s.LeaseStore.Renew(ctx, grants, s.stretch(ttl))
}

// generous releases what is in the way.
type generous struct{ ports.LeaseStore }

func (g *generous) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	for _, request := range requests {
		held, err := g.Inspect(ctx, []string{request.Ref.Name})
		if err == nil && held[0].Held {
			_, _ = g.Release(ctx, []ports.ReleaseRequest{{Lease: held[0].Holder.Lease}})
		}
	}
	return g.LeaseStore.Acquire(ctx, member, requests, ttl)
}

// lateBegun drops what is announced before a member joins.
type lateBegun struct {
	announcing
	service *memoryService
}

func (l *lateBegun) Heartbeat(ctx context.Context, beat ports.Beat) (ports.Fleet, error) {
	l.service.mu.Lock()
	l.service.joined = l.service.joined || !beat.Leaving
	l.service.mu.Unlock()
	return l.announcing.Heartbeat(ctx, beat)
}

func (l *lateBegun) Announce(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
	l.service.mu.Lock()
	joined := l.service.joined
	l.service.mu.Unlock()
	if joined {
		return l.announcing.Announce(ctx, assignments)
	}
	results := make([]ports.AnnounceResult, len(assignments))
	for i, assignment := range assignments {
		results[i].Ref = ports.StreamRef{Name: assignment.Ref.Name, MessageID: fmt.Sprintf("0-%d", i)}
	}
	return results, nil
}

// gullible settles with whatever token is the right one.
type gullible struct{ announcing }

func (g *gullible) Settle(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
	results, err := g.announcing.Settle(ctx, member, settlements)
	for i := range results {
		if errors.Is(results[i].Err, ports.ErrDisowned) && settlements[i].Outcome == ports.Done {
			g.force(ctx, settlements[i])
			results[i] = ports.SettleResult{Gone: true}
		}
	}
	return results, err
}

// force takes the assignment from its owner to settle it.
func (g *gullible) force(ctx context.Context, settlement ports.Settlement) {
	thief := ports.Member{ID: "thief", Incarnation: "thief"}
	settlement.Token = 1 << 60
	_, _ = g.announcing.Take(ctx, thief, []ports.TakeRequest{{Ref: settlement.Ref, Token: settlement.Token}})
	_, _ = g.announcing.Settle(ctx, thief, []ports.Settlement{settlement})
}

// lazy sweeps nothing but what was given back.
type lazy struct{ announcing }

func (l *lazy) Sweep(ctx context.Context, member ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
	page, err := l.announcing.Sweep(ctx, member, request)
	page.Round = nil
	return page, err
}

// onceOnly knows no settlement that comes again.
type onceOnly struct {
	announcing
	mu      sync.Mutex
	settled map[ports.StreamRef]bool
}

func (o *onceOnly) Settle(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
	results, err := o.announcing.Settle(ctx, member, settlements)
	o.mu.Lock()
	defer o.mu.Unlock()
	for i := range results {
		if ref := settlements[i].Ref; results[i].Gone && o.settled[ref] {
			results[i] = ports.SettleResult{Err: ports.ErrDisowned, Remembered: settlements[i].Token}
		} else {
			o.settled[ref] = results[i].Gone
		}
	}
	return results, err
}

// stumbling does not get past a malformed entry.
type stumbling struct {
	announcing
	malformed *malformed
}

func (s *stumbling) Fetch(ctx context.Context, member ports.Member, most int, wait time.Duration) (ports.Fetched, error) {
	if s.malformed.areThere() {
		return ports.Fetched{}, errors.New("an entry cannot be read")
	}
	return s.announcing.Fetch(ctx, member, most, wait)
}

// groupless does not make again what hands assignments out.
type groupless struct {
	announcing
	service *memoryService
}

func (g *groupless) Fetch(ctx context.Context, member ports.Member, most int, wait time.Duration) (ports.Fetched, error) {
	g.service.mu.Lock()
	flushed := g.service.flushed
	g.service.mu.Unlock()
	if flushed {
		return ports.Fetched{}, errors.New("NOGROUP")
	}
	return g.announcing.Fetch(ctx, member, most, wait)
}
