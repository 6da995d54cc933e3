package core

import "time"

// readingBack looks for what a Fetch of unknown outcome was given. It looks
// twice: at once, and again when the Fetch can no longer be under way. One that
// was called off may still wait in the source when the first look is answered,
// and what it is given then nobody hears of.
type readingBack struct {
	wanted bool // the first look; nothing is fetched before it
	// second are the second looks, the next one first. Fetches that became
	// unknown while one was to come share the one after it.
	second []secondLook
	alarm  alarm
}

// secondLook is at deliveries after a message ID, from an instant on.
type secondLook struct {
	after string
	at    time.Duration
}

// readBackLater wants both looks for a Fetch without an answer.
func (m *Machine) readBackLater(c *call) {
	m.readBack.wanted = true
	if m.closing != nil {
		return // then there is no time for a second one; the sweep finds the rest
	}
	ended := c.sent + m.fetchWait() + m.config.CallTimeout
	look := secondLook{after: m.lastSeen, at: max(ended, m.now+m.config.CallTimeout)}
	if waiting := m.readBack.second; len(waiting) == 2 {
		waiting[1].at = max(waiting[1].at, look.at)
		return
	}
	m.readBack.second = append(m.readBack.second, look)
	m.awaitSecondLook()
}

// awaitSecondLook wakes the machine for the next second look.
func (m *Machine) awaitSecondLook() {
	if len(m.readBack.second) > 0 {
		m.set(&m.readBack.alarm, m.readBack.second[0].at, ringFunc(func(*Machine) {}))
	}
}

// flushReadBack asks for what Fetches of unknown outcome were given, from the
// last delivery on that was known when they were sent.
func (m *Machine) flushReadBack() {
	if m.sourceAudit.running || m.underWay[callDeliveries] > 0 || m.fetch.pausing {
		return
	}
	second := m.readBack.second
	switch {
	case m.readBack.wanted:
		m.askDeliveries(m.lastSeen, ReasonReadBack)
	case len(second) > 0 && m.now >= second[0].at && m.closing == nil:
		m.askDeliveries(second[0].after, ReasonReadAgain)
	}
}

// endReadBack goes on when the last page of a look was answered.
func (m *Machine) endReadBack(why Reason) {
	if why != ReasonReadAgain {
		m.readBack.wanted = false
		return
	}
	m.readBack.second = m.readBack.second[1:]
	m.awaitSecondLook()
}
