package core

import "time"

// capacity bounds how many leases a member has of which each is renewed by
// itself, while their renewals are late: more than it, its machine or its store
// can renew in time. Without a bound it would acquire again what it has just
// lost, which delays the renewals of what it still has, until it holds next to
// nothing. What is beyond the bound is left to members that can keep it.
type capacity struct {
	limit  int           // 0: there is none
	nextAt time.Duration // when the bound may change again
}

// leastCapacity is what any member may try to hold: a single batch of renewals.
const leastCapacity = renewBatch

// late is how late a renewal may go out.
func (m *Machine) late() time.Duration { return m.config.RenewEvery / 4 }

// adjustCapacity learns from how late the oldest renewal of a batch goes out.
// While renewals are late the bound follows what the member holds, an eighth
// below it; when they are not it rises by a sixteenth in each renewal period,
// until it is far from what the member has.
func (m *Machine) adjustCapacity(oldest *grant) {
	if m.config.Shape != GrantPerLease || m.now < m.capacity.nextAt {
		return
	}
	late := m.now-oldest.renewAt > m.late()
	switch {
	case late:
		m.capacity.limit = max(m.liveGrants*7/8, leastCapacity)
	case m.capacity.limit == 0:
		return
	default:
		m.capacity.limit += m.capacity.limit / 16
	}
	if m.capacity.limit > 4*max(m.liveGrants, leastCapacity) {
		m.capacity.limit = 0
	}
	m.capacity.nextAt = m.now + m.config.RenewEvery
}

// maxStreams is how many streams the member may own now; 0: any number.
func (m *Machine) maxStreams() int {
	switch {
	case m.capacity.limit == 0:
		return m.config.MaxStreams
	case m.config.MaxStreams == 0:
		return m.capacity.limit
	default:
		return min(m.config.MaxStreams, m.capacity.limit)
	}
}
