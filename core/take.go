package core

import (
	"errors"
	"fmt"
	"math"
	"time"
)

// flushTakes records the tenures of what was leased.
func (m *Machine) flushTakes() {
	for m.underWay[callTake] < batchesInFlight {
		batch := m.takes.batch(m.size(callTake, acquireBatch), func(e *entry) bool {
			switch {
			case e.phase == leased && !m.awaitsTrial(e):
				m.setPhase(e, taking)
			case e.phase == held && (e.recheck || m.hasStoodTrial(e)) && !e.checking:
				e.checking = true
			default:
				return false
			}
			return true
		})
		if len(batch) == 0 {
			return
		}
		m.sendTake(batch)
	}
}

func (m *Machine) sendTake(batch []*entry) {
	c := m.call(callTake, ReasonPursuit)
	c.entries, c.through = batch, m.taken.through
	c.takes = make([]TakeRequest, len(batch))
	m.taken.sent(c.head.ID, m.sequence)
	for i, e := range batch {
		e.touched, e.tried = m.sequence, true
		c.takes[i] = m.takeRequest(e)
	}
	m.emit(SendTake{Call: c.head, Requests: c.takes})
}

// takeRequest: what the member holds already, or tries, is no longer asked
// whether it is a suspect.
func (m *Machine) takeRequest(e *entry) TakeRequest {
	r := TakeRequest{Ref: e.ref, Token: e.token, StableAfter: m.config.StableAfter, Trial: m.isOnTrial(e)}
	if e.phase == taking && !e.suspect {
		r.Suspect = m.config.suspectFrom()
	}
	return r
}

func (m *Machine) takeAnswered(a TakeAnswered) {
	c := m.answer(a.Answered, callTake)
	if c == nil {
		return
	}
	m.taken.ended(c.head.ID, m.sequence)
	for i, e := range c.entries {
		result, err := resultOf(a.Err, a.Results, i)
		if err == nil && result.Changed {
			m.taken.account(result.Taken.Change, c.through)
		}
		e.touched = m.sequence
		e.checking = false
		if e.token != c.takes[i].Token {
			continue // the entry went on without waiting for this answer
		}
		if err == nil && e.phase >= taking && e.phase <= settling {
			m.markTaken(e)
		}
		switch {
		case e.phase == taking:
			m.tookOrNot(e, result, err)
		case e.phase == held && (e.recheck || m.hasStoodTrial(e)):
			m.rechecked(e, c.takes[i], err)
		}
	}
	m.auditSourceIfMissing()
}

// markTaken notes that the source has a tenure of the entry on record.
func (m *Machine) markTaken(e *entry) {
	if !e.taken {
		e.taken = true
		m.takenCount++
	}
}

func (m *Machine) unmarkTaken(e *entry) {
	if e.taken {
		e.taken = false
		m.takenCount--
	}
}

// tookOrNot goes on with an entry whose Take was answered.
func (m *Machine) tookOrNot(e *entry, result TakeResult, err error) {
	switch {
	case m.tookFirst(e, result): // only when it is turned wrong
	case err == nil:
		m.took(e, result)
	case errors.Is(err, ErrDone), errors.Is(err, ErrLost):
		m.failClaims(e, fmt.Errorf("%w: %q", ErrDone, e.ref))
		m.finish(e)
		m.release(e, thenForget)
	case errors.Is(err, ErrNotYet):
		m.failClaims(e, notYetError(e.ref, result.RetryIn))
		// An application that claims by itself hears of it when it is due.
		e.unwanted = e.unwanted && !m.config.ManualClaim
		e.retryIn = max(result.RetryIn, m.config.RankDelay) // a source may round what is left down to nothing
		m.release(e, thenRetry)
	case errors.Is(err, ErrSuspect) && !e.suspect:
		m.suspected(e)
	case errors.Is(err, ErrDisowned):
		e.floor = max(e.floor, result.Remembered)
		m.outbidden(e)
	case errors.Is(err, ErrRefused):
		m.failed(err)
		m.failClaims(e, fmt.Errorf("take %q: %w", e.ref, err))
		e.retryIn = m.pause(e)
		m.release(e, thenRetry)
	case m.config.Ablation.UnknownTakeIsNo:
		m.release(e, thenGiveAway)
	case !m.alive(e.grant):
		m.failed(err)
		m.settle(e, settlement{outcome: HandedOff, why: ReasonValidityOver}) // it may have been taken
	default:
		m.failed(err)
		m.setPhase(e, leased)
		m.setAlarm(e, m.now+m.pause(e))
	}
}

func notYetError(ref StreamRef, left time.Duration) error {
	return fmt.Errorf("%w: %q may be tried again in %v", ErrNotYet, ref, left.Round(time.Millisecond))
}

// outbidden goes on with an entry that the source has given to a higher
// token, or to the same token of another taker. The name was free, so that
// taker may be gone, or the lease store may have lost its counter: the next
// token is higher.
func (m *Machine) outbidden(e *entry) {
	if len(m.claims[e]) > 0 && e.attempts > 2 {
		m.failClaims(e, fmt.Errorf("%w: %q was taken by another member", ErrHeld, e.ref))
	}
	e.retryIn = m.pause(e)
	m.release(e, thenRetry)
}

// took begins the tenure, unless it must not begin: then it is settled, and
// the application never hears of it.
func (m *Machine) took(e *entry, result TakeResult) {
	e.attempts = 0
	e.keepInfo(result.Assignment.Info)
	e.failures = int32(min(result.Failures, math.MaxInt32))
	switch {
	case !m.alive(e.grant) && !m.config.Ablation.LateTakeBegins:
		m.settle(e, settlement{outcome: HandedOff, why: ReasonValidityOver})
	case e.unwanted || m.closing != nil:
		m.settle(e, settlement{outcome: HandedOff, why: ReasonUnwanted})
	case limitReached(result.Failures, m.config.MaxFailures):
		m.settle(e, settlement{outcome: Quarantined, why: ReasonTooManyFailures,
			reason: fmt.Sprintf("failed %d times", result.Failures)})
	case m.config.killsItsProcesses(result):
		m.settle(e, settlement{outcome: Quarantined, why: ReasonTooManyCrashes,
			reason: fmt.Sprintf("its owner crashed %d times", result.Crashes)})
	case m.finished.has(e.ref):
		// The source lost the settlement: repeat it, and tell nobody.
		m.settle(e, settlement{outcome: Done, why: ReasonUnwanted})
	default:
		m.begin(e, result)
	}
}

func limitReached(count, limit int) bool { return limit > 0 && count >= limit }

// begin makes the member the owner and says so.
func (m *Machine) begin(e *entry, result TakeResult) {
	info := e.takeInfo() // the notification and the tenure have it
	m.move(e, Owned)
	m.setPhase(e, held)
	claimed := len(m.claims[e]) > 0
	why := ReasonFound
	switch {
	case claimed:
		why = ReasonClaimed
	case e.fresh:
		why = ReasonAssigned
	}
	e.fresh, e.mine, e.yields, e.asked, e.told = false, false, false, false, true
	m.emit(TenureBegan{Tenure: Tenure{Ref: e.ref, Token: e.token, Info: info,
		Failures: result.Failures, Crashes: result.Crashes, Claimed: claimed, Reason: why}})
	if !claimed {
		m.outbox.add(e.ref, e.token, info)
		return
	}
	m.outbox.owned(e.ref)
	m.grantClaims(e, nil, m.claims[e]...)
	delete(m.claims, e)
}

// rechecked goes on with a tenure whose Take was repeated, because the source
// did not list it or because it has stood its trial.
func (m *Machine) rechecked(e *entry, asked TakeRequest, err error) {
	switch {
	case err == nil:
		e.recheck = false
		m.confirmTrial(e, asked)
	case errors.Is(err, ErrDone), errors.Is(err, ErrLost):
		e.recheck = false
		m.unmarkTaken(e)
		m.end(e, ErrDisowned, ReasonGone)
		m.outbox.disown(e.ref, e.token, fmt.Errorf("%w: %q was finished or removed", ErrDisowned, e.ref))
		m.finish(e)
		m.release(e, thenForget)
	case errors.Is(err, ErrDisowned), errors.Is(err, ErrNotYet):
		e.recheck = false
		m.unmarkTaken(e)
		m.lose(e, ReasonOvertaken) // its settlement is refused, and clears this member of suspicion
	default:
		m.failed(err)
		m.setAlarm(e, m.now+m.pause(e))
	}
}
