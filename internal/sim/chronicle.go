package sim

import (
	"maps"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// Chronicle tells how long what a Trace names was so: what the lease store
// kept, by its own clock, and what members believed meanwhile. All instants are
// true ones. It is for whoever draws a picture of a run, and is no part of the
// run's hash.
type Chronicle struct {
	Leases  []LeaseSpan
	Tenures []TenureSpan
	// Terms are what leases and tenures refer to: those of one grant stand
	// here once, however many leases it has.
	Terms [][]Term
	// Unfenced: members believe in their tenures until they hear that they are
	// over, whatever the terms.
	Unfenced bool
}

// Term says that from an instant on the end was to come at another.
type Term struct{ From, Until time.Duration }

// LeaseSpan is one lease as the store kept it.
type LeaseSpan struct {
	Member       string
	Ref          core.StreamRef
	Token        core.Token
	Begins, Ends time.Duration
	Live         bool // at the end of the run
	Terms        int  // which of the Chronicle's: by the store's clock
}

// TenureSpan is one tenure as its member saw it, until its member said that it
// ended, or died.
type TenureSpan struct {
	Member       string
	Ref          core.StreamRef
	Token        core.Token
	Began, Ended time.Duration
	Live         bool // at the end of the run
	Beginning    string
	Ending       string
	Terms        int // which of the Chronicle's: by the member's clock
}

// ValidUntil is the instant at which the member of a tenure stopped believing
// in it: its end, or before that the end of its validity.
func (c *Chronicle) ValidUntil(t *TenureSpan) time.Duration {
	until := t.Ended
	if c.Unfenced {
		return until
	}
	for _, term := range c.Terms[t.Terms] {
		if term.From > t.Ended {
			break
		}
		until = term.Until
	}
	return min(until, t.Ended)
}

// chronicler writes the Chronicle of a run. A nil one writes nothing.
type chronicler struct {
	world   *World
	told    Chronicle
	names   []string              // that ever had a lease, in the order of their first
	leases  map[string]*openLease // nil: the name has none now
	tenures map[*tenure]int
	grants  map[core.GrantID]int
	beliefs map[believed]int
}

// openLease is the lease that a name has now.
type openLease struct {
	grant core.GrantID
	span  int
}

// believed is one member's belief in one grant.
type believed struct {
	process *process
	grant   core.GrantID
}

func newChronicler(w *World) *chronicler {
	return &chronicler{world: w, told: Chronicle{Unfenced: w.options.Ablation.Core.NoSelfFencing}, leases: make(map[string]*openLease), tenures: make(map[*tenure]int),
		grants: make(map[core.GrantID]int), beliefs: make(map[believed]int)}
}

// applied looks at what a call may have changed at the lease store.
func (c *chronicler) applied(command core.Command) {
	if c == nil {
		return
	}
	switch command := command.(type) {
	case core.SendAcquire:
		for i := range command.Requests {
			c.lookAtLease(command.Requests[i].Ref.Name)
			c.lookAtGrant(command.Requests[i].Grant)
		}
	case core.SendRelease:
		for i := range command.Requests {
			c.lookAtLease(command.Requests[i].Lease.Ref.Name)
		}
	case core.SendRenew:
		for _, id := range command.Grants {
			c.lookAtGrant(id)
		}
	}
}

// storeChanged looks at everything: a grant is over, or a fault changed what
// the store holds.
func (c *chronicler) storeChanged() {
	if c == nil {
		return
	}
	for _, name := range c.names {
		c.lookAtLease(name)
		if open := c.leases[name]; open != nil {
			c.lookAtGrant(open.grant)
		}
	}
}

// leasesFound looks at names that may be new, in their order.
func (c *chronicler) leasesFound(held map[string]leaseTruth) {
	if c == nil {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(held)) {
		c.lookAtLease(name)
	}
}

func (c *chronicler) lookAtLease(name string) {
	holder, token := c.holderOf(name)
	open := c.leases[name] // after holderOf, which may find that a grant is over
	if open != nil && holder != nil && holder.grant.id == open.grant && token == c.told.Leases[open.span].Token {
		return
	}
	if open != nil {
		c.end(&c.told.Leases[open.span])
		c.leases[name] = nil
	}
	if holder != nil {
		c.leased(name, holder, token)
	}
}

// holderOf is who has a name by a lease that has its token.
func (c *chronicler) holderOf(name string) (*lease, core.Token) {
	holder := c.world.leases.holderOf(name)
	if holder == nil || c.world.real == nil {
		return holder, tokenOf(holder)
	}
	if token := c.world.real.tokenOf(name, holder); token != 0 {
		return holder, token
	}
	return nil, 0
}

func tokenOf(l *lease) core.Token {
	if l == nil {
		return 0
	}
	return l.token
}

// end ends a lease now, or when its time was over: of a real server it is
// found out at the next request only.
func (c *chronicler) end(span *LeaseSpan) {
	span.Ends, span.Live = c.world.now, false
	if terms := c.told.Terms[span.Terms]; c.world.real != nil && len(terms) > 0 {
		span.Ends = max(span.Begins, min(span.Ends, terms[len(terms)-1].Until))
	}
}

func (c *chronicler) leased(name string, l *lease, token core.Token) {
	if _, known := c.leases[name]; !known {
		c.names = append(c.names, name)
	}
	c.leases[name] = &openLease{l.grant.id, len(c.told.Leases)}
	c.lookAtGrant(l.grant.id)
	c.told.Leases = append(c.told.Leases, LeaseSpan{Member: c.world.labelOf(l.grant.member), Ref: l.ref, Token: token,
		Begins: c.world.now, Live: true, Terms: c.termsOf(l.grant.id)})
}

func (c *chronicler) lookAtGrant(id core.GrantID) {
	if ends, lives := c.world.leases.ends(id); lives {
		c.move(c.termsOf(id), ends)
	}
}

func (c *chronicler) termsOf(id core.GrantID) int {
	at, known := c.grants[id]
	if !known {
		at = c.newTerms()
		c.grants[id] = at
	}
	return at
}

func (c *chronicler) newTerms() int {
	c.told.Terms = append(c.told.Terms, nil)
	return len(c.told.Terms) - 1
}

func (c *chronicler) move(at int, until time.Duration) {
	terms := &c.told.Terms[at]
	if last := len(*terms); last > 0 && (*terms)[last-1].Until == until {
		return
	}
	*terms = append(*terms, Term{c.world.now, until})
}

// believes: from now on the member believes in the grant until an instant.
func (c *chronicler) believes(p *process, id core.GrantID, until time.Duration) {
	if c != nil {
		c.move(c.beliefOf(p, id), until)
	}
}

func (c *chronicler) beliefOf(p *process, id core.GrantID) int {
	at, known := c.beliefs[believed{p, id}]
	if !known {
		at = c.newTerms()
		c.beliefs[believed{p, id}] = at
	}
	return at
}

// rateChanged: what the member believes ends at other true instants.
func (c *chronicler) rateChanged(p *process) {
	if c == nil {
		return
	}
	for _, h := range p.belief.grants {
		if h.until > p.time() {
			c.believes(p, h.id, p.clock.when(h.until, c.world.now))
		}
	}
}

func (c *chronicler) began(t *tenure, why string) {
	if c == nil {
		return
	}
	c.tenures[t] = len(c.told.Tenures)
	c.told.Tenures = append(c.told.Tenures, TenureSpan{Member: t.process.label, Ref: t.ref, Token: t.token,
		Began: t.began, Live: true, Beginning: why, Terms: c.beliefOf(t.process, t.grant)})
}

func (c *chronicler) ended(t *tenure, why string) {
	if c == nil {
		return
	}
	span := &c.told.Tenures[c.tenures[t]]
	span.Ended, span.Live, span.Ending = c.world.now, false, why
	delete(c.tenures, t)
}

// close ends what is still going on with the run.
func (c *chronicler) close() Chronicle {
	if c == nil {
		return Chronicle{}
	}
	if c.world.real != nil {
		c.world.real.mirror() // what has expired since
		c.storeChanged()
	}
	for i := range c.told.Leases {
		if span := &c.told.Leases[i]; span.Live {
			span.Ends = c.world.now
		}
	}
	for i := range c.told.Tenures {
		if span := &c.told.Tenures[i]; span.Live {
			span.Ended = c.world.now
		}
	}
	return c.told
}

// labelOf is what the trace calls a member.
func (w *World) labelOf(member core.Member) string {
	if p := w.incarnation(member); p != nil {
		return p.label
	}
	return member.ID
}

// gone says how the tenures of a process ended that is no more.
func gone(p *process) string {
	if p.dead {
		return "its process died"
	}
	return "its client closed"
}
