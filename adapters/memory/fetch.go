package memory

import (
	"context"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Fetch implements ports.StreamSource.
func (s *Source) Fetch(ctx context.Context, member ports.Member, limit int, wait time.Duration) (ports.Fetched, error) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	for {
		// An ended ctx comes first: what is delivered to a caller that has
		// gone would wait for its next look at Deliveries.
		if err := ctx.Err(); err != nil {
			return ports.Fetched{}, err
		}
		fetched, announced := s.deliver(member, limit)
		if len(fetched.Assignments) > 0 || limit <= 0 || wait <= 0 {
			return fetched, nil
		}
		select {
		case <-announced:
		case <-ctx.Done():
		case <-timer.C:
			wait = 0
		}
	}
}

// deliver gives member what waits, and says what to wait for when that is
// nothing.
func (s *Source) deliver(member ports.Member, limit int) (ports.Fetched, <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var fetched ports.Fetched
	for id, next := range s.entries.after(s.lastDelivered) {
		if len(fetched.Assignments) >= limit {
			break
		}
		s.lastDelivered = id
		s.backlog--
		if next.trimmed {
			continue
		}
		s.giveTo(member, next)
		fetched.Assignments = append(fetched.Assignments, next.assignment)
	}
	fetched.Left = s.backlog
	return fetched, s.announced
}

func (s *Source) giveTo(member ports.Member, e *entry) {
	e.bearer = member.Incarnation
	e.changedAt = s.now()
	// It was claimed by its ref and given back before it was delivered. A
	// sweep may find it from now on.
	if e.record.settled != 0 {
		e.retry = s.givenBack.add(e.record.retryAt, e)
	}
}
