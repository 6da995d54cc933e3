package memory

import (
	"context"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// round is the fleet's shared walk over everything that was delivered. Where
// it stands is all that is kept, so members can come and go.
type round struct {
	// number is that of the last round that began, size how many entries the
	// last complete one went through.
	number, size int64
	running      bool
	began        time.Time
	// passed counts the entries so far; the walk stands after cursor and ends
	// with until, so that it ends also when more is delivered all the time.
	passed        int64
	cursor, until messageID
	// readyAt is when the pace allows the next page.
	readyAt time.Time
}

// Sweep implements ports.StreamSource. It does not matter who asks: a page of
// the round goes to who comes first.
func (s *Source) Sweep(ctx context.Context, _ ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
	if err := ctx.Err(); err != nil {
		return ports.SweepPage{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	request.Limit = max(request.Limit, 1)
	var page ports.SweepPage
	page.Due, page.More = s.sweepGivenBack(request.Limit, now)
	if s.round.wait(request.Interval, now) == 0 {
		page.Round = s.sweepRound(request, now)
	}
	page.RoundNumber, page.RoundSize = s.round.number, s.round.size
	page.NextIn = s.round.wait(request.Interval, now)
	return page, nil
}

// wait is the time until the next page of the round, by the pace and by the
// interval between rounds.
func (r *round) wait(interval time.Duration, now time.Time) time.Duration {
	if r.number == 0 {
		return 0
	}
	wait := r.readyAt.Sub(now)
	if !r.running {
		wait = max(wait, r.began.Add(interval).Sub(now))
	}
	return max(wait, 0)
}

func (s *Source) sweepGivenBack(limit int, now time.Time) (due []ports.Swept, more bool) {
	entries, more := s.givenBack.due(now, limit)
	for _, e := range entries {
		due = append(due, e.swept(now))
	}
	return due, more
}

func (s *Source) sweepRound(request ports.SweepRequest, now time.Time) (page []ports.Swept) {
	if !s.round.running {
		s.beginRound(now)
	}
	handed := 0
	complete := true
	for id, e := range s.entries.after(s.round.cursor) {
		if id.compare(s.round.until) > 0 {
			break
		}
		if handed == request.Limit {
			complete = false
			break
		}
		page = append(page, e.swept(now))
		s.round.cursor = id
		handed++
	}
	s.round.passed += int64(handed)
	if request.PerSecond > 0 {
		s.round.readyAt = now.Add(time.Duration(handed) * time.Second / time.Duration(request.PerSecond))
	}
	if complete {
		s.round.running, s.round.size = false, s.round.passed
	}
	return page
}

func (s *Source) beginRound(now time.Time) {
	s.round.number++
	s.round.running = true
	s.round.began = now
	s.round.passed = 0
	s.round.cursor, s.round.until = messageID{}, s.lastDelivered
}

// swept is what a sweep says of an entry. One that was trimmed is listed like
// any other: whoever takes it learns that it is lost.
func (e *entry) swept(now time.Time) ports.Swept {
	return ports.Swept{
		Assignment: e.assignment,
		Token:      e.record.token,
		Taker:      e.record.taker.Incarnation,
		Settled:    e.record.settled != 0,
		Age:        now.Sub(e.changedAt),
		RetryIn:    max(e.record.retryAt.Sub(now), 0),
	}
}
