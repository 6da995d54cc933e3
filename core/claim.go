package core

import "fmt"

// claimRequested is the application's Claim: it goes after the stream at
// once, whatever its rank.
func (m *Machine) claimRequested(r ClaimRequested) {
	if err := m.claimable(r.Ref); err != nil {
		m.emit(Reply{Request: r.Request, Ref: r.Ref, Err: err})
		return
	}
	e := m.find(r.Ref)
	if e == nil {
		e = m.entryOf(r.Ref)
		e.asked = true
	}
	if e.phase == held {
		m.claimHeld(e, r.Request)
		return
	}
	if e.phase >= settling || e.phase <= probing && m.config.ManualClaim && !e.fresh {
		e.asked = true // without the claim it would not come back to this member
	}
	e.unwanted = false
	m.outbox.owned(e.ref) // whoever claims has heard that it is free
	m.claims[e] = append(m.claims[e], r.Request)
	m.requests[r.Request] = e
	if e.phase <= probing {
		e.retry, e.yields, e.swept = false, false, false
		m.setPhase(e, waiting)
		m.pursue(e)
	}
}

func (m *Machine) claimable(ref StreamRef) error {
	switch {
	case m.closing != nil:
		return notOwnedError(ref)
	case ref.MessageID == "":
		return fmt.Errorf("%w: stream ref %q has no message ID", ErrInvalid, ref)
	case m.finished.has(ref):
		return fmt.Errorf("%w: %q", ErrDone, ref)
	}
	return ValidateName(ref.Name)
}

// failClaims answers those who wait for the stream. What was only pursued for
// them is given back.
func (m *Machine) failClaims(e *entry, err error) {
	for _, request := range m.claims[e] {
		m.emit(Reply{Request: request, Ref: e.ref, Err: err})
		delete(m.requests, request)
	}
	delete(m.claims, e)
	e.unwanted = e.asked
}

// granted is a tenure that one Step gave to those who claimed it. Whoever
// stopped waiting may say so in the same Step, and then does not know.
type granted struct {
	entry    *entry
	token    Token
	unread   *Notification // the StreamAdded that the replies stand for
	claimers int
}

// grantClaims answers Claims with the tenure.
func (m *Machine) grantClaims(e *entry, unread *Notification, requests ...RequestID) {
	g := &granted{entry: e, token: e.token, unread: unread, claimers: len(requests)}
	m.clockTrial(e.ref, e.token)
	for _, request := range requests {
		m.emit(Reply{Request: request, Ref: e.ref, Token: e.token})
		m.granted[request] = g
		delete(m.requests, request)
	}
}

// claimHeld answers a Claim of what the member owns. If the application has the
// tenure already, whoever stops waiting for this answer takes nothing back.
func (m *Machine) claimHeld(e *entry, request RequestID) {
	unread := m.outbox.unadd(e.ref)
	g := m.grantedNow(e)
	switch {
	case g != nil:
		g.claimers++
		m.granted[request] = g
		m.emit(Reply{Request: request, Ref: e.ref, Token: e.token})
	case unread != nil:
		m.grantClaims(e, unread, request)
	default:
		m.emit(Reply{Request: request, Ref: e.ref, Token: e.token})
	}
}

// grantedNow is how this very Step gave the entry's tenure to those who claimed
// it; nil: it did not.
func (m *Machine) grantedNow(e *entry) *granted {
	for _, g := range m.granted { // there is one for each tenure at most
		if g.entry == e && g.token == e.token {
			return g
		}
	}
	return nil
}

// ungrant takes back a tenure that nobody learns of by a Reply: it is
// announced as it would have been, or given back.
func (m *Machine) ungrant(g *granted) {
	e := g.entry
	if g.claimers--; g.claimers > 0 || e.phase != held || e.token != g.token {
		return
	}
	if g.unread != nil {
		m.outbox.add(e.ref, e.token, g.unread.Info)
		return
	}
	m.settle(e, settlement{outcome: HandedOff, why: ReasonUnwanted, untold: true})
}

// requestAbandoned: a Claim whose ctx ended leaves no lease behind; a
// settlement goes on.
func (m *Machine) requestAbandoned(request RequestID) {
	if g, ok := m.granted[request]; ok {
		delete(m.granted, request)
		m.ungrant(g)
		return
	}
	e, ok := m.requests[request]
	if !ok {
		return
	}
	delete(m.requests, request)
	if e.settlement != nil {
		e.settlement.requests = without(e.settlement.requests, request)
	}
	before := len(m.claims[e])
	if m.claims[e] = without(m.claims[e], request); len(m.claims[e]) == 0 {
		delete(m.claims, e)
	}
	if len(m.claims[e]) > 0 || before == 0 || !e.asked {
		return
	}
	e.unwanted = true
	switch {
	case e.phase <= queued:
		m.forget(e)
	case m.awaitsTrial(e):
		m.release(e, thenGiveAway)
	}
}

func without(requests []RequestID, request RequestID) []RequestID {
	for i, other := range requests {
		if other == request {
			return append(requests[:i:i], requests[i+1:]...)
		}
	}
	return requests
}
