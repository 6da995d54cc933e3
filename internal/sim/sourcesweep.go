package sim

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// round is the fleet's shared walk over everything that was delivered.
type round struct {
	number, size  int64
	running       bool
	began         time.Duration
	passed        int64
	cursor, until int64
	readyAt       time.Duration
}

func (s *source) Sweep(_ context.Context, _ core.Member, request core.SweepRequest) (core.SweepPage, error) {
	now := s.time()
	request.Limit = max(request.Limit, 1)
	var page core.SweepPage
	page.Due, page.More = s.sweepGivenBack(request.Limit, now)
	s.round.forgetFuture(now)
	if s.round.wait(request.Interval, now) == 0 {
		page.Round = s.sweepRound(request, now)
	}
	page.RoundNumber, page.RoundSize = s.round.number, s.round.size
	page.NextIn = s.round.wait(request.Interval, now)
	return page, nil
}

// forgetFuture: a clock that was set back must not stop the rounds for as long.
func (r *round) forgetFuture(now time.Duration) {
	if r.began > now {
		r.began, r.readyAt = notYet/-2, notYet/-2
	}
}

func (r *round) wait(interval, now time.Duration) time.Duration {
	if r.number == 0 {
		return 0
	}
	wait := r.readyAt - now
	if !r.running {
		wait = max(wait, r.began+interval-now)
	}
	return max(wait, 0)
}

func (s *source) sweepGivenBack(limit int, now time.Duration) (due []core.Swept, more bool) {
	var found []*record
	for _, r := range s.records {
		if r.givenBack != 0 && r.retryAt <= now {
			found = append(found, r)
		}
	}
	slices.SortFunc(found, func(a, b *record) int {
		return cmp.Or(cmp.Compare(a.retryAt, b.retryAt), cmp.Compare(a.givenBack, b.givenBack))
	})
	if len(found) > limit {
		found, more = found[:limit], true
	}
	for _, r := range found {
		due = append(due, r.swept(now))
	}
	return due, more
}

func (s *source) sweepRound(request core.SweepRequest, now time.Duration) (page []core.Swept) {
	if !s.round.running {
		s.round.number++
		s.round.running, s.round.began, s.round.passed = true, now, 0
		s.round.cursor, s.round.until = 0, s.delivered
	}
	complete := true
	for _, r := range s.after(s.round.cursor) {
		if r.id > s.round.until {
			break
		}
		if len(page) == request.Limit {
			complete = false
			break
		}
		page = append(page, r.swept(now))
		s.round.cursor = r.id
	}
	s.round.passed += int64(len(page))
	if request.PerSecond > 0 {
		s.round.readyAt = now + time.Duration(len(page))*time.Second/time.Duration(request.PerSecond)
	}
	if complete {
		s.round.running, s.round.size = false, s.round.passed
	}
	return page
}
