package measure

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/bench/usage"
	"github.com/streamlease/streamlease/ports"
)

const (
	// sweepPage is the page for which members ask.
	sweepPage = 100
	// unhurried is a pace that holds nobody up: a round at the members' own
	// pace takes two thousandths of a second for each stream.
	unhurried = 1_000_000_000
	sweepCall = 10 * time.Second
)

// sweepRound goes through a round of the sweep as the members do, but at once,
// and answers what Redis and this process have spent. Like a member to which
// all streams are strange it asks who holds each.
func (s *stage) sweepRound(ctx context.Context, streams int) (time.Duration, error) {
	set, err := goredis.New(s.client, service)
	if err != nil {
		return 0, err
	}
	before, err := s.server.Use(ctx)
	if err != nil {
		return 0, err
	}
	cpu := usage.CPU()
	for swept := 0; swept < streams; {
		page, err := sweptPage(ctx, set)
		if err != nil {
			return 0, fmt.Errorf("a round of the sweep, after %d of %d streams: %w", swept, streams, err)
		}
		swept += page
	}
	cpu = usage.CPU() - cpu
	after, err := s.server.Use(ctx)
	return cpu + after.Since(before).CPU, err
}

func sweptPage(ctx context.Context, set ports.Set) (streams int, err error) {
	ctx, cancel := context.WithTimeout(ctx, sweepCall)
	defer cancel()
	sweeper := ports.Member{ID: "sweeper", Incarnation: "sweeper"}
	page, err := set.Source.Sweep(ctx, sweeper, ports.SweepRequest{Limit: sweepPage, PerSecond: unhurried})
	if err != nil {
		return 0, err
	}
	names := make([]string, len(page.Round))
	for i, swept := range page.Round {
		names[i] = swept.Assignment.Ref.Name
	}
	if len(names) > 0 {
		_, err = set.Leases.Inspect(ctx, names)
	}
	return len(names), err
}

// The names of what Sweep answers.
const (
	SweptSecond      = "streams swept a second, by the whole fleet"
	SweepServerShare = "the sweep's Redis CPU, % of a core"
	SweepClientShare = "the sweep's CPU of all members, % of a core"
)

// Sweep is what the sweep costs the fleet, when its rounds follow one another
// without a pause, as they do from 30,000 streams on: what a fleet with the
// sweep uses more than the same fleet before its sweep begins.
func Sweep(ctx context.Context, setup Setup, streams int, duration time.Duration) (Figures, error) {
	quiet, err := sweeping(ctx, setup, streams, duration)
	if err != nil {
		return nil, err
	}
	setup.SweepInterval = time.Millisecond
	busy, err := sweeping(ctx, setup, streams, duration)
	if err != nil {
		return nil, err
	}
	var figures Figures
	figures.add(SweptSecond, busy.Of(SweptSecond)-quiet.Of(SweptSecond))
	figures.add(SweepServerShare, busy.Of(ServerShare)-quiet.Of(ServerShare))
	figures.add(SweepClientShare, busy.Of(ClientShare)-quiet.Of(ClientShare))
	return figures, nil
}

func sweeping(ctx context.Context, setup Setup, streams int, duration time.Duration) (Figures, error) {
	s, err := holding(ctx, setup, streams)
	if err != nil {
		return nil, err
	}
	defer s.strike()
	if err := pause(ctx, setup.TTL); err != nil {
		return nil, err
	}
	used, seconds, err := s.over(ctx, duration)
	if err != nil {
		return nil, err
	}
	var figures Figures
	figures.add(SweptSecond, float64(used.fleet.Swept)/seconds)
	figures.add(ServerShare, 100*used.server.CPU.Seconds()/seconds)
	figures.add(ClientShare, 100*used.fleet.CPU.Seconds()/seconds)
	return figures, nil
}
