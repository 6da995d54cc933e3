package core

import "fmt"

// afterRelease is what becomes of an entry when its name is free.
type afterRelease uint8

const (
	thenForget   afterRelease = iota // it is done, or another's
	thenPursue                       // try again at once
	thenRetry                        // try again after retryIn
	thenContend                      // by rank, like everybody
	thenYield                        // after everybody else
	thenGiveAway                     // leave it to the others
)

// frees reports whether the assignment itself, not only its name, is free for
// others now.
func (a afterRelease) frees() bool {
	return a == thenContend || a == thenYield || a == thenGiveAway
}

// releaseItem is one lease to give back; entry is nil for a lease that the
// member found in its grant and does not know of.
type releaseItem struct {
	lease Lease
	entry *entry
}

// release gives the entry's lease back, and then publishes that the name is
// free: every end is Settle, Release, publish, in this order.
func (m *Machine) release(e *entry, then afterRelease) {
	m.unsetAlarm(e)
	m.endTrial(e)
	e.after = then
	m.setPhase(e, releasing)
	if !e.hasLease || e.grant == nil || e.grant.gone {
		m.released(e)
		return
	}
	m.releases.push(releaseItem{lease: e.lease(), entry: e})
}

func (m *Machine) flushReleases() {
	for m.underWay[callRelease] < batchesInFlight {
		batch := m.releases.batch(m.size(callRelease, acquireBatch), func(item releaseItem) bool {
			e := item.entry
			return e == nil || e.phase == releasing && e.token == item.lease.Token
		})
		if len(batch) == 0 {
			return
		}
		m.sendRelease(batch)
	}
}

func (m *Machine) sendRelease(batch []releaseItem) {
	c := m.call(callRelease, ReasonEnd)
	c.releases = batch
	c.ends = m.closing != nil || m.config.Shape == GrantPerLease
	if m.session != nil {
		c.grants, c.through = []*grant{m.session}, m.session.ledger.accounted()
		m.session.ledger.sent(c.head.ID, m.sequence)
	}
	requests := make([]ReleaseRequest, len(batch))
	for i, item := range batch {
		if item.entry != nil {
			item.entry.touched = m.sequence
		}
		requests[i] = ReleaseRequest{Lease: item.lease, EndGrant: c.ends}
	}
	m.emit(SendRelease{Call: c.head, Requests: requests})
}

func (m *Machine) releaseAnswered(a ReleaseAnswered) {
	c := m.answer(a.Answered, callRelease)
	if c == nil {
		return
	}
	for _, g := range c.grants {
		g.ledger.ended(c.head.ID, m.sequence)
	}
	for i, item := range c.releases {
		result, err := resultOf(a.Err, a.Results, i)
		if err == nil && m.session != nil && m.session.id == item.lease.Grant {
			m.sessionAnswered(c, result)
		}
		m.releasedOrNot(item, err)
	}
	m.auditSessionIfMissing()
}

// sessionAnswered learns what a Release said of the member's session.
func (m *Machine) sessionAnswered(c *call, result ReleaseResult) {
	if result.Changed {
		m.session.ledger.account(result.Tally.Change, c.through)
	}
	if m.closing != nil && c.ends && result.Tally.Count == 0 {
		m.closing.ended = true
	}
}

func (m *Machine) releasedOrNot(item releaseItem, err error) {
	e := item.entry
	switch {
	case item.lease.Ref.Name == "": // only the session was ended
	case e == nil:
		if err != nil {
			m.failed(err) // the audit finds it again, unless it is gone: nobody will say so then
		}
		m.publish(Hint{Kind: HintRef, Ref: item.lease.Ref})
		m.nameFree(item.lease.Ref.Name)
	case e.phase != releasing || e.token != item.lease.Token:
	case err == nil || isExpired(err) || e.grant == nil || e.grant.dead && m.now >= e.grant.validUntil+m.config.Margin:
		m.released(e)
	default:
		m.failed(err)
		m.setAlarm(e, m.now+m.pause(e))
	}
}

// released goes on with an entry whose name is free.
func (m *Machine) released(e *entry) {
	then := e.after
	hint := Hint{Kind: HintName, Ref: StreamRef{Name: e.ref.Name}}
	if then.frees() {
		hint = Hint{Kind: HintRef, Ref: e.ref}
		if then != thenContend {
			hint.Giver = m.config.Member.Incarnation
		}
		e.left = m.lingers(e.ref.Name)
	}
	m.publish(hint)
	m.leave(e)
	e.token, e.ghost = 0, false
	m.setPhase(e, waiting)
	m.goOn(e, then)
	m.nameFree(hint.Ref.Name)
}

func (m *Machine) goOn(e *entry, then afterRelease) {
	switch {
	case e.state == Finished:
		m.failClaims(e, fmt.Errorf("%w: %q", ErrDone, e.ref))
		m.forget(e)
	case m.closing == nil && len(m.claims[e]) > 0 && then != thenRetry:
		m.setAlarm(e, m.now)
	case m.closing != nil || e.unwanted || then == thenForget || then == thenGiveAway:
		m.failClaims(e, notOwnedError(e.ref))
		m.forget(e)
	case then == thenPursue:
		m.setAlarm(e, m.now)
	case then == thenRetry:
		e.retry = len(m.claims[e]) == 0
		m.setAlarm(e, m.now+e.retryIn)
	case then == thenYield:
		e.yields, e.probe = true, true
		m.setAlarm(e, m.now+m.lastRank())
	default:
		m.contend(e)
	}
}
