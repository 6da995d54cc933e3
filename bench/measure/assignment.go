package measure

import (
	"context"
	"fmt"

	"github.com/streamlease/streamlease/bench/member"
)

// The names of what Assignment answers.
const (
	AssignedSecond = "streams a second, from the first StreamAdded"
	ShareSpread    = "largest share by the smallest"
	NotAssigned    = "streams that came to nobody"
	TotalEach      = "CPU of Redis and members, µs a stream"
)

// Assignment is how a backlog is shared out among member processes that join
// together.
func Assignment(ctx context.Context, setup Setup, streams int) (Figures, error) {
	s, err := raise(ctx, setup)
	if err != nil {
		return nil, err
	}
	defer s.strike()
	if err := s.announce(ctx, streams); err != nil {
		return nil, err
	}
	if err := s.record(); err != nil {
		return nil, err
	}
	before, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	if _, err := s.fleet.AskAll(member.Request{Action: member.Join}); err != nil {
		return nil, err
	}
	if err := s.awaitOwned(ctx); err != nil {
		return nil, err
	}
	after, err := s.use(ctx)
	if err != nil {
		return nil, err
	}
	arrivals, err := s.arrivals()
	if err != nil {
		return nil, err
	}
	if len(arrivals) < 2 {
		return nil, fmt.Errorf("of %d streams %d have arrived", streams, len(arrivals))
	}
	used := after.since(before)
	seconds := float64(arrivals[len(arrivals)-1].At-arrivals[0].At) / 1e9
	var figures Figures
	figures.add(AssignedSecond, float64(len(arrivals))/seconds)
	figures.add(NotAssigned, float64(streams-len(names(arrivals))))
	figures.add(ShareSpread, spread(after.fleet.Owned))
	figures.add(TotalEach, micros(used.server.CPU+used.fleet.CPU)/float64(streams))
	return figures, nil
}
