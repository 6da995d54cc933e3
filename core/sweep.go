package core

import "time"

// sweeping is the member's part in the fleet's sweep.
type sweeping struct {
	alarm    alarm
	interval time.Duration // the round's, as far as known, for Status
	hadRoom  bool
}

// sweepAt lets the next page be asked for at the given instant.
func (m *Machine) sweepAt(at time.Duration) {
	m.set(&m.sweep.alarm, at, ringFunc(func(m *Machine) { m.sweepPage(ReasonSweep) }))
}

// sweepNow asks for a page at once.
func (m *Machine) sweepNow(why Reason) {
	if m.joined {
		m.setEarlier(&m.sweep.alarm, m.now, ringFunc(func(m *Machine) { m.sweepPage(why) }))
	}
}

func (m *Machine) sweepPage(why Reason) {
	if m.closing != nil || m.underWay[callSweep] > 0 || m.config.Ablation.NoSweep {
		return
	}
	if m.config.NoNotifier && !m.roomBesidesFetch() {
		return // it could neither take what a page brings nor tell the others
	}
	if m.stale() {
		m.sweepAt(m.now + m.config.RankDelay)
		return
	}
	c := m.call(callSweep, why)
	m.emit(SendSweep{Call: c.head, Request: SweepRequest{
		Limit: m.page(callSweep, pageLimit), Interval: m.config.SweepInterval, PerSecond: m.config.SweepPerSecond,
	}})
}

func (m *Machine) sweepAnswered(a SweepAnswered) {
	c := m.answer(a.Answered, callSweep)
	if c == nil {
		return
	}
	if a.Err != nil {
		m.failed(a.Err)
		m.sweepAt(m.now + m.random.jitter(m.config.TTL/3))
		return
	}
	for _, swept := range a.Page.Due {
		m.sweptDue(swept)
	}
	for _, swept := range a.Page.Round {
		m.sweptRound(swept)
	}
	pace := time.Duration(a.Page.RoundSize) * time.Second / time.Duration(m.config.SweepPerSecond)
	m.sweep.interval = max(m.config.SweepInterval, pace)
	next := a.Page.NextIn
	if a.Page.More {
		next = m.config.RankDelay / 5 // at once, but for the time to take what this page brought
	}
	// A little later than allowed, each member by its own jitter, so that the
	// pages of a round are shared out.
	slack := min(m.config.HeartbeatEvery, max(next, time.Millisecond))
	m.sweepAt(m.now + max(0, next) + m.random.between(0, slack))
}

// sweptDue goes after what was given back and may be taken.
func (m *Machine) sweptDue(swept Swept) {
	m.sweepFound(swept, false)
}

// sweptRound looks at one entry of the shared round. Idle time says nothing
// about a live owner, so Inspect decides; and a fresh delivery is left to the
// member that it went to.
func (m *Machine) sweptRound(swept Swept) {
	switch {
	case swept.RetryIn > 0:
	case swept.Settled:
		m.sweepFound(swept, false)
	case swept.Taker != "" && swept.Taker == m.config.Member.Incarnation:
		// This member's own: the audit of the source sees to it.
	case swept.Taker == "" && swept.Age < m.config.TTL:
	default:
		m.sweepFound(swept, true)
	}
}

func (m *Machine) sweepFound(swept Swept, inspect bool) {
	ref := swept.Assignment.Ref
	if m.closing != nil || ref.Name == "" {
		return
	}
	e := m.find(ref)
	switch {
	case e == nil:
		if m.waiting >= waitingLimit {
			m.publish(Hint{Kind: HintRef, Ref: ref})
			return
		}
		e = m.entryOf(ref)
	case e.phase != waiting || e.hasAlarm():
		return // it is being seen to
	}
	e.floor = max(e.floor, swept.Token)
	e.keepInfo(swept.Assignment.Info)
	e.left = false // nobody else was given this page
	if inspect {
		e.swept = true
		m.inspect(e)
		return
	}
	m.offer(e)
}

// offerSwept goes on with an entry that the sweep found and nobody holds.
func (m *Machine) offerSwept(e *entry) {
	if m.applicationClaims(e) {
		m.publish(Hint{Kind: HintRef, Ref: e.ref})
		m.expired(e)
		return
	}
	m.offer(e)
}

// noticeRoom asks the sweep again at once when room comes back.
func (m *Machine) noticeRoom() {
	room := m.roomBesidesFetch()
	if room && !m.sweep.hadRoom {
		m.sweepNow(ReasonRoom)
	}
	m.sweep.hadRoom = room
}
