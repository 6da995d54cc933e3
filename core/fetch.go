package core

import "time"

// fetching is the member's listening on the load-balancer stream.
type fetching struct {
	allowed bool  // the first heartbeat interval is over, and what it brought is known
	left    int64 // assignments that wait, as last heard
	alarm   alarm
	failed  int // Fetches in a row without an answer
	out     CallID
	pausing bool
	// full: the member has its share, since fullSince, and something is left.
	full      bool
	fullSince time.Duration
	// cautious: the last Acquire failed; one assignment at a time will show
	// when the store takes new work again.
	cautious bool
}

// flushFetch asks for more, as much as this member should have. One Fetch is
// out at a time, and room is reserved for what it may bring.
func (m *Machine) flushFetch() {
	if !m.fetch.allowed || m.fetch.out != 0 || m.fetch.pausing || m.closing != nil || m.readBack.wanted || m.storeDown || m.behind() {
		return
	}
	limit := m.appetite()
	if limit <= 0 {
		return
	}
	c := m.call(callFetch, ReasonRoom)
	m.fetch.out = c.head.ID
	m.reserved = limit
	m.emit(SendFetch{Call: c.head, Max: limit, Wait: m.fetchWait()})
}

// fetchWait is how long a Fetch waits for an announcement. One that is lost on
// its way leaves the member without for as long: less than a TTL.
func (m *Machine) fetchWait() time.Duration { return min(longestFetch, m.config.TTL/2) }

// appetite is how many assignments the member should fetch now: no more than
// it has room for, than it can lease soon, and than its share.
func (m *Machine) appetite() int {
	limit := min(m.size(callFetch, fetchLimit), backlogLimit-(m.occupied-m.owned))
	if m.fetch.cautious {
		limit = min(limit, 1)
	}
	if most := m.maxStreams(); most > 0 {
		limit = min(limit, most-m.inUse())
	}
	if limit <= 0 || len(m.fleet.members) == 0 {
		return limit
	}
	if share := m.share(); share > 0 {
		m.fetch.full = false
		return min(limit, share)
	}
	if m.fetch.left == 0 {
		m.fetch.full = false
		return min(limit, m.afterShare())
	}
	return min(limit, m.beyondShare())
}

// afterShare is what a member that has its share, by what it knows, may take
// while nothing waits. What it knows is as old as the heartbeats; and what comes
// one at a time is given to whoever has listened longest, so that it is shared
// out by itself. So the member goes on listening while it has hardly more than
// the others: were all to stop until the next heartbeat, the next announcement
// would find no listener.
func (m *Machine) afterShare() int {
	hardly := m.fleet.self/16 + 4
	if grown := int64(m.occupied) - m.fleet.self; grown >= hardly/4 || grown < 0 {
		m.beatSoon(ReasonShare) // the others are to know; perhaps they have taken some too
	}
	members := int64(len(m.fleet.members) + 1)
	others := max(0, m.fleet.known.OwnedWithRoom-m.fleet.self)
	if m.fleet.self > (others+m.fleet.self)/members+hardly {
		return 0
	}
	return 1
}

// beyondShare is what a member that has its share takes all the same, once in
// a heartbeat interval, of what nobody else has taken for one.
func (m *Machine) beyondShare() int {
	m.beatSoon(ReasonShare) // somebody else is to take it: find out when nobody does
	if !m.fetch.full {
		m.fetch.full, m.fetch.fullSince = true, m.now
	}
	if m.now-m.fetch.fullSince < m.config.HeartbeatEvery || m.fleet.known.OldestWait < m.config.HeartbeatEvery {
		return 0
	}
	m.fetch.fullSince = m.now
	members := int64(len(m.fleet.members) + 1)
	return int((m.fetch.left + members - 1) / members)
}

// share is what this member may still take so that all members with room end
// up with as many, rounded up. When nothing is known to wait it reckons with
// one announcement, so that somebody always listens.
func (m *Machine) share() int {
	members := int64(len(m.fleet.members) + 1)
	others := max(0, m.fleet.known.OwnedWithRoom-m.fleet.self)
	total := max(m.fetch.left, 1) + others + int64(m.occupied)
	return int((total+members-1)/members) - m.occupied
}

func (m *Machine) fetchAnswered(a FetchAnswered) {
	c := m.answer(a.Answered, callFetch)
	if c == nil {
		return
	}
	m.fetch.out, m.reserved = 0, 0
	m.pursueAll(&m.roomless)
	switch {
	case a.Err != nil && c.calledOff:
		m.readBackLater(c)
		return
	case a.Err != nil:
		m.fetchFailed(c, a.Err)
		return
	}
	m.fetch.failed = 0
	m.fetch.left = a.Fetched.Left
	for _, assignment := range a.Fetched.Assignments {
		m.lastSeen = assignment.Ref.MessageID
		m.delivered(assignment)
	}
}

// fetchFailed: whatever was delivered meanwhile is read back.
func (m *Machine) fetchFailed(c *call, err error) {
	m.failed(err)
	m.readBackLater(c)
	m.pauseFetch()
}

// pauseFetch keeps a source that fails from being asked again and again.
func (m *Machine) pauseFetch() {
	if m.closing != nil {
		return
	}
	m.fetch.failed++
	m.fetch.pausing = true
	pause := min(m.config.CallTimeout/8<<min(m.fetch.failed-1, 8), m.config.TTL/3)
	m.set(&m.fetch.alarm, m.now+m.random.jitter(pause), ringFunc(func(m *Machine) {
		m.fetch.pausing = false
	}))
}

// beCautious keeps a member whose lease store refuses new work, or does not
// answer, from taking assignments away from the others.
func (m *Machine) beCautious() {
	m.fetch.cautious = true
	if !m.fetch.pausing {
		m.pauseFetch()
	}
}

func (m *Machine) cancelFetch() {
	if c := m.calls[m.fetch.out]; c != nil && !c.calledOff {
		c.calledOff = true
		m.emit(CancelCall{ID: c.head.ID})
	}
}

// callOffGreed ends a Fetch that could bring more than the member's share,
// because others have come since it was sent.
func (m *Machine) callOffGreed() {
	if m.fetch.out != 0 && len(m.fleet.members) > 0 && m.reserved > max(1, m.share()) {
		m.cancelFetch()
	}
}

// pursueAll goes on with what waited for something that has come.
func (m *Machine) pursueAll(waited *queue[*entry]) {
	for range waited.len() {
		e, _ := waited.pop()
		if e.phase == waiting && m.find(e.ref) == e {
			m.pursue(e)
		}
	}
}

// delivered goes after an assignment that the source gave to this member.
func (m *Machine) delivered(assignment Assignment) {
	if e := m.find(assignment.Ref); e != nil {
		e.fresh = e.fresh || e.phase == waiting
		if e.phase == waiting && !e.hasAlarm() && m.busy(e.ref.Name) == nil {
			m.pursue(e)
		}
		return
	}
	if m.waiting >= waitingLimit {
		m.publish(Hint{Kind: HintRef, Ref: assignment.Ref})
		return
	}
	e := m.entryOf(assignment.Ref)
	e.fresh = true
	e.keepInfo(assignment.Info)
	m.pursue(e)
}

// waitingLimit bounds the entries that wait for word: what is beyond it is
// left to others and to the sweep.
const waitingLimit = 20_000
