package core

import "time"

// sequence orders what a machine did: it grows with every event and every
// call, and tells whether something happened before or after a page was asked
// for.
type sequence int64

// phase is where an entry stands in the order Acquire, Take, tell, Settle,
// Release, publish.
type phase uint8

const (
	waiting   phase = iota // for its alarm, or for word that its name is free
	probing                // Inspect asks whether its name is held
	queued                 // for Acquire
	acquiring              // Acquire is under way
	leased                 // queued for Take
	taking                 // Take is under way
	held                   // owned: the application was told, or is about to be
	settling               // queued for Settle, or Settle is under way
	releasing              // queued for Release, or Release is under way
)

// entry is everything that the machine knows of one assignment, for as long
// as it has any business with it.
type entry struct {
	ref   StreamRef
	state State
	phase phase

	// fresh: Fetch delivered it to this member, and nobody took it before.
	fresh bool
	// again: its name was said to be free while the answer that may say
	// otherwise was under way.
	again bool
	// mine: this member owned it until an outage; it ranks first.
	mine bool
	// probe: ask who holds the name before trying to acquire it.
	probe bool
	// swept: a sweep found it; if it is free, others should hear of it.
	swept bool
	// asked: it is pursued only because the application claims it.
	asked bool
	// unwanted: whoever asked for it has gone; give it back.
	unwanted bool
	// hasLease: the member believes that the store has its lease.
	hasLease bool
	// yields: this member gave the stream away; the others come first.
	yields bool
	// retry: this member set its retry time, and tells the others when it has
	// come.
	retry bool
	// recheck: the source's audit missed the tenure; repeat its Take.
	recheck bool
	// checking: the repeated Take is under way.
	checking bool
	// sent: a Settle is under way.
	sent bool
	// tried: a Take with the token was sent; it may have been applied.
	tried bool
	// taken: the source is believed to have the tenure on record.
	taken bool
	// ghost: a tenure that nobody was told of is being settled; it has no lease
	// and does not keep the name busy.
	ghost bool
	// suspect: the source wants to see it tried alone.
	suspect bool
	// left: a handler keeps this member from it, and the others were told.
	left bool
	// told: a TenureBegan was given and no TenureEnded yet.
	told bool

	after         afterRelease
	attempts      uint8 // calls in a row without a definite answer
	failures      int32
	grantPosition int32       // in grant.entries
	leaseListed   auditNumber // the last audit of its grant that saw it
	takeListed    auditNumber // the last audit of the source that saw it

	info       *Info // until the tenure begins
	floor      Token // which the next token must exceed
	token      Token // of the lease, from Acquire on
	grant      *grant
	touched    sequence
	settlement *settlement
	retryIn    time.Duration
	alarm      *alarm // nil: none is set
	next       *entry // with the same name
}

// keepInfo holds the assignment's info until the application is told.
func (e *entry) keepInfo(info Info) {
	e.info = nil
	if info != nil {
		e.info = &info
	}
}

func (e *entry) takeInfo() (info Info) {
	if e.info != nil {
		info = *e.info
	}
	e.info = nil
	return info
}

// setAlarm lets the machine come back to the entry at the instant at.
func (m *Machine) setAlarm(e *entry, at time.Duration) {
	if e.alarm == nil {
		e.alarm = new(alarm)
	}
	m.set(e.alarm, at, e)
}

func (m *Machine) unsetAlarm(e *entry) {
	if e.alarm != nil {
		m.unset(e.alarm)
		e.alarm = nil
	}
}

func (e *entry) hasAlarm() bool { return e.alarm != nil }

// settlement is the end of a tenure that the source has not confirmed yet.
type settlement struct {
	outcome Outcome
	reason  string
	retryIn time.Duration
	why     Reason
	// asked is when it was first sent: the source may have counted the retry
	// time from there.
	asked time.Duration
	// requests are the calls of the application that wait for it.
	requests []RequestID
	// untold: the application never heard that the tenure began.
	untold bool
}

// find returns the entry of ref, or nil.
func (m *Machine) find(ref StreamRef) *entry {
	for e := m.names[ref.Name]; e != nil; e = e.next {
		if e.ref.MessageID == ref.MessageID {
			return e
		}
	}
	return nil
}

// entryOf returns the entry of ref, and makes one if there is none.
func (m *Machine) entryOf(ref StreamRef) *entry {
	if e := m.find(ref); e != nil {
		return e
	}
	e := &entry{ref: ref}
	m.entries++
	m.waiting++
	if first := m.names[ref.Name]; first != nil {
		last := first
		for last.next != nil {
			last = last.next
		}
		last.next = e
		return e
	}
	m.names[ref.Name] = e
	return e
}

// busy returns the entry that occupies the name: at most one is past waiting.
func (m *Machine) busy(name string) *entry {
	for e := m.names[name]; e != nil; e = e.next {
		if e.phase > probing && !e.ghost {
			return e
		}
	}
	return nil
}

// forget drops an entry with which the machine has no more business.
func (m *Machine) forget(e *entry) {
	m.failClaims(e, notOwnedError(e.ref))
	m.unsetAlarm(e)
	m.setPhase(e, waiting)
	m.unmarkTaken(e)
	m.leave(e)
	m.entries--
	m.waiting--
	name := e.ref.Name
	if m.names[name] == e {
		if e.next == nil {
			delete(m.names, name)
		} else {
			m.names[name] = e.next
		}
	} else {
		for before := m.names[name]; before != nil; before = before.next {
			if before.next == e {
				before.next = e.next
				break
			}
		}
	}
	e.next = nil
}

// setPhase moves an entry and keeps the counts by which room is reckoned.
func (m *Machine) setPhase(e *entry, to phase) {
	occupied := e.occupies()
	if occupied {
		m.occupied--
	}
	if e.phase == waiting || e.phase == probing {
		m.waiting--
	}
	e.phase = to
	e.touched = m.sequence
	if e.occupies() {
		m.occupied++
	} else if occupied {
		m.tenureLeft(e)
	}
	if e.phase == waiting || e.phase == probing {
		m.waiting++
	}
}

// occupies: the entry takes room. A settlement under way still does, since it
// may be refused.
func (e *entry) occupies() bool { return e.phase >= queued && e.phase <= settling && !e.ghost }

// move takes an edge of the transition table. Any other edge is a bug of the
// machine: it is reported, and the entry's state stays.
func (m *Machine) move(e *entry, to State) {
	if e.state == to {
		return
	}
	if !mayMove[e.state][to] {
		m.broken("stream %q: no transition from %v to %v", e.ref, e.state, to)
		return
	}
	if e.state == Owned {
		m.owned--
	}
	e.state = to
	if e.state == Owned {
		m.owned++
	}
}

// join puts the entry under a grant.
func (m *Machine) join(e *entry, g *grant) {
	m.leave(e)
	e.grant = g
	g.entries = append(g.entries, e)
	e.grantPosition = int32(len(g.entries) - 1)
}

// leave takes the entry out of its grant.
func (m *Machine) leave(e *entry) {
	g := e.grant
	if g == nil {
		return
	}
	last := g.entries[len(g.entries)-1]
	g.entries[e.grantPosition] = last
	last.grantPosition = e.grantPosition
	g.entries[len(g.entries)-1] = nil
	g.entries = g.entries[:len(g.entries)-1]
	e.grant = nil
	m.dropLease(e, g)
	if len(g.entries) == 0 {
		m.emptied(g)
	}
}

func (m *Machine) dropLease(e *entry, g *grant) {
	if e.hasLease {
		e.hasLease = false
		g.leases--
	}
}
