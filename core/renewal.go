package core

import (
	"errors"
	"time"
)

// renewalSlots is how many instants of a renewal period leases are renewed at.
const renewalSlots = 8

// nextRenewal is when a grant is to be renewed that was extended by a call sent
// at that instant. Leases of which each is a grant are renewed together with
// those that were acquired shortly before or after them: each at its own instant
// they would go out in many small batches.
func (m *Machine) nextRenewal(sent time.Duration) time.Duration {
	at := sent + m.config.RenewEvery
	if m.config.Shape == GrantPerLease {
		at -= at % max(m.config.RenewEvery/renewalSlots, 1)
	}
	return at
}

// renew queues the grant for the next Renew.
func (m *Machine) renew(g *grant) {
	if g.dead || !g.opened || g.renewing {
		return
	}
	g.renewing = true
	m.renewals.push(g)
	m.watch(g)
}

// worthRenewing: with one grant for each lease a member that has too little time
// for all of them gives up those whose validity would end before the answer
// comes. Otherwise it would renew each at the last moment, and lose them all.
func (m *Machine) worthRenewing(g *grant) bool {
	if g.dead || m.config.Shape == GrantPerMember {
		return !g.dead
	}
	return g.validUntil-m.now > m.renewTook/2
}

// behind: renewals wait for so long that the member has more leases than it can
// renew. Until it has caught up it acquires no others; what it loses meanwhile is
// for those that can keep it.
func (m *Machine) behind() bool {
	for {
		g, waits := m.renewals.peek()
		if !waits {
			return false
		}
		if m.worthRenewing(g) {
			return m.now-g.renewAt > m.late()
		}
		m.renewals.pop()
	}
}

// flushRenewals sends the next batch; one Renew is under way at a time.
func (m *Machine) flushRenewals() {
	if m.renewCall != nil {
		return
	}
	batch := m.renewals.batch(m.size(callRenew, renewBatch), m.worthRenewing)
	if len(batch) == 0 {
		return
	}
	m.adjustCapacity(batch[0])
	c := m.call(callRenew, ReasonRenewal)
	c.grants = batch
	m.renewCall = c
	ids := make([]GrantID, len(batch))
	for i, g := range batch {
		ids[i] = g.id
	}
	m.emit(SendRenew{Call: c.head, Grants: ids, TTL: m.config.TTL})
}

func (m *Machine) renewAnswered(a RenewAnswered) {
	c := m.answer(a.Answered, callRenew)
	if c == nil {
		return
	}
	m.renewCall = nil
	m.renewTook = min(m.now-c.sent, m.config.CallTimeout) // what is longer is a pause of this process
	wasDown := m.storeDown
	least := never
	for i, g := range c.grants {
		g.renewing = false
		if g.dead {
			continue
		}
		result, err := resultOf(a.Err, a.Results, i)
		if err == nil {
			least = min(least, g.validUntil-m.now)
		}
		m.renewed(g, c, result, err)
	}
	if least != never {
		m.leftAtRenewal = least
	}
	if a.Err == nil && !wasDown {
		m.pacing = false // the first Renew after an outage is followed by a paced period
	}
	m.probed(c, a.Err)
}

func (m *Machine) renewed(g *grant, c *call, result RenewResult, err error) {
	switch {
	case err == nil:
		m.renewedAt = c.sent
		m.storeDown = false
		g.renewAt = m.nextRenewal(c.sent)
		m.extend(g, c.sent)
		if m.over(g) {
			m.kill(g, ReasonValidityOver) // the answer came too late to count
			return
		}
		if m.config.Ablation.ChangeNotCompared {
			result.Tally.Change = g.ledger.accounted()
		}
		if g.ledger.see(result.Tally, g.leases, c.asked, m.nextCall) {
			m.auditGrant(g)
		}
	case errors.Is(err, ErrExpired):
		g.gone = true
		m.kill(g, ReasonGrantExpired)
	default:
		m.failed(err)
		m.storeDown, m.pacing = true, true
		g.renewAt = m.now + m.config.CallTimeout/4
		m.watch(g)
	}
}

// renewSoon lets the next Renew say whether a call of unknown outcome left
// anything behind.
func (m *Machine) renewSoon() {
	if m.session != nil {
		m.renew(m.session)
	}
}
