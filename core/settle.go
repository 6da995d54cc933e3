package core

import (
	"errors"
	"fmt"
	"time"
)

// disown ends a tenure that the member lost, by its own word or by another's:
// contexts end, and the application hears StreamDisowned.
func (m *Machine) disown(e *entry, why Reason) {
	if e.state != Owned {
		return
	}
	m.move(e, Disowned)
	m.end(e, ErrDisowned, why)
	if m.config.Ablation.LossNotTold || e.settlement != nil && e.settlement.untold {
		return
	}
	m.outbox.disown(e.ref, e.token, fmt.Errorf("%w: %q: %s", ErrDisowned, e.ref, why))
}

// lose disowns the stream and settles what is left of the tenure HandedOff,
// with its old token.
func (m *Machine) lose(e *entry, why Reason) {
	m.disown(e, why)
	if m.config.Ablation.NoLateSettlement {
		m.unmarkTaken(e)
		m.release(e, thenContend)
		return
	}
	m.settle(e, settlement{outcome: HandedOff, why: why})
}

// end says that the tenure is over.
func (m *Machine) end(e *entry, cause error, why Reason) {
	if e.told {
		e.told = false
		m.emit(TenureEnded{Ref: e.ref, Token: e.token, Cause: cause, Reason: why})
	}
}

// finish notes that the assignment is gone for good.
func (m *Machine) finish(e *entry) {
	m.move(e, Finished)
	m.outbox.owned(e.ref)
}

// settle queues the end of a tenure. Until its outcome is known the lease is
// kept and renewed, and the settlement repeated.
func (m *Machine) settle(e *entry, s settlement) {
	e.settlement = &s
	e.recheck = false
	m.unsetAlarm(e)
	if m.config.Ablation.ReleaseBeforeSettle && e.hasLease {
		m.releases.push(releaseItem{lease: e.lease()})
	}
	m.setPhase(e, settling)
	m.settlements.push(e)
}

// settleRequested is the application's Done, Fail or HandOff.
func (m *Machine) settleRequested(r SettleRequested) {
	e := m.find(r.Ref)
	switch {
	case e == nil || e.token != r.Token || e.state != Owned && e.settlement == nil:
		m.emit(Reply{Request: r.Request, Ref: r.Ref, Token: r.Token,
			Err: fmt.Errorf("%w: %q with token %d", ErrDisowned, r.Ref, r.Token)})
	case e.phase == held:
		s := settlement{outcome: r.Outcome, reason: r.Reason, why: ReasonAsked, requests: []RequestID{r.Request}}
		if s.outcome == Failed {
			s.retryIn = m.backoff(int(e.failures) + 1)
		}
		m.requests[r.Request] = e
		m.settle(e, s)
	case e.settlement != nil && e.settlement.outcome == r.Outcome && e.state == Owned:
		m.requests[r.Request] = e
		e.settlement.requests = append(e.settlement.requests, r.Request)
	case e.state == Owned:
		m.emit(Reply{Request: r.Request, Ref: r.Ref, Token: r.Token,
			Err: fmt.Errorf("%w: %q is being settled as %v", ErrNotOwned, r.Ref, e.settlement.outcome)})
	default:
		m.emit(Reply{Request: r.Request, Ref: r.Ref, Token: r.Token,
			Err: fmt.Errorf("%w: %q with token %d", ErrDisowned, r.Ref, r.Token)})
	}
}

// backoff is the time until a stream is tried again that has failed so often.
func (m *Machine) backoff(failures int) time.Duration {
	if limitReached(failures, m.config.MaxFailures) {
		return 0 // the next Take finds the limit reached, and quarantines it
	}
	pause := m.config.BackoffMax
	if shift := failures - 1; shift < 32 && m.config.BackoffMin < m.config.BackoffMax>>shift {
		pause = m.config.BackoffMin << shift
	}
	return m.random.jitter(pause)
}

func (m *Machine) flushSettlements() {
	for m.underWay[callSettle] < batchesInFlight {
		batch := m.settlements.batch(m.size(callSettle, acquireBatch), func(e *entry) bool {
			wanted := e.phase == settling && !e.sent
			e.sent = e.sent || wanted
			return wanted
		})
		if len(batch) == 0 {
			return
		}
		m.sendSettle(batch)
	}
}

func (m *Machine) sendSettle(batch []*entry) {
	c := m.call(callSettle, batch[0].settlement.why)
	c.entries, c.through = batch, m.taken.through
	m.taken.sent(c.head.ID, m.sequence)
	settlements := make([]Settlement, len(batch))
	for i, e := range batch {
		e.touched = m.sequence
		if e.settlement.asked == 0 {
			e.settlement.asked = m.now
		}
		settlements[i] = Settlement{Ref: e.ref, Token: e.token, Outcome: e.settlement.outcome,
			Reason: truncate(e.settlement.reason, MaxReasonBytes), RetryIn: e.settlement.retryIn,
			StableAfter: m.config.StableAfter}
	}
	m.emit(SendSettle{Call: c.head, Settlements: settlements})
}

func truncate(text string, limit int) string {
	if len(text) > limit {
		return text[:limit]
	}
	return text
}

func (m *Machine) settleAnswered(a SettleAnswered) {
	c := m.answer(a.Answered, callSettle)
	if c == nil {
		return
	}
	m.taken.ended(c.head.ID, m.sequence)
	for i, e := range c.entries {
		result, err := resultOf(a.Err, a.Results, i)
		if m.config.Ablation.UnknownSettleIsDone && a.Err != nil {
			err = nil
		}
		if err == nil && result.Changed {
			m.taken.account(result.Taken.Change, c.through)
		}
		e.sent = false
		e.touched = m.sequence
		m.settledOrNot(e, result, err)
	}
	m.auditSourceIfMissing()
}

func (m *Machine) settledOrNot(e *entry, result SettleResult, err error) {
	s := e.settlement
	switch {
	case err == nil:
		m.unmarkTaken(e)
		m.settled(e, s, result)
	case errors.Is(err, ErrDisowned) && m.config.Ablation.DisownedIsDone:
		m.settled(e, s, result)
	case errors.Is(err, ErrDisowned), errors.Is(err, ErrDone):
		m.unmarkTaken(e)
		e.floor = max(e.floor, result.Remembered)
		m.disown(e, ReasonOvertaken)
		m.answerRequests(e, s, fmt.Errorf("%w: %q with token %d", ErrDisowned, e.ref, e.token))
		e.settlement = nil
		then := thenForget
		if errors.Is(err, ErrDisowned) && result.Remembered < e.token {
			then = thenContend // nobody has it: this member's Take was never made
		}
		m.release(e, then)
	case errors.Is(err, ErrRefused) && e.state == Owned && len(s.requests) > 0 && m.closing == nil:
		m.failed(err)
		m.answerRequests(e, s, fmt.Errorf("settle %q: %w", e.ref, err))
		e.settlement = nil
		m.setPhase(e, held) // nothing was done: the member owns it still
	case m.closing != nil && !m.alive(e.grant):
		m.failed(err)
		m.disown(e, ReasonValidityOver) // the store is gone, and so is the lease
		m.answerRequests(e, s, fmt.Errorf("settle %q: %w", e.ref, err))
		e.settlement = nil
		m.release(e, thenForget)
	default:
		m.failed(err)
		m.setAlarm(e, m.now+m.pause(e))
	}
}

// settled goes on after a settlement that took effect: now the lease may go.
func (m *Machine) settled(e *entry, s *settlement, result SettleResult) {
	e.attempts = 0
	var err error
	if result.Gone && !result.Changed && e.state == Disowned {
		// Whoever took it over may have finished it, or an earlier try of this
		// very settlement did: the tenure was lost before that was known.
		err = fmt.Errorf("%w: %q was finished, by this tenure or a later one", ErrDisowned, e.ref)
	}
	e.settlement = nil
	m.outbox.unadd(e.ref)
	then := thenForget
	switch {
	case result.Gone || s.outcome == Done || s.outcome == Quarantined:
		m.end(e, ErrDone, s.why)
		m.finish(e)
		if s.outcome == Done {
			m.finished.add(e.ref)
		}
	case s.outcome == Failed:
		m.end(e, ErrNotOwned, s.why)
		m.move(e, Unowned)
		e.retryIn = max(s.retryIn-(m.now-s.asked), 0)
		if s.retryIn > 0 {
			m.failClaims(e, notYetError(e.ref, s.retryIn))
		}
		then = thenRetry
	default:
		m.end(e, ErrNotOwned, s.why)
		m.move(e, Unowned)
		then = afterHandOff(s, m.closing != nil)
	}
	m.answerRequests(e, s, err) // before the release, which may end with the entry's token
	m.release(e, then)
}

// afterHandOff: who was fenced competes for the stream again; who gave it
// away on purpose lets the others go first.
func afterHandOff(s *settlement, closing bool) afterRelease {
	switch {
	case closing || s.why == ReasonUnwanted:
		return thenGiveAway
	case s.why == ReasonAsked || s.why == ReasonWish:
		return thenYield
	default:
		return thenContend
	}
}

func (m *Machine) answerRequests(e *entry, s *settlement, err error) {
	for _, request := range s.requests {
		m.emit(Reply{Request: request, Ref: e.ref, Token: e.token, Err: err})
		delete(m.requests, request)
	}
	s.requests = nil
}
