package source

import (
	"context"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// Heartbeat implements ports.StreamSource. It goes over the lane of the
// renewals: a member whose beats wait behind its other calls would be taken for
// gone.
func (s *Source) Heartbeat(ctx context.Context, beat ports.Beat) (ports.Fleet, error) {
	if err := checkMember(beat.Member); err != nil {
		return ports.Fleet{}, refuse("Heartbeat", err)
	}
	raw, err := s.run(ctx, s.conn.Renewals, heartbeatScript,
		beat.Member.Incarnation, beat.Member.ID, flag(beat.HasRoom), max(beat.Owned, 0), beat.Version,
		millis(beat.Expiry), flag(beat.Leaving), beat.FleetVersion, conn.Layout)
	if err != nil {
		return ports.Fleet{}, err
	}
	answer := readReply(raw)
	if answer.text() == "layout" {
		found := answer.text()
		if err := s.conn.Renewals.JudgeLayout(found); err != nil {
			return ports.Fleet{}, err
		}
		return ports.Fleet{}, heartbeatScript.BadReply(raw)
	}
	fleet := readFleet(answer)
	if !answer.ok() {
		return ports.Fleet{}, heartbeatScript.BadReply(raw)
	}
	if fleet.Version != beat.FleetVersion && fleet.Members == nil {
		fleet.Members = []ports.FleetMember{}
	}
	return fleet, nil
}

// readFleet reads what follows the word "fleet". Who has a name that no member
// can have is left out.
func readFleet(answer *reply) ports.Fleet {
	fleet := ports.Fleet{
		Version:       answer.number(),
		Owned:         answer.number(),
		OwnedWithRoom: answer.number(),
		Backlog:       answer.number(),
		OldestWait:    answer.milliseconds(),
		Taken:         answer.tally(),
	}
	for !answer.isEmpty() {
		member := ports.FleetMember{
			Member:  ports.Member{Incarnation: answer.text(), ID: answer.text()},
			HasRoom: answer.flag(),
		}
		if isIncarnation(member.Member.Incarnation) {
			fleet.Members = append(fleet.Members, member)
		}
	}
	return fleet
}
