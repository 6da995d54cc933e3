package measure

import (
	"context"
	"time"
)

// The names of what Members answers beside what Crash does.
const (
	MemberCommands = "commands a second of each member"
	MemberBytes    = "bytes a second of each member, both ways"
	FleetCommands  = "commands a second of the fleet"
	FleetBytes     = "bytes a second of the fleet, both ways"
)

// Members is what a fleet of many members costs while nothing happens, and how
// the streams of one of its processes are shared out when it is killed.
func Members(ctx context.Context, setup Setup, streams int, duration, patience time.Duration) (Figures, error) {
	s, err := holding(ctx, setup, streams, (*stage).record)
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
	members := float64(setup.Processes * max(setup.MembersEach, 1))
	commands := float64(used.fleet.Wire.Commands) / seconds
	bytes := float64(used.fleet.Wire.BytesIn+used.fleet.Wire.BytesOut) / seconds
	var figures Figures
	figures.add(FleetCommands, commands)
	figures.add(MemberCommands, commands/members)
	figures.add(FleetBytes, bytes)
	figures.add(MemberBytes, bytes/members)
	figures.add(ServerShare, 100*used.server.CPU.Seconds()/seconds)
	figures.add(ShareSpread, spread(used.fleet.Owned))
	arrived, err := s.arrivalsOf()
	if err != nil {
		return nil, err
	}
	takeover, err := s.crash(ctx, richest(arrived), patience)
	return append(figures, takeover...), err
}
