package core

import "time"

// closing is the end of a member: contexts end, what the application settles
// within the grace period is settled, the rest is handed off; then the member
// leaves the fleet.
type closing struct {
	cause      error
	handingOff bool
	leaving    bool
	ended      bool // the session was ended, or asked to
	left       int  // entries, when the alarm was set
	alarm      alarm
}

func (m *Machine) closeRequested(grace time.Duration, cause error) {
	if m.closing != nil {
		return
	}
	m.closing = &closing{cause: cause}
	m.emit(ContextEnded{})
	m.cancelFetch()
	m.unset(&m.fetch.alarm)
	m.unset(&m.sweep.alarm)
	m.fetch.pausing = false
	for len(m.searches) > 0 {
		m.endSearch(m.searches[0])
	}
	for _, e := range m.sorted(func(e *entry) bool { return e.phase <= queued }) {
		m.failClaims(e, notOwnedError(e.ref))
		if e.fresh {
			m.giveAway(e)
			continue
		}
		m.forget(e)
	}
	for _, e := range m.sorted(m.awaitsTrial) {
		m.release(e, thenGiveAway)
	}
	if grace > 0 && m.owned > 0 {
		m.set(&m.closing.alarm, m.now+grace, ringFunc((*Machine).handOffAll))
		return
	}
	m.handOffAll()
}

// handOffAll hands off what the application has not settled.
func (m *Machine) handOffAll() {
	if m.closing.handingOff {
		return
	}
	m.closing.handingOff = true
	for _, e := range m.sorted(func(e *entry) bool { return e.phase == held }) {
		m.settle(e, settlement{outcome: HandedOff, why: ReasonClosing})
	}
	m.expectProgress()
}

// expectProgress ends a hand-off that has not come any further within a TTL,
// whatever keeps it.
func (m *Machine) expectProgress() {
	m.closing.left = m.entries
	m.set(&m.closing.alarm, m.now+m.config.TTL, ringFunc(func(m *Machine) {
		if m.entries < m.closing.left {
			m.expectProgress()
			return
		}
		m.terminate()
	}))
}

// closeForced: two call timeouts are left for what is under way.
func (m *Machine) closeForced() {
	m.closeRequested(0, nil)
	m.handOffAll()
	m.set(&m.closing.alarm, m.now+2*m.config.CallTimeout, ringFunc((*Machine).terminate))
}

// goOnClosing leaves the fleet when nothing is left to do.
func (m *Machine) goOnClosing() {
	c := m.closing
	if c == nil || c.leaving || m.entries > 0 || m.busyCalls() || m.hints.len() > 0 || m.releases.len() > 0 {
		return
	}
	if m.session != nil && m.session.opened && !c.ended {
		c.ended = true
		m.releases.push(releaseItem{lease: Lease{Grant: m.session.id}})
		m.flushReleases()
		return
	}
	c.leaving = true
	m.set(&c.alarm, m.now+2*m.config.CallTimeout, ringFunc((*Machine).terminate))
	m.beat(ReasonLeaving)
	m.unset(&m.fleet.alarm)
}

// busyCalls reports whether the answer of a call under way may still leave
// something to do.
func (m *Machine) busyCalls() bool {
	for _, kind := range []callKind{callHeartbeat, callFetch, callDeliveries, callTake, callSettle,
		callAcquire, callLeases, callRelease, callPublish} {
		if m.underWay[kind] > 0 {
			return true
		}
	}
	return m.readBack.wanted
}

func (m *Machine) terminate() {
	if m.terminated {
		return
	}
	m.terminated = true
	m.connected = -1
	for _, e := range m.sorted(func(e *entry) bool { return e.told }) {
		m.move(e, Disowned)
		m.end(e, ErrDisowned, ReasonClosing)
		m.outbox.unadd(e.ref)
	}
	m.outbox.terminated = &Notification{Kind: StreamTerminated, Err: m.closing.cause}
	m.emit(Terminated{Cause: m.closing.cause})
}
