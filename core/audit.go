package core

import (
	"cmp"
	"slices"
	"strings"
)

// auditNumber tells audits apart.
type auditNumber int32

// audit compares what the member believes with what a port has on record,
// page by page. It runs only when the numbers differ.
type audit struct {
	running bool
	asked   sequence // when the first page was asked for
	page    sequence // when the page under way was asked for
	change  int64    // of the first page
	first   bool
	number  auditNumber // marks what was listed
}

func (m *Machine) beginAudit(a *audit) {
	m.auditNumber++
	*a = audit{running: true, first: true, number: m.auditNumber}
}

// untouched: a page says nothing about an entry on which an operation was
// sent, is in flight, or was answered since the page was asked for.
func (e *entry) untouched(since sequence) bool { return e.touched < since && !e.sent && !e.checking }

// auditGrant pages through the session: what is listed and unknown is
// released, what is believed and not listed is lost.
func (m *Machine) auditGrant(g *grant) {
	if m.config.Shape != GrantPerMember || g.dead || g.audit.running || m.config.Ablation.NoLeaseAudit {
		return
	}
	m.beginAudit(g.audit)
	m.askGrantPage(g, "")
}

func (m *Machine) auditSessionIfMissing() {
	if g := m.session; g != nil && g.ledger.missing() {
		m.auditGrant(g)
	}
}

func (m *Machine) askGrantPage(g *grant, cursor string) {
	c := m.call(callLeases, ReasonAudit)
	c.grants = []*grant{g}
	g.audit.page = m.sequence
	if g.audit.first {
		g.audit.asked = m.sequence
	}
	m.emit(SendLeases{Call: c.head, Grant: g.id, Cursor: cursor, Limit: m.page(callLeases, leasesLimit)})
}

func (m *Machine) grantPage(g *grant, c *call, a LeasesAnswered) {
	if g.dead {
		return
	}
	if a.Err != nil {
		g.audit.running = false // the next Renew finds the numbers as different as before
		if isExpired(a.Err) {
			g.gone = true
			m.kill(g, ReasonGrantExpired)
			return
		}
		m.failed(a.Err)
		return
	}
	if g.audit.first {
		g.audit.first, g.audit.change = false, a.Page.Tally.Change
	}
	for _, lease := range a.Page.Leases {
		m.listedLease(g, lease)
	}
	if a.Page.Next != "" {
		m.askGrantPage(g, a.Page.Next)
		return
	}
	m.endGrantAudit(g)
}

func (m *Machine) listedLease(g *grant, lease Lease) {
	for e := m.names[lease.Ref.Name]; e != nil; e = e.next {
		if e.phase >= acquiring && e.grant == g {
			if e.token == lease.Token {
				e.leaseListed = g.audit.number
				return
			}
			if !e.untouched(g.audit.page) || e.phase == acquiring {
				return
			}
		}
	}
	m.releases.push(releaseItem{lease: lease})
}

func (m *Machine) endGrantAudit(g *grant) {
	g.audit.running = false
	g.ledger.reconciled(g.audit.change)
	for _, e := range append([]*entry(nil), g.entries...) {
		if !e.hasLease || e.leaseListed == g.audit.number || !e.untouched(g.audit.asked) {
			continue
		}
		m.dropLease(e, g)
		switch e.phase {
		case leased:
			m.withdraw(e, ReasonLeaseMissing)
		case held:
			m.lose(e, ReasonLeaseMissing)
		case settling:
			m.disown(e, ReasonLeaseMissing)
		case releasing:
			m.released(e)
		}
	}
}

// auditSource pages through Deliveries: an unknown tenure is settled, an
// unknown delivery is taken up, and a tenure that is not listed repeats its
// Take.
func (m *Machine) auditSource() {
	if m.sourceAudit.running || m.underWay[callDeliveries] > 0 || m.config.Ablation.NoSourceAudit {
		return
	}
	m.beginAudit(&m.sourceAudit)
	m.askDeliveries("", ReasonAudit)
}

func (m *Machine) auditSourceIfMissing() {
	if m.taken.missing() {
		m.auditSource()
	}
}

func (m *Machine) askDeliveries(cursor string, why Reason) {
	c := m.call(callDeliveries, why)
	m.sourceAudit.page = m.sequence
	if m.sourceAudit.first {
		m.sourceAudit.asked = m.sequence
	}
	m.emit(SendDeliveries{Call: c.head, Member: m.config.Member, Cursor: cursor, Limit: m.page(callDeliveries, pageLimit)})
}

func (m *Machine) deliveriesAnswered(a DeliveriesAnswered) {
	if c := m.answer(a.Answered, callEstate); c != nil {
		m.estateAnswered(c, a)
		return
	}
	c := m.answer(a.Answered, callDeliveries)
	if c == nil {
		return
	}
	auditing := m.sourceAudit.running
	if a.Err != nil {
		m.failed(a.Err)
		m.sourceAudit.running = false
		m.readBack.wanted = m.readBack.wanted && m.closing == nil
		m.pauseFetch()
		return
	}
	if m.sourceAudit.first {
		m.sourceAudit.first, m.sourceAudit.change = false, a.Page.Taken.Change
	}
	for _, delivery := range a.Page.Deliveries {
		m.listedDelivery(delivery)
	}
	switch {
	case a.Page.Next != "":
		m.askDeliveries(a.Page.Next, c.head.Reason)
	case auditing:
		m.endSourceAudit()
	default:
		m.endReadBack(c.head.Reason)
	}
}

func (m *Machine) listedDelivery(d Delivery) {
	e := m.find(d.Assignment.Ref)
	switch {
	case e == nil && d.Taken:
		m.settleGhost(d)
	case e == nil:
		m.delivered(d.Assignment)
	case d.Taken && e.token == d.Token:
		e.takeListed = m.sourceAudit.number
	case d.Taken && e.phase <= probing && e.untouched(m.sourceAudit.page):
		m.settleGhost(d)
	case !d.Taken && e.phase == waiting:
		m.delivered(d.Assignment)
	}
}

// settleGhost settles a tenure that nobody was told of: its Take executed
// after this member had given it up.
func (m *Machine) settleGhost(d Delivery) {
	e := m.entryOf(d.Assignment.Ref)
	m.unsetAlarm(e)
	e.token = d.Token
	e.keepInfo(d.Assignment.Info)
	m.markTaken(e)
	e.ghost = true
	m.settle(e, settlement{outcome: HandedOff, why: ReasonAudit})
}

func (m *Machine) endSourceAudit() {
	a := m.sourceAudit
	m.sourceAudit.running = false
	m.readBack.wanted = false
	m.taken.reconciled(a.change)
	for _, e := range m.sorted(func(e *entry) bool {
		return e.phase == held && e.takeListed != a.number && e.untouched(a.asked)
	}) {
		e.recheck = true
		m.takes.push(e)
	}
}

// sorted lists the entries that are wanted, in an order that does not depend
// on the map's.
func (m *Machine) sorted(wanted func(*entry) bool) []*entry {
	var list []*entry
	for _, first := range m.names {
		for e := first; e != nil; e = e.next {
			if wanted(e) {
				list = append(list, e)
			}
		}
	}
	slices.SortFunc(list, func(a, b *entry) int {
		return cmp.Or(strings.Compare(a.ref.Name, b.ref.Name), strings.Compare(a.ref.MessageID, b.ref.MessageID))
	})
	return list
}
