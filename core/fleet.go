package core

import (
	"errors"
	"time"
)

// fleet is what the member knows of the others, and of the freshness of what
// it knows.
type fleet struct {
	known   Fleet
	members []FleetMember // which have room, without this one
	self    int64         // what this member said it owned when known was answered

	alarm    alarm
	beaten   time.Duration // when the last beat was sent
	joinedAt time.Duration // when the beat that joined was asked for

	// staleSince is when the member's view became doubtful; -1: it is fresh.
	staleSince              time.Duration
	freshBeat, freshRenewal bool

	// refusedSince is when heartbeats began to be refused for a lasting
	// reason; -1: they are not.
	refusedSince time.Duration
}

// earliestBeat is the least time between two heartbeats that something other
// than time asks for.
func (m *Machine) earliestBeat() time.Duration { return m.config.HeartbeatEvery / 20 }

// beat sends a heartbeat now, unless one is under way.
func (m *Machine) beat(why Reason) {
	m.set(&m.fleet.alarm, m.now+m.config.HeartbeatEvery, ringFunc(func(m *Machine) { m.beat(ReasonHeartbeat) }))
	if m.underWay[callHeartbeat] > 0 {
		return
	}
	m.fleet.beaten = m.now
	c := m.call(callHeartbeat, why)
	c.owned = int64(m.occupied)
	leaving := why == ReasonLeaving
	m.emit(SendHeartbeat{Call: c.head, Beat: Beat{
		Member: m.config.Member, HasRoom: m.roomBesidesFetch() && m.closing == nil, Owned: c.owned,
		Version: m.config.Version, Expiry: m.config.MemberExpiry, Leaving: leaving,
		FleetVersion: m.fleet.known.Version,
	}})
}

// beatSoon sends the next heartbeat as early as decency allows.
func (m *Machine) beatSoon(why Reason) {
	if m.closing != nil || m.underWay[callHeartbeat] > 0 {
		return
	}
	m.setEarlier(&m.fleet.alarm, max(m.now, m.fleet.beaten+m.earliestBeat()),
		ringFunc(func(m *Machine) { m.beat(why) }))
}

func (m *Machine) heartbeatAnswered(a HeartbeatAnswered) {
	c := m.answer(a.Answered, callHeartbeat)
	if c == nil {
		return
	}
	if m.closing != nil && m.closing.leaving {
		m.terminate()
		return
	}
	m.probed(c, a.Err)
	if a.Err != nil {
		m.heartbeatFailed(a.Err)
		return
	}
	m.fleet.refusedSince = -1
	if m.connected < 0 {
		m.connected = m.now
		if m.joined {
			m.emit(SendCheck{Call: m.call(callCheck, ReasonAfterOutage).head})
		}
	}
	m.learn(a.Fleet, c.owned)
	switch {
	case !m.joined:
		m.becomeMember(c.at)
	case c.at >= m.fleet.joinedAt+m.config.HeartbeatEvery:
		m.fetch.allowed = true
	}
	if m.taken.see(a.Fleet.Taken, m.takenCount, c.asked, m.nextCall) {
		m.auditSource()
	}
}

func (m *Machine) heartbeatFailed(err error) {
	m.failed(err)
	m.connected = -1
	var refused *RefusedError
	if !errors.As(err, &refused) || !refused.Lasting {
		m.fleet.refusedSince = -1
		return
	}
	if m.fleet.refusedSince < 0 {
		m.fleet.refusedSince = m.now
	}
	if !m.joined || m.now-m.fleet.refusedSince >= m.config.TTL {
		m.closeRequested(0, err)
	}
}

// learn takes over what a heartbeat answered.
func (m *Machine) learn(f Fleet, self int64) {
	members := m.fleet.known.Members
	before := members
	if f.Members != nil {
		members = f.Members
		m.fleet.members = m.fleet.members[:0]
		for _, member := range members {
			if member.HasRoom && member.Member.Incarnation != m.config.Member.Incarnation {
				m.fleet.members = append(m.fleet.members, member)
			}
		}
	}
	m.fleet.known = f
	m.fleet.known.Members = members
	m.fleet.self = self
	m.fetch.left = f.Backlog
	if f.Members != nil {
		m.callOffGreed()
		m.inherit(before, members)
	}
}

// becomeMember begins the member's work: it belongs to the fleet now. It fetches when
// a heartbeat of one interval later was answered: by then members started
// together know of each other, and share what waits.
func (m *Machine) becomeMember(at time.Duration) {
	m.joined = true
	m.fleet.joinedAt = at
	m.emit(Joined{})
	m.sweepAt(m.now + m.random.between(0, m.config.HeartbeatEvery))
}

func (m *Machine) checkAnswered(a CheckAnswered) {
	if m.answer(a.Answered, callCheck) == nil || a.Err == nil {
		return
	}
	m.failed(a.Err)
	var refused *RefusedError
	if errors.As(a.Err, &refused) && refused.Lasting {
		m.beatSoon(ReasonStaleView) // which decides whether to go on
	}
}

// lateness is how late an answer or a wake-up may come before the member's
// view counts as stale.
func (m *Machine) lateness() time.Duration { return m.config.TTL / 12 }

// noticeWake finds out whether this process was held up.
func (m *Machine) noticeWake() {
	if m.wakeAt > m.now {
		return
	}
	late := m.now - m.wakeAt
	m.wakeAt = never
	if late > m.lateness() {
		m.becomeStale()
	}
}

// probed judges the member's view by how promptly a small call was answered.
func (m *Machine) probed(c *call, err error) {
	switch {
	case err != nil:
		m.doubt() // the next call comes in its time: a store that fails is not asked more often
		return
	case m.now-c.sent > m.lateness():
		m.becomeStale()
		return
	}
	if m.fleet.staleSince < 0 || c.at < m.fleet.staleSince {
		return
	}
	switch c.kind {
	case callHeartbeat:
		m.fleet.freshBeat = true
	case callRenew:
		m.fleet.freshRenewal = true
	}
	switch {
	case !m.fleet.freshBeat:
		m.beatSoon(ReasonStaleView)
	case !m.fleet.freshRenewal && m.session != nil && m.session.opened:
		m.renewSoon()
	default:
		m.fleet.staleSince = -1
		m.pursueAll(&m.doubtful)
	}
}

// doubt: a stale view is no ground for action. Until fresh answers have come
// the member neither claims nor sweeps.
func (m *Machine) doubt() {
	if m.joined && m.closing == nil {
		m.fleet.staleSince = m.now
		m.fleet.freshBeat, m.fleet.freshRenewal = false, false
	}
}

// becomeStale doubts the member's view, and asks for fresh answers.
func (m *Machine) becomeStale() {
	if !m.joined || m.closing != nil {
		return
	}
	m.doubt()
	m.beatSoon(ReasonStaleView)
	if !m.storeDown { // else the next Renew comes after a pause
		m.renewSoon()
	}
}

func (m *Machine) stale() bool { return m.fleet.staleSince >= 0 }
