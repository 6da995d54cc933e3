package measure

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/bench/member"
)

// The names of what Steady answers.
const (
	Held           = "streams held"
	CommandsEach   = "commands a stream-second"
	ExecutedEach   = "commands a stream-second, those inside scripts too"
	RoundTripsEach = "round trips a stream-second"
	CommandsSecond = "commands a second"
	ServerEach     = "Redis CPU, µs a stream-second"
	ClientEach     = "client CPU, µs a stream-second"
	ServerShare    = "Redis CPU, % of a core"
	ClientShare    = "client CPU, % of a core"
	ResidentEach   = "resident bytes a stream"
	CollectedEach  = "resident bytes a stream, after a collection"
	Goroutines     = "goroutines"
	MemoryEach     = "Redis bytes a stream"
	Spurious       = "streams lost without cause"
)

// Steady is what it costs that one member process holds streams, in which
// nothing happens.
func Steady(ctx context.Context, setup Setup, streams int, duration time.Duration) (Figures, error) {
	setup.Processes = 1
	s, err := raise(ctx, setup)
	if err != nil {
		return nil, err
	}
	defer s.strike()
	if err := s.fleet.Join(ctx); err != nil {
		return nil, err
	}
	return s.steady(ctx, streams, duration)
}

func (s *stage) steady(ctx context.Context, streams int, duration time.Duration) (Figures, error) {
	if _, err := s.fleet.AskAll(member.Request{Action: member.Collect}); err != nil {
		return nil, err
	}
	empty, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	if err := s.hold(ctx, streams); err != nil {
		return nil, fmt.Errorf("hold %d streams: %w", streams, err)
	}
	if err := pause(ctx, s.setup.TTL); err != nil {
		return nil, err
	}
	used, seconds, err := s.over(ctx, duration)
	if err != nil {
		return nil, err
	}
	if _, err := s.fleet.AskAll(member.Request{Action: member.Collect}); err != nil {
		return nil, err
	}
	full, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	return steadyFigures(empty, used, full, seconds), nil
}

func steadyFigures(empty, used, full use, seconds float64) (figures Figures) {
	streams := float64(max(used.fleet.OwnedInAll(), 1))
	each := seconds * streams
	wire := used.fleet.Wire
	figures.add(Held, streams)
	figures.add(CommandsEach, float64(wire.Commands)/each)
	figures.add(ExecutedEach, float64(used.server.Executed())/each)
	figures.add(RoundTripsEach, float64(wire.RoundTrips)/each)
	figures.add(CommandsSecond, float64(wire.Commands)/seconds)
	figures.add(ServerEach, micros(used.server.CPU)/each)
	figures.add(ClientEach, micros(used.fleet.CPU)/each)
	figures.add(ServerShare, 100*used.server.CPU.Seconds()/seconds)
	figures.add(ClientShare, 100*used.fleet.CPU.Seconds()/seconds)
	figures.add(ResidentEach, float64(used.fleet.Resident-empty.fleet.Resident)/streams)
	figures.add(CollectedEach, float64(full.fleet.Resident-empty.fleet.Resident)/streams)
	figures.add(Goroutines, float64(used.fleet.Goroutines))
	figures.add(MemoryEach, float64(full.server.Memory-empty.server.Memory)/streams)
	figures.add(Spurious, float64(full.fleet.Disowned))
	return figures
}
