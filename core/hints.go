package core

import (
	"fmt"
	"time"
)

// hintsReceived follows what the notifier says; none of it is believed before
// Acquire and Take have decided.
func (m *Machine) hintsReceived(hints []Hint) {
	for _, hint := range hints {
		switch hint.Kind {
		case HintName:
			m.nameFree(hint.Ref.Name)
		case HintRef:
			m.free(hint)
			m.nameFree(hint.Ref.Name)
		case HintGrant:
			if !m.config.Ablation.LostGrantIgnored {
				m.search(hint.Grant, false)
			}
		case HintHandOff:
			m.handOffWished(hint.Ref)
		case HintGap:
			if !m.config.Ablation.GapIgnored {
				m.sweepNow(ReasonGap)
			}
		}
	}
}

// nameFree lets the first of those that wait on the name try again. If an
// attempt, or a question who holds the name, is under way the word must
// survive the answer that it is held.
func (m *Machine) nameFree(name string) {
	if m.closing != nil {
		return
	}
	for e := m.names[name]; e != nil; e = e.next {
		if e.phase == probing && !m.config.Ablation.WordLost {
			e.again = true
		}
	}
	if e := m.busy(name); e != nil {
		if e.phase == acquiring && !m.config.Ablation.WordLost {
			e.again = true
		}
		return
	}
	if e := m.nextFor(name); e != nil {
		m.pursue(e)
	}
}

// nextFor is whoever waits for the name first, and those that the application
// waits for before the others.
func (m *Machine) nextFor(name string) *entry {
	var next *entry
	var following *entry
	for e := m.names[name]; e != nil; e = following {
		following = e.next
		switch {
		case e.phase != waiting || e.hasAlarm():
		case next == nil || len(m.claims[e]) > 0 && len(m.claims[next]) == 0:
			next = e
		case len(m.claims[e]) > 0:
			m.failClaims(e, fmt.Errorf("%w: %q is in use by this member itself", ErrHeld, name))
			m.await(e) // unless it was only asked for
		}
	}
	return next
}

// free goes after an assignment that probably has no owner, in this member's
// turn.
func (m *Machine) free(hint Hint) {
	ref := hint.Ref
	if m.closing != nil || m.finished.has(ref) || ref.MessageID == "" || ValidateName(ref.Name) != nil {
		return
	}
	e := m.find(ref)
	switch {
	case e == nil:
		if m.waiting >= waitingLimit || m.rank(ref.Name) < 0 {
			return
		}
		e = m.entryOf(ref)
	case e.phase == acquiring, e.phase == probing:
		e.again = true
		return
	case e.phase == waiting && e.yields && hint.Giver != "" && hint.Giver != m.config.Member.Incarnation:
		m.unsetAlarm(e) // somebody had it since this member gave it away
		e.yields, e.probe = false, false
	case e.phase != waiting || e.hasAlarm():
		return // it is being seen to
	}
	m.contendAfter(e, hint.Giver)
}

// contend tries for a free stream in this member's turn. Who is not first
// asks before it tries whether somebody was.
func (m *Machine) contend(e *entry) { m.contendAfter(e, "") }

// contendAfter leaves out of the order who gave the stream away, since that
// member does not try before all others have.
func (m *Machine) contendAfter(e *entry, giver string) {
	rank := m.rankWithout(giver, e.ref.Name)
	switch {
	case e.mine || len(m.claims[e]) > 0:
		m.pursue(e)
	case rank < 0:
		m.forget(e)
	case m.applicationClaims(e):
		m.inspect(e)
	case rank == 0:
		m.pursue(e)
	default:
		e.probe = true
		m.setAlarm(e, m.now+time.Duration(rank)*m.config.RankDelay)
	}
}

// applicationClaims: whether somebody goes after the stream is left to the
// applications. Not one that this member finished: then the source lost the
// settlement, no application is to hear of it, and Claim says that it is done.
func (m *Machine) applicationClaims(e *entry) bool {
	return m.config.ManualClaim && !e.fresh && !m.finished.has(e.ref)
}

// offer tells the others of a stream that only this member knows to be free,
// and contends for it.
func (m *Machine) offer(e *entry) {
	if m.rank(e.ref.Name) != 0 || m.config.ManualClaim {
		m.publish(Hint{Kind: HintRef, Ref: e.ref})
	}
	m.contend(e)
}

// expired tells an application that claims by itself.
func (m *Machine) expired(e *entry) {
	if m.roomBesidesFetch() {
		m.outbox.expire(e.ref, e.takeInfo())
	}
	m.forget(e)
}

// handOffWished obeys an operator's wish, if this member is the owner.
func (m *Machine) handOffWished(ref StreamRef) {
	if e := m.find(ref); e != nil && e.phase == held {
		m.lose(e, ReasonWish)
	}
}

// inspect asks who holds the name.
func (m *Machine) inspect(e *entry) {
	m.dropPlan(e)
	m.setPhase(e, probing)
	m.inspections.push(e)
}

func (m *Machine) flushInspections() {
	for m.underWay[callInspect] < batchesInFlight {
		batch := m.inspections.batch(m.size(callInspect, acquireBatch), func(e *entry) bool { return e.phase == probing })
		if len(batch) == 0 {
			return
		}
		c := m.call(callInspect, ReasonProbe)
		c.entries = batch
		names := make([]string, len(batch))
		for i, e := range batch {
			names[i] = e.ref.Name
			e.again = false // what was said before is what this call will find out
		}
		m.emit(SendInspect{Call: c.head, Names: names})
	}
}

func (m *Machine) inspectAnswered(a InspectAnswered) {
	c := m.answer(a.Answered, callInspect)
	if c == nil {
		return
	}
	for i, e := range c.entries {
		if e.phase != probing {
			continue
		}
		m.setPhase(e, waiting)
		result, err := resultOf(a.Err, a.Results, i)
		m.inspected(e, result, err)
	}
}

func (m *Machine) inspected(e *entry, result InspectResult, err error) {
	swept := e.swept
	e.swept = false
	switch {
	case len(m.claims[e]) > 0:
		m.pursue(e)
	case err != nil:
		m.failed(err)
		m.giveUp(e)
	case result.Held:
		m.heldByOther(e, result.Holder)
	case swept:
		m.offerSwept(e)
	case m.applicationClaims(e):
		m.expired(e)
	default:
		m.pursue(e)
	}
}

// giveUp leaves an entry to the sweep, unless it was delivered to this member.
func (m *Machine) giveUp(e *entry) {
	if e.fresh {
		m.setAlarm(e, m.now+m.pause(e))
		return
	}
	m.forget(e)
}

// publish queues a hint for the others.
func (m *Machine) publish(hint Hint) {
	if !m.config.NoNotifier && !m.config.Ablation.NameNotPublished {
		m.hints.push(hint)
	}
}

func (m *Machine) flushHints() {
	for m.underWay[callPublish] < batchesInFlight && m.hints.len() > 0 {
		batch := m.hints.batch(m.size(callPublish, hintBatch), func(Hint) bool { return true })
		c := m.call(callPublish, ReasonTold)
		m.emit(SendPublish{Call: c.head, Hints: batch})
	}
}
