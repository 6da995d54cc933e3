package core

import (
	"errors"
	"fmt"
	"time"
)

// pursue goes after the stream now: Acquire, then Take, then the application
// is told.
func (m *Machine) pursue(e *entry) {
	m.dropPlan(e)
	switch {
	case m.closing != nil:
		m.giveAway(e)
	case m.releasing(e.ref.Name):
		m.await(e) // in a moment the name is free
	case m.busy(e.ref.Name) != nil:
		m.failClaims(e, fmt.Errorf("%w: %q is in use by this member itself", ErrHeld, e.ref.Name))
		m.await(e)
	case m.lingers(e.ref.Name):
		m.leaveToOthers(e)
	case m.applicationClaims(e) && len(m.claims[e]) == 0:
		m.inspect(e)
	case !m.hasRoom() && m.reserved > 0 && m.roomBesidesFetch():
		m.setPhase(e, waiting)
		m.roomless.push(e)
		m.cancelFetch()
	case !m.hasRoom():
		m.failClaims(e, fmt.Errorf("%w: %q (there is room for %d)", ErrFull, e.ref.Name, m.maxStreams()))
		m.giveAway(e)
	case m.stale() && !e.fresh && len(m.claims[e]) == 0:
		m.setPhase(e, waiting)
		m.doubtful.push(e)
	case m.takeFirst(e): // only when it is turned wrong
	default:
		m.setPhase(e, queued)
		m.acquisitions.push(e)
	}
}

// dropPlan forgets when and how the entry was to be tried: it is seen to now.
func (m *Machine) dropPlan(e *entry) {
	m.unsetAlarm(e)
	e.probe, e.retry, e.yields = false, false, false
}

// giveAway drops an entry that this member cannot lease now, and tells the
// others.
func (m *Machine) giveAway(e *entry) {
	if !e.unwanted {
		m.publish(Hint{Kind: HintRef, Ref: e.ref, Giver: m.config.Member.Incarnation})
	}
	m.forget(e)
}

// await leaves the entry waiting for word that its name is free. Beyond a
// bound the word reaches others, or the sweep finds it.
func (m *Machine) await(e *entry) {
	m.setPhase(e, waiting)
	if e.unwanted || m.waiting > waitingLimit {
		m.forget(e)
	}
}

// releasing reports whether this member is giving the name back.
func (m *Machine) releasing(name string) bool {
	e := m.busy(name)
	return e != nil && e.phase == releasing
}

// inUse is how many of maxStreams are not free.
func (m *Machine) inUse() int { return m.occupied + m.handlers.lingering }

func (m *Machine) hasRoom() bool {
	most := m.maxStreams()
	return most == 0 || m.inUse()+m.reserved < most || m.config.Ablation.RoomNotKept
}

// roomBesidesFetch reports whether there would be room if the Fetch that is
// out brought nothing. It is what the fleet is told.
func (m *Machine) roomBesidesFetch() bool {
	most := m.maxStreams()
	return most == 0 || m.inUse() < most
}

// flushAcquisitions sends what is queued: up to four batches at once, one
// after an outage; a call that opens a session goes alone.
func (m *Machine) flushAcquisitions() {
	limit := batchesInFlight
	switch {
	case m.behind():
		return
	case m.pacing, m.capacity.limit > 0:
		limit = 1
	}
	for m.underWay[callAcquire] < limit {
		batch, opens := m.nextAcquisitions()
		if len(batch) == 0 {
			return
		}
		m.sendAcquire(batch, opens)
	}
}

// nextAcquisitions takes the next batch off the queue, each entry joined to
// its grant.
func (m *Machine) nextAcquisitions() (batch []*entry, opens bool) {
	limit := m.size(callAcquire, acquireBatch)
	single := m.config.Shape == GrantPerLease
	opens = single
	if !single {
		if m.session == nil {
			m.session = m.newGrant()
		}
		if m.session.opening {
			return nil, false
		}
		if !m.session.opened {
			limit, opens = 1, true
		}
	}
	for len(batch) < limit {
		e, ok := m.acquisitions.pop()
		if !ok {
			break
		}
		if e.phase != queued {
			continue
		}
		g := m.session
		if single {
			g = m.newGrant()
		}
		m.join(e, g)
		m.setPhase(e, acquiring)
		e.again = false // what was said before is what this call will find out
		batch = append(batch, e)
	}
	return batch, opens
}

func (m *Machine) sendAcquire(batch []*entry, opens bool) {
	c := m.call(callAcquire, ReasonPursuit)
	c.entries, c.opens = batch, opens
	c.through = batch[0].grant.ledger.accounted()
	requests := make([]AcquireRequest, len(batch))
	for i, e := range batch {
		e.grant.opening = opens
		e.grant.ledger.sent(c.head.ID, m.sequence)
		requests[i] = AcquireRequest{Ref: e.ref, Grant: e.grant.id, Open: opens, Floor: e.floor}
		if m.config.Ablation.NoFloor {
			requests[i].Floor = 0
		}
	}
	m.emit(SendAcquire{Call: c.head, Requests: requests, TTL: m.config.TTL})
}

func (m *Machine) acquireAnswered(a AcquireAnswered) {
	c := m.answer(a.Answered, callAcquire)
	if c == nil {
		return
	}
	for i, e := range c.entries {
		g := e.grant
		g.opening = false
		g.ledger.ended(c.head.ID, m.sequence)
		result, err := resultOf(a.Err, a.Results, i)
		m.acquired(e, g, c, result, err)
	}
	m.auditSessionIfMissing() // now that every item is accounted for
}

// acquired goes on with one entry whose Acquire was answered.
func (m *Machine) acquired(e *entry, g *grant, c *call, result AcquireResult, err error) {
	e.touched = m.sequence
	switch {
	case err == nil:
		m.fetch.cautious = false
		e.token = result.Token
		g.ledger.account(result.Tally.Change, c.through)
		if !g.dead {
			m.extend(g, c.sent)
		}
		e.hasLease, e.tried = true, false
		g.leases++
		m.setPhase(e, leased)
		m.useLease(e, g)
	case errors.Is(err, ErrHeld):
		e.attempts = 0
		m.leave(e)
		m.setPhase(e, waiting)
		m.heldByOther(e, result.Holder)
	case errors.Is(err, ErrExpired):
		m.leave(e)
		m.setPhase(e, waiting)
		g.gone = true
		m.kill(g, ReasonGrantExpired)
		m.later(e, nil)
	case errors.Is(err, ErrRefused):
		m.leave(e)
		m.setPhase(e, waiting)
		m.failed(err)
		m.beCautious()
		m.later(e, err)
	default:
		m.leave(e)
		m.setPhase(e, waiting)
		m.failed(err)
		m.beCautious()
		switch {
		case m.config.Ablation.UnknownAcquireIsNo:
		case c.opens:
			m.abandon(g)
		default:
			m.renewSoon()
		}
		m.later(e, nil)
	}
}

// useLease goes on to Take with a lease that was just acquired, unless the
// answer came too late or nobody wants the stream any more.
func (m *Machine) useLease(e *entry, g *grant) {
	if !g.dead && m.over(g) {
		m.kill(g, ReasonValidityOver) // releases e, too
		return
	}
	switch {
	case g.dead:
		m.release(e, thenPursue)
	case e.unwanted || m.closing != nil:
		m.release(e, thenGiveAway)
	default:
		if m.config.Ablation.BeginBeforeTake {
			m.begin(e, TakeResult{})
			e.recheck = true
		}
		m.takes.push(e)
	}
}

// heldByOther goes on with an entry whose name has a live lease.
func (m *Machine) heldByOther(e *entry, holder Holder) {
	m.failClaims(e, heldError(e.ref, holder))
	own := holder.Member.Incarnation == m.config.Member.Incarnation
	same := holder.Lease.Ref.MessageID == e.ref.MessageID
	if same && !own {
		m.outbox.owned(e.ref)
	}
	switch {
	case e.unwanted:
		m.forgetUnwanted(e)
	case e.again:
		e.again = false
		m.pursue(e)
	case same && !own:
		m.forget(e) // the owner of this very assignment
	case m.closing != nil:
		m.giveAway(e) // others have the time to wait
	case own:
		m.renewSoon() // a lease that this member does not know of: the audit finds it
		m.await(e)
	default:
		m.await(e)
	}
}

// forgetUnwanted drops an entry that nobody waits for any more. Word that its name
// is free, heard meanwhile, is for the next one.
func (m *Machine) forgetUnwanted(e *entry) {
	heard := e.again
	m.forget(e)
	if heard {
		m.nameFree(e.ref.Name)
	}
}

func heldError(ref StreamRef, holder Holder) error {
	if holder.Member.ID == "" {
		return fmt.Errorf("%w: %q", ErrHeld, ref.Name)
	}
	return fmt.Errorf("%w: %q is leased to member %q", ErrHeld, ref.Name, holder.Member.ID)
}

// later tries again after a call without success: at growing distances, and
// the others are told, since they may be better off.
func (m *Machine) later(e *entry, refused error) {
	if refused != nil {
		m.failClaims(e, fmt.Errorf("acquire %q: %w", e.ref, refused))
	}
	if e.unwanted {
		m.forgetUnwanted(e)
		return
	}
	if m.closing != nil {
		m.giveAway(e)
		return
	}
	if e.attempts == 0 && e.fresh {
		m.publish(Hint{Kind: HintRef, Ref: e.ref})
	}
	m.setAlarm(e, m.now+m.pause(e))
}

// pause is how long to wait after a call without a definite answer.
func (m *Machine) pause(e *entry) time.Duration {
	shortest, longest := m.config.CallTimeout/8, m.config.TTL/3
	e.attempts = min(e.attempts+1, 16)
	return m.random.jitter(min(shortest<<min(e.attempts-1, 10), longest))
}

// ring goes on with an entry whose time has come.
func (e *entry) ring(m *Machine) {
	e.alarm = nil
	switch {
	case e.phase == waiting && e.probe:
		m.inspect(e)
	case e.phase == waiting:
		m.due(e)
	case e.phase == leased || e.phase == held:
		m.takes.push(e)
	case e.phase == settling:
		m.settlements.push(e)
	case e.phase == releasing:
		m.releases.push(releaseItem{lease: e.lease(), entry: e})
	}
}

// due goes on with a waiting entry whose time has come.
func (m *Machine) due(e *entry) {
	e.yields = false
	if e.retry {
		e.retry = false
		m.offer(e)
		return
	}
	m.pursue(e)
}

func (e *entry) lease() Lease {
	lease := Lease{Ref: e.ref, Token: e.token}
	if e.grant != nil {
		lease.Grant = e.grant.id
	}
	return lease
}
