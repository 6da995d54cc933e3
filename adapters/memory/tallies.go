package memory

import "github.com/streamlease/streamlease/ports"

// tallies counts, for each incarnation, what it has taken and not settled.
type tallies map[string]ports.Tally

func (t tallies) add(taker ports.Member)    { t.change(taker, +1) }
func (t tallies) remove(taker ports.Member) { t.change(taker, -1) }

func (t tallies) change(taker ports.Member, by int64) {
	tally := t[taker.Incarnation]
	tally.Change++
	tally.Count += by
	t[taker.Incarnation] = tally
}

func (t tallies) of(member ports.Member) ports.Tally { return t[member.Incarnation] }

// forget drops the tally of a member that has left with nothing taken.
func (t tallies) forget(member ports.Member) {
	if t[member.Incarnation].Count == 0 {
		delete(t, member.Incarnation)
	}
}
