package measure

import (
	"context"
	"slices"
	"time"

	"github.com/streamlease/streamlease/bench/fleet"
	"github.com/streamlease/streamlease/bench/member"
)

// The names of what Crash answers.
const (
	RecoveredHalf    = "ms until half of its streams were owned again"
	RecoveredMost    = "ms until 99 % were"
	RecoveredLast    = "ms until the last was"
	NotRecovered     = "streams without an owner when it was stopped"
	AttemptsTakeover = "attempts for each takeover"
	TakenSpread      = "largest share of what was taken by the smallest"
	TakeoverEach     = "CPU of Redis and survivors, µs a takeover"
	TakeoverCPU      = "CPU of Redis and survivors until all was taken over, ms"
)

// Crash is what becomes of the streams of the member process that owns most,
// when it is killed. Nothing is waited for longer than patience.
func Crash(ctx context.Context, setup Setup, streams int, patience time.Duration) (Figures, error) {
	s, err := holding(ctx, setup, streams, (*stage).record)
	if err != nil {
		return nil, err
	}
	defer s.strike()
	if err := pause(ctx, 2*setup.TTL); err != nil {
		return nil, err
	}
	arrived, err := s.arrivalsOf()
	if err != nil {
		return nil, err
	}
	return s.crash(ctx, richest(arrived), patience)
}

// richest is the process to which most streams came, and their names: the
// baseline shares nothing out.
func richest(arrived [][]member.Arrival) (of victim) {
	for process, arrivals := range arrived {
		if len(arrivals) > len(of.streams) {
			of = victim{process, names(arrivals)}
		}
	}
	return of
}

func names(arrivals []member.Arrival) map[string]bool {
	set := make(map[string]bool, len(arrivals))
	for _, arrival := range arrivals {
		set[arrival.Name] = true
	}
	return set
}

// victim is a process that is to be killed, and what it owns.
type victim struct {
	process int
	streams map[string]bool
}

func (s *stage) crash(ctx context.Context, of victim, patience time.Duration) (Figures, error) {
	begin := time.Now()
	s.fleet.Kill(of.process)
	before, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	taken, err := s.takenOver(ctx, of, begin.Add(patience))
	if err != nil {
		return nil, err
	}
	after, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	return crashFigures(begin, of, taken, before, after), nil
}

// takenOver waits until every stream of the victim has come to somebody else,
// for the first time, but not longer than until the deadline.
func (s *stage) takenOver(ctx context.Context, of victim, deadline time.Time) (taken []member.Arrival, err error) {
	missing := make(map[string]bool, len(of.streams))
	for name := range of.streams {
		missing[name] = true
	}
	for len(missing) > 0 && time.Now().Before(deadline) {
		arrivals, err := s.arrivals()
		if err != nil {
			return nil, err
		}
		for _, arrival := range arrivals {
			if missing[arrival.Name] {
				delete(missing, arrival.Name)
				taken = append(taken, arrival)
			}
		}
		if err := pause(ctx, fleet.LookEvery); err != nil {
			return nil, err
		}
	}
	return taken, nil
}

func crashFigures(begin time.Time, of victim, taken []member.Arrival, before, after use) (figures Figures) {
	w := waitsSince(begin, taken)
	figures.add(RecoveredHalf, millis(w.share(0.5)))
	figures.add(RecoveredMost, millis(w.share(0.99)))
	figures.add(RecoveredLast, millis(w.share(1)))
	figures.add(NotRecovered, float64(len(of.streams)-len(taken)))
	used := after.since(before)
	figures.add(AttemptsTakeover, float64(used.fleet.Attempts)/float64(max(used.fleet.Added, 1)))
	figures.add(TakenSpread, takenSpread(before.fleet.Owned, after.fleet.Owned))
	figures.add(TakeoverEach, micros(used.server.CPU+used.fleet.CPU)/float64(max(len(taken), 1)))
	figures.add(TakeoverCPU, millis(used.server.CPU+used.fleet.CPU))
	figures.add(Spurious, float64(used.fleet.Disowned))
	return figures
}

// takenSpread compares what each member got more than it had.
func takenSpread(before, after []int64) float64 {
	taken := slices.Clone(after)
	for i := range taken {
		taken[i] -= before[i]
	}
	return spread(taken)
}
