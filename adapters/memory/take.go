package memory

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Take implements ports.StreamSource.
func (s *Source) Take(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	results := make([]ports.TakeResult, len(requests))
	for i, request := range requests {
		results[i] = s.take(member, request)
		results[i].Taken = s.taken.of(member)
	}
	return results, nil
}

func (s *Source) take(member ports.Member, request ports.TakeRequest) ports.TakeResult {
	now := s.now()
	e := s.find(request.Ref)
	if e == nil {
		return ports.TakeResult{Err: fmt.Errorf("%w: %.100q", ports.ErrDone, request.Ref)}
	}
	if e.trimmed {
		s.lose(e, now)
		return ports.TakeResult{Err: fmt.Errorf("%w: %.100q", ports.ErrLost, request.Ref)}
	}
	record := &e.record
	if request.Token == record.token && record.isOwnedBy(member) {
		if !request.Trial {
			record.endTrial()
		}
		return e.tenure()
	}
	if request.Token <= record.token {
		return ports.TakeResult{
			Err:        fmt.Errorf("%w: %.100q was taken with token %d", ports.ErrDisowned, request.Ref, record.token),
			Remembered: record.token,
		}
	}
	if record.settled != 0 && record.retryAt.After(now) {
		return ports.TakeResult{
			Err:     fmt.Errorf("%w: %.100q", ports.ErrNotYet, request.Ref),
			RetryIn: record.retryAt.Sub(now),
		}
	}
	if crashes := record.crashesStanding(now, request.StableAfter); request.Suspect > 0 && crashes >= request.Suspect {
		return ports.TakeResult{
			Err:     fmt.Errorf("%w: %.100q", ports.ErrSuspect, request.Ref),
			Crashes: crashes,
		}
	}
	changed := s.beginTenure(e, member, request, now)
	result := e.tenure()
	result.Changed = changed
	return result
}

// tenure is the answer to whoever owns the assignment.
func (e *entry) tenure() ports.TakeResult {
	return ports.TakeResult{
		Assignment:   e.assignment,
		Failures:     e.record.failures,
		Crashes:      e.record.crashes,
		CrashedAlone: e.record.crashedAlone,
	}
}

// beginTenure makes member the taker, and reports whether the assignment was
// not among what it has taken already, with a lower token.
func (s *Source) beginTenure(e *entry, member ports.Member, request ports.TakeRequest, now time.Time) (changed bool) {
	record := &e.record
	record.convict(now)
	if record.isOwned() {
		record.forgive(now, request.StableAfter)
	}
	if record.isOwned() && !record.isOwnedBy(member) {
		record.suspect = suspect{member: record.taker, token: record.token, alone: record.trial}
	}
	changed = !record.isOwnedBy(member)
	if changed {
		if record.isOwned() {
			s.taken.remove(record.taker)
		}
		s.taken.add(member)
	}
	record.token, record.taker, record.takenAt, record.trial = request.Token, member, now, request.Trial
	record.settled, record.retryAt = 0, time.Time{}
	s.notGivenBack(e)
	if s.isDelivered(e) {
		e.bearer = member.Incarnation
	}
	e.changedAt = now
	return changed
}
