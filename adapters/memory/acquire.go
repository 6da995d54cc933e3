package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Acquire implements ports.LeaseStore.
func (l *Leases) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	now := l.lock()
	defer l.mu.Unlock()
	results := make([]ports.AcquireResult, len(requests))
	for i, request := range requests {
		results[i] = l.acquire(member, request, now, now.Add(ttl))
	}
	return results, nil
}

func (l *Leases) acquire(member ports.Member, request ports.AcquireRequest, now, deadline time.Time) ports.AcquireResult {
	name := request.Ref.Name
	if err := ports.ValidateName(name); err != nil {
		return ports.AcquireResult{Err: refuse("Acquire", err)}
	}
	joined := l.grants[request.Grant]
	switch {
	case joined == nil && !request.Open, joined != nil && joined.isLost():
		return ports.AcquireResult{Err: fmt.Errorf("acquire %.100q: %w", name, grantExpired(request.Grant))}
	case joined == nil && l.opens(name):
		joined = l.open(request.Grant, member, deadline)
	}
	held := l.names[name]
	if held != nil && held.isLive() {
		return heldBy(held, joined, now)
	}
	if held != nil {
		l.remove(held)
	}
	l.extend(joined, deadline)
	acquired := &lease{ref: request.Ref, token: l.draw(request.Floor, now), grant: joined}
	l.add(acquired)
	return ports.AcquireResult{Token: acquired.token, Tally: joined.tally}
}

// opens says whether a request that opens its grant makes one. A session is
// there whoever holds the name; a single grant is the lease, or nothing.
func (l *Leases) opens(name string) bool {
	held := l.names[name]
	return l.shape == ports.GrantPerMember || held == nil || !held.isLive()
}

func heldBy(held *lease, joined *grant, now time.Time) ports.AcquireResult {
	result := ports.AcquireResult{
		Err:    fmt.Errorf("%w: %.100q is held by %v", ports.ErrHeld, held.ref.Name, held.grant.member),
		Holder: held.holder(now),
	}
	if joined != nil {
		result.Tally = joined.tally
	}
	return result
}

// draw makes a token that is greater than every earlier one: those that the
// counter remembers, those of before a flush, by the clock, and those that
// only the caller knows of.
func (l *Leases) draw(floor ports.Token, now time.Time) ports.Token {
	l.counter = max(l.counter+1, ports.Token(now.UnixMicro()), floor+1)
	return l.counter
}
