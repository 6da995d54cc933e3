package measure

import (
	"context"
	"time"
)

// SweepRoundCPU is the name of what a round of the sweep costs in all.
const SweepRoundCPU = "CPU of Redis and sweepers for a round of the sweep, ms"

// Growth is what so many streams cost while nothing happens, in a round of the
// sweep, and when their owner is killed and one other member takes them over.
func Growth(ctx context.Context, setup Setup, streams int, duration, patience time.Duration) (Figures, error) {
	setup.Processes = 1
	s, err := raise(ctx, setup)
	if err != nil {
		return nil, err
	}
	defer s.strike()
	if err := s.fleet.Join(ctx); err != nil {
		return nil, err
	}
	figures, err := s.steady(ctx, streams, duration)
	if err != nil {
		return nil, err
	}
	round, err := s.sweepRound(ctx, streams)
	if err != nil {
		return nil, err
	}
	figures.add(SweepRoundCPU, millis(round))
	if err := s.reinforce(ctx); err != nil {
		return nil, err
	}
	if err := s.record(); err != nil {
		return nil, err
	}
	takeover, err := s.crash(ctx, victim{0, s.allNames()}, patience)
	return append(figures, takeover...), err
}

// allNames are the streams that were announced.
func (s *stage) allNames() map[string]bool {
	all := make(map[string]bool, s.announced)
	for number := range s.announced {
		all[nameOf(number)] = true
	}
	return all
}
