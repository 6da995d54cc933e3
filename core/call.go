package core

import (
	"errors"
	"time"
)

// callKind is which port method a call goes to.
type callKind uint8

const (
	callHeartbeat callKind = iota
	callFetch
	callDeliveries
	callEstate // Deliveries, of a member that has left
	callTake
	callSettle
	callSweep
	callAcquire
	callRenew
	callLeases
	callRelease
	callInspect
	callPublish
	callCheck
	callKinds
)

// call is one call to a port, from its command to its answer.
type call struct {
	head  Call
	kind  callKind
	asked sequence
	at    time.Duration // when it was asked for
	sent  time.Duration // when it was sent, known with the answer

	entries  []*entry
	takes    []TakeRequest
	grants   []*grant
	releases []releaseItem
	search   *search
	estate   *estate
	opens    bool
	ends     bool // a Release asked for the end of what it leaves empty
	// calledOff: it was cancelled; that it has no answer says nothing.
	calledOff bool
	owned     int64 // what a heartbeat said
	// through is how far the set that it may change was accounted for when it
	// was sent.
	through int64
}

// call starts the book-keeping of a call; the caller emits the command.
func (m *Machine) call(kind callKind, why Reason) *call {
	m.sequence++
	c := &call{kind: kind, asked: m.sequence, at: m.now,
		head: Call{ID: m.nextCall, Timeout: m.config.CallTimeout, Reason: why}}
	m.nextCall++
	m.calls[c.head.ID] = c
	m.underWay[kind]++
	return c
}

// answer ends the book-keeping of a call. It returns nil for an answer to no
// call, or to one that was answered before.
func (m *Machine) answer(a Answered, kind callKind) *call {
	c, ok := m.calls[a.Call]
	if !ok || c.kind != kind {
		return nil
	}
	delete(m.calls, a.Call)
	m.underWay[kind]--
	c.sent = min(a.Sent, m.now)
	m.learnSize(c, a.Err)
	if m.config.Ablation.ValidityFromReply {
		c.sent = m.now
	}
	return c
}

var errNoResult = errors.New("the port answered no result for this item")

// result is what a port answers for one item of a batch.
type result interface{ err() error }

func (r TakeResult) err() error    { return r.Err }
func (r SettleResult) err() error  { return r.Err }
func (r AcquireResult) err() error { return r.Err }
func (r RenewResult) err() error   { return r.Err }
func (r ReleaseResult) err() error { return r.Err }
func (r InspectResult) err() error { return r.Err }

// resultOf is what was answered for item i of a call, and its error: that of
// the whole call if it has one, and unknown if there is no such result.
func resultOf[R result](whole error, results []R, i int) (answered R, err error) {
	switch {
	case whole != nil:
		return answered, whole
	case i >= len(results):
		return answered, errNoResult
	default:
		return results[i], results[i].err()
	}
}

func isExpired(err error) bool { return errors.Is(err, ErrExpired) }
