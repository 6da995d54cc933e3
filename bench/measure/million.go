package measure

import (
	"context"
	"time"
)

// The names of what Million answers beside what Crash does.
const (
	HeldSeconds    = "seconds for which all were held"
	SlowestCommand = "longest time that one command held Redis, ms; 0: less than 20"
	AfterExpiry    = "ms from the expiry of the leases until the last stream was owned again"
)

// Million is one million streams, or as many as one wants: four processes hold
// them for a while, and one is killed.
func Million(ctx context.Context, setup Setup, streams int, duration, patience time.Duration) (Figures, error) {
	s, err := holding(ctx, setup, streams, (*stage).record)
	if err != nil {
		return nil, err
	}
	defer s.strike()
	held, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	used, seconds, err := s.over(ctx, duration)
	if err != nil {
		return nil, err
	}
	arrived, err := s.arrivalsOf()
	if err != nil {
		return nil, err
	}
	takeover, err := s.crash(ctx, richest(arrived), patience)
	if err != nil {
		return nil, err
	}
	slowest, _, err := s.server.Slowest(ctx)
	if err != nil {
		return nil, err
	}
	var figures Figures
	figures.add(HeldSeconds, seconds)
	figures.add(CommandsSecond, float64(used.fleet.Wire.Commands)/seconds)
	figures.add(ServerShare, 100*used.server.CPU.Seconds()/seconds)
	figures.add(ClientShare, 100*used.fleet.CPU.Seconds()/seconds)
	figures.add(Spurious, float64(held.fleet.Disowned+used.fleet.Disowned))
	figures.add(AfterExpiry, takeover.Of(RecoveredLast)-millis(setup.TTL))
	figures.add(SlowestCommand, millis(slowest))
	return append(figures, takeover...), nil
}
