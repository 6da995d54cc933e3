package memory

import (
	"context"
	"slices"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// fleet is the live members, in the order in which they joined.
type fleet struct {
	version int64
	members []presence
}

// presence is the last beat of a member, and when it stops counting.
type presence struct {
	beat  ports.Beat
	until time.Time
}

// Heartbeat implements ports.StreamSource.
func (s *Source) Heartbeat(ctx context.Context, beat ports.Beat) (ports.Fleet, error) {
	if err := ctx.Err(); err != nil {
		return ports.Fleet{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.fleet.expire(now)
	if beat.Leaving {
		s.fleet.leave(beat.Member)
	} else {
		s.fleet.join(beat, now)
	}
	answer := s.fleet.describe(beat.FleetVersion)
	answer.Backlog, answer.OldestWait = s.backlog, s.oldestWait(now)
	answer.Taken = s.taken.of(beat.Member)
	if beat.Leaving {
		s.taken.forget(beat.Member)
	}
	return answer, nil
}

func (s *Source) oldestWait(now time.Time) time.Duration {
	for _, first := range s.entries.after(s.lastDelivered) {
		return max(now.Sub(first.announcedAt), 0)
	}
	return 0
}

func (f *fleet) expire(now time.Time) {
	f.remove(func(p presence) bool { return !p.until.After(now) })
}

func (f *fleet) leave(member ports.Member) {
	f.remove(func(p presence) bool { return p.beat.Member.Incarnation == member.Incarnation })
}

func (f *fleet) remove(gone func(presence) bool) {
	before := len(f.members)
	f.members = slices.DeleteFunc(f.members, gone)
	f.version += int64(before - len(f.members))
}

func (f *fleet) join(beat ports.Beat, now time.Time) {
	at := slices.IndexFunc(f.members, func(p presence) bool {
		return p.beat.Member.Incarnation == beat.Member.Incarnation
	})
	if at < 0 {
		at = len(f.members)
		f.members = append(f.members, presence{})
		f.version++
	} else if f.members[at].beat.HasRoom != beat.HasRoom {
		f.version++
	}
	f.members[at] = presence{beat: beat, until: now.Add(beat.Expiry)}
}

// describe answers a member that knows the fleet as of the version known.
func (f *fleet) describe(known int64) ports.Fleet {
	answer := ports.Fleet{Version: f.version}
	for _, p := range f.members {
		answer.Owned += p.beat.Owned
		if p.beat.HasRoom {
			answer.OwnedWithRoom += p.beat.Owned
		}
	}
	if known != f.version {
		answer.Members = make([]ports.FleetMember, len(f.members))
		for i, p := range f.members {
			answer.Members[i] = ports.FleetMember{Member: p.beat.Member, HasRoom: p.beat.HasRoom}
		}
	}
	return answer
}

// empty forgets the members. The version goes on, so that whoever knew them
// hears of it.
func (f *fleet) empty() {
	f.version += int64(len(f.members))
	f.members = nil
}
