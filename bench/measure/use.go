package measure

import (
	"context"
	"time"

	"github.com/streamlease/streamlease/bench/fleet"
	"github.com/streamlease/streamlease/bench/server"
)

// use is what a stage's server and fleet have used, and have.
type use struct {
	server server.Use
	fleet  fleet.Usage
}

func (s *stage) use(ctx context.Context) (use, error) {
	members, err := s.fleet.Look()
	if err != nil {
		return use{}, err
	}
	store, err := s.server.Use(ctx)
	return use{store, members}, err
}

func (u use) since(earlier use) use {
	return use{u.server.Since(earlier.server), u.fleet.Since(earlier.fleet)}
}

// over is what was used while so much time passed.
func (s *stage) over(ctx context.Context, duration time.Duration) (used use, seconds float64, err error) {
	before, err := s.use(ctx)
	if err != nil {
		return use{}, 0, err
	}
	if err := s.profiled(func() error { return pause(ctx, duration) }); err != nil {
		return use{}, 0, err
	}
	after, err := s.use(ctx)
	return after.since(before), after.fleet.At.Sub(before.fleet.At).Seconds(), err
}

func micros(d time.Duration) float64 { return float64(d) / float64(time.Microsecond) }

func millis(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }
