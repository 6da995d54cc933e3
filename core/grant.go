package core

import "time"

// grant is what is renewed: this member's session, or one lease.
type grant struct {
	id       GrantID
	opening  bool // the opening call is under way
	opened   bool // the store has answered that it exists
	dead     bool // expired, fenced or given up: nothing brings it back
	gone     bool // the store has said so
	renewing bool

	// validUntil is when this member stops believing in the grant: on its own
	// clock, counted from just before the last successful call that extended
	// it was sent.
	validUntil time.Duration
	renewAt    time.Duration

	entries []*entry
	leases  int64 // which the member believes to be in it
	// ledger and audit are those of a session. A grant of a single lease has
	// none: there is nothing in it to be mistaken about.
	ledger *ledger
	audit  *audit
	alarm  alarm
}

func (m *Machine) newGrant() *grant {
	g := &grant{id: m.random.grant(), renewAt: -1}
	if m.config.Shape == GrantPerMember {
		g.ledger, g.audit = new(ledger), new(audit)
	}
	return g
}

// alive reports whether the member may act on the grant now.
func (m *Machine) alive(g *grant) bool { return g != nil && !g.dead && !m.over(g) }

// over: the local validity of the grant is over.
func (m *Machine) over(g *grant) bool {
	return m.now >= g.validUntil && !m.config.Ablation.NoSelfFencing
}

// extend moves the end of the grant's local validity: a call that extends the
// grant at the store was sent at the instant sent, and succeeded.
func (m *Machine) extend(g *grant, sent time.Duration) {
	if !g.opened {
		g.opened = true
		m.liveGrants++
	}
	until := sent + m.config.TTL - m.config.Margin
	if m.config.Ablation.NoMargin {
		until = sent + m.config.TTL
	}
	if until > g.validUntil {
		g.validUntil = until
	}
	if g.renewAt < 0 {
		g.renewAt = m.nextRenewal(sent)
	}
	m.watch(g)
}

// watch sets the grant's alarm to its next renewal or its end.
func (m *Machine) watch(g *grant) {
	at := g.validUntil
	if !g.renewing && g.renewAt < at {
		at = g.renewAt
	}
	m.set(&g.alarm, at, g)
}

// ring fences the grant when its validity is over, and renews it otherwise.
func (g *grant) ring(m *Machine) {
	switch {
	case g.dead:
	case m.over(g):
		m.kill(g, ReasonValidityOver)
	default:
		m.renew(g)
	}
}

// kill ends a grant for good: it expired, or the member no longer believes in
// it. Whatever was owned under it is lost from this instant, and what is under
// way under it counts as lost when it is answered.
func (m *Machine) kill(g *grant, why Reason) {
	if g.dead {
		return
	}
	outage := m.storeDown
	if m.config.Ablation.GrantUsedAgain && !g.gone {
		m.renew(g)
	} else {
		m.bury(g)
	}
	for _, e := range append([]*entry(nil), g.entries...) {
		e.mine = outage && !m.config.ManualClaim
		m.leaseLost(e, why)
	}
}

// bury ends a grant's renewals. When none is left to renew, nothing says any
// more whether the store is down: it has to be tried.
func (m *Machine) bury(g *grant) {
	g.dead = true
	m.unset(&g.alarm)
	if m.session == g {
		m.session = nil
	}
	if g.opened {
		m.liveGrants--
	}
	if m.liveGrants == 0 {
		m.storeDown = false
	}
}

// leaseLost ends what an entry was doing on the strength of a lease that is
// gone, or no longer believed in.
func (m *Machine) leaseLost(e *entry, why Reason) {
	switch e.phase {
	case leased:
		m.withdraw(e, why)
	case held:
		m.lose(e, why)
	case settling:
		m.disown(e, why)
	}
}

// withdraw goes back to before Acquire. A Take of unknown outcome may have
// begun a tenure, which is to be settled like any other.
func (m *Machine) withdraw(e *entry, why Reason) {
	if e.tried {
		m.settle(e, settlement{outcome: HandedOff, why: why})
		return
	}
	m.release(e, thenPursue)
}

// abandon gives up a grant whose opening has an unknown outcome: it is paged
// through, what it holds is released, and it is never renewed.
func (m *Machine) abandon(g *grant) {
	m.kill(g, ReasonGrantAbandoned)
	m.search(g.id, true)
}

// emptied drops what was kept for a grant of a single lease.
func (m *Machine) emptied(g *grant) {
	if m.config.Shape == GrantPerLease && !g.opening && !g.dead {
		m.bury(g)
	}
}
