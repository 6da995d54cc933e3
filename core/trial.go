package core

// trials tell a stream that kills its process from those that share it. Every
// stream of a process that dies is counted, since nobody can see which one
// killed it. So a stream that one more crash would bring to MaxCrashes is a
// suspect, and its member begins no two suspects at once: a process that dies
// during a trial died of the stream that is tried, as far as anybody can tell.
//
// A suspect that awaits its turn has a lease and nothing else. The source has
// no tenure of it on record, so it is not counted when the process dies.
type trials struct {
	suspects queue[*entry] // await their turn
	tried    *entry        // nil: none
	stood    bool          // its time is over, and the source is to be told
	alarm    alarm
}

// hopeless is how many times MaxCrashes a stream may crash without having died
// alone: one that kills later than a trial lasts must end some day.
const hopeless = 3

// suspectFrom is how many crashes make a suspect; 0: no number does. Where the
// first crash is one too many there is nothing left to try.
func (c Config) suspectFrom() int { return max(c.MaxCrashes-1, 0) }

// killsItsProcesses reports whether a stream belongs into the quarantine for
// what its Take answered.
func (c Config) killsItsProcesses(r TakeResult) bool {
	if !limitReached(r.Crashes, c.MaxCrashes) {
		return false
	}
	return r.CrashedAlone || c.MaxCrashes == 1 || limitReached(r.Crashes/hopeless, c.MaxCrashes)
}

// suspected goes on with an entry that the source wants to see tried alone. It
// has definitely not been taken.
func (m *Machine) suspected(e *entry) {
	e.attempts, e.tried = 0, false
	e.suspect = true
	m.setPhase(e, leased)
	switch {
	case !m.alive(e.grant):
		m.withdraw(e, ReasonValidityOver)
	case e.unwanted || m.closing != nil:
		m.release(e, thenGiveAway)
	default:
		m.trials.suspects.push(e)
	}
}

// awaitsTrial: the entry is a suspect, and it is not its turn.
func (m *Machine) awaitsTrial(e *entry) bool { return e.suspect && m.trials.tried != e }

// flushTrials begins the next trial when the one before has ended.
func (m *Machine) flushTrials() {
	for m.trials.tried == nil {
		e, ok := m.trials.suspects.pop()
		if !ok {
			return
		}
		if e.phase == leased && e.suspect {
			m.trials.tried = e
			m.takes.push(e)
		}
	}
}

// isOnTrial: the entry is tried, and its time is not over.
func (m *Machine) isOnTrial(e *entry) bool { return m.trials.tried == e && !m.trials.stood }

// hasStoodTrial: the time is over, and the source has not confirmed that it
// knows.
func (m *Machine) hasStoodTrial(e *entry) bool { return m.trials.tried == e && m.trials.stood }

// clockTrial lets the time of a trial begin: the application has heard of the
// tenure. Before that the stream can do no harm.
func (m *Machine) clockTrial(ref StreamRef, token Token) {
	e := m.trials.tried
	if e == nil || e.ref != ref || e.token != token || e.phase != held || m.trials.stood {
		return
	}
	m.set(&m.trials.alarm, m.now+m.config.Trial, ringFunc((*Machine).standTrial))
}

// standTrial tells the source. Until it has answered, a death of the process
// may be counted as that of the trial, so nobody else is tried.
func (m *Machine) standTrial() {
	m.trials.stood = true
	m.takes.push(m.trials.tried)
}

// confirmTrial ends a trial when the source knows that it was stood. A Take that
// was sent before could not say so.
func (m *Machine) confirmTrial(e *entry, asked TakeRequest) {
	switch {
	case !m.hasStoodTrial(e):
	case asked.Trial:
		m.takes.push(e)
	default:
		m.endTrial(e)
	}
}

// endTrial makes room for the next one.
func (m *Machine) endTrial(e *entry) {
	e.suspect = false
	if m.trials.tried != e {
		return
	}
	m.unset(&m.trials.alarm)
	m.trials.tried, m.trials.stood = nil, false
}
