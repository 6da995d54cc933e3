package sim

import (
	"context"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// fleet is the live members, in the order in which they joined.
type fleet struct {
	version int64
	members []presence
}

type presence struct {
	beat  core.Beat
	until time.Duration
}

func (s *source) Heartbeat(_ context.Context, beat core.Beat) (core.Fleet, error) {
	now := s.time()
	s.fleet.remove(func(p *presence) bool { return p.until <= now })
	if beat.Leaving {
		s.fleet.remove(func(p *presence) bool { return p.beat.Member.Incarnation == beat.Member.Incarnation })
	} else {
		s.fleet.join(beat, now)
	}
	answer := s.fleet.describe(beat.FleetVersion)
	answer.Backlog = s.backlog
	if waiting := s.after(s.delivered); len(waiting) > 0 {
		answer.OldestWait = max(now-waiting[0].announced, 0)
	}
	answer.Taken = s.taken[beat.Member.Incarnation]
	if beat.Leaving && answer.Taken.Count == 0 {
		delete(s.taken, beat.Member.Incarnation)
	}
	return answer, nil
}

func (f *fleet) remove(gone func(*presence) bool) {
	before := len(f.members)
	f.members = slices.DeleteFunc(f.members, func(p presence) bool { return gone(&p) })
	f.version += int64(before - len(f.members))
}

func (f *fleet) join(beat core.Beat, now time.Duration) {
	at := 0
	for at < len(f.members) && f.members[at].beat.Member.Incarnation != beat.Member.Incarnation {
		at++
	}
	if at == len(f.members) {
		f.members = append(f.members, presence{})
		f.version++
	} else if f.members[at].beat.HasRoom != beat.HasRoom {
		f.version++
	}
	f.members[at] = presence{beat: beat, until: now + beat.Expiry}
}

func (f *fleet) describe(known int64) core.Fleet {
	answer := core.Fleet{Version: f.version}
	for i := range f.members {
		beat := &f.members[i].beat
		answer.Owned += beat.Owned
		if beat.HasRoom {
			answer.OwnedWithRoom += beat.Owned
		}
	}
	if known != f.version {
		answer.Members = make([]core.FleetMember, len(f.members))
		for i := range f.members {
			beat := &f.members[i].beat
			answer.Members[i] = core.FleetMember{Member: beat.Member, HasRoom: beat.HasRoom}
		}
	}
	return answer
}
