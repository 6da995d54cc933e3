package measure

import (
	"context"
	"errors"
	"time"

	"github.com/streamlease/streamlease/bench/fleet"
	"github.com/streamlease/streamlease/bench/member"
)

// The names of what HeadOfLine answers.
const (
	LongestRenewal = "longest renewal while all that was claimed, ms"
	LatestRenewal  = "latest renewal while all that was claimed, ms after its time"
)

// renewalsEach is how often a lease is renewed in its TTL.
const renewalsEach = 3

// HeadOfLine is how late a member renews its session while it claims all that
// another left behind. A tenth of that it owns before.
func HeadOfLine(ctx context.Context, setup Setup, streams int, patience time.Duration) (Figures, error) {
	setup.Processes = 1
	s, err := holding(ctx, setup, streams)
	if err != nil {
		return nil, err
	}
	defer s.strike()
	if err := s.reinforce(ctx); err != nil {
		return nil, err
	}
	// All of these go to the newcomer: the other is over its share.
	if err := s.hold(ctx, streams/10); err != nil {
		return nil, err
	}
	if err := pause(ctx, setup.TTL); err != nil {
		return nil, err
	}
	s.fleet.Kill(0)
	return s.renewalsWhileClaiming(ctx, streams, patience)
}

func (s *stage) renewalsWhileClaiming(ctx context.Context, streams int, patience time.Duration) (Figures, error) {
	claiming, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var worst member.Renewals
	_, err := s.fleet.Await(claiming, "all is owned again", func(u fleet.Usage) bool {
		worst = u.Renewals.Worse(worst)
		return u.OwnedInAll() == int64(s.announced)
	})
	if err != nil && !errors.Is(err, context.DeadlineExceeded) {
		return nil, err
	}
	var figures Figures
	figures.add(LongestRenewal, millis(worst.LongestCall))
	figures.add(LatestRenewal, millis(max(0, worst.LongestPause-s.setup.TTL/renewalsEach)))
	return figures, err
}
