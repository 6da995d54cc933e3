package core

// estate is what a member that has left the fleet was given and did not get
// to. What it owned is found by its lease; but between Fetch and Acquire an
// assignment has none, and would wait for the sweep.
type estate struct {
	member Member
	cursor string
}

// estateLimit bounds how many are looked through; more are left to the sweep.
const estateLimit = 1000

// inherit looks through the estates of those who are gone. One member is
// enough for each: the first in rank for the dead one's name.
func (m *Machine) inherit(before, now []FleetMember) {
	here := make(map[string]bool, len(now))
	for _, member := range now {
		here[member.Member.Incarnation] = true
	}
	for _, gone := range before {
		if !here[gone.Member.Incarnation] && len(m.estates) < estateLimit && m.rank(gone.Member.Incarnation) == 0 {
			m.estates = append(m.estates, &estate{member: gone.Member})
		}
	}
}

// flushEstates asks for the next page, one at a time.
func (m *Machine) flushEstates() {
	if len(m.estates) == 0 || m.closing != nil || m.stale() || m.underWay[callEstate] > 0 || m.acquisitions.len() > backlogLimit {
		return
	}
	e := m.estates[0]
	c := m.call(callEstate, ReasonEstate)
	c.estate = e
	m.emit(SendDeliveries{Call: c.head, Member: e.member, Cursor: e.cursor, Limit: m.page(callEstate, pageLimit)})
}

// estateAnswered goes after what nobody took, as after what a sweep found:
// the member may live, and have leased it meanwhile.
func (m *Machine) estateAnswered(c *call, a DeliveriesAnswered) {
	if len(m.estates) == 0 || m.estates[0] != c.estate {
		return
	}
	if a.Err != nil {
		m.failed(a.Err)
		m.estates = m.estates[1:] // the sweep finds it
		return
	}
	for _, d := range a.Page.Deliveries {
		if !d.Taken {
			m.sweepFound(Swept{Assignment: d.Assignment, Token: d.Token}, true)
		}
	}
	c.estate.cursor = a.Page.Next
	if a.Page.Next == "" {
		m.estates = m.estates[1:]
	}
}
