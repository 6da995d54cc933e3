package core

import "time"

// rank is this member's place among the live members with room, in the order
// in which they try for the name: 0 tries at once, each further one a rank
// delay later. A member without room has rank -1.
//
// The order is rendezvous hashing, the same on every member: each name has
// its own order, every member is first for its share of the names, and a
// member that comes or goes changes the order of nothing else. The hash
// belongs to the layout of the service's data: members of one service must
// agree on it.
func (m *Machine) rank(name string) int { return m.rankWithout("", name) }

// rankWithout is the rank when one of the others does not try in its turn.
func (m *Machine) rankWithout(absent, name string) int {
	if !m.roomBesidesFetch() {
		return -1
	}
	nameHash := hash(name)
	mine := score(m.config.Member.Incarnation, nameHash)
	rank := 0
	for i := range m.fleet.members {
		other := m.fleet.members[i].Member.Incarnation
		if other == absent {
			continue
		}
		theirs := score(other, nameHash)
		if theirs > mine || theirs == mine && other > m.config.Member.Incarnation {
			rank++
		}
	}
	return rank
}

// lastRank is the delay after which everybody else has had a try.
func (m *Machine) lastRank() time.Duration {
	return time.Duration(len(m.fleet.members)+1) * m.config.RankDelay
}

// hash is FNV-1a, 64 bits (http://www.isthe.com/chongo/tech/comp/fnv/).
func hash(text string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(text); i++ {
		h ^= uint64(text[i])
		h *= 1099511628211
	}
	return h
}

// score mixes a member with a name's hash by the finalizer of splitmix64
// (Steele, Lea and Flood, "Fast splittable pseudorandom number generators",
// 2014), since FNV alone spreads similar texts badly.
func score(incarnation string, name uint64) uint64 {
	z := hash(incarnation) ^ name
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb
	return z ^ (z >> 31)
}
