package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
)

// sent looks at what a member asks for.
func (o *observer) sent(p *process, c *call, why core.Reason) {
	w := o.world
	if w.real != nil || w.path != nil {
		return
	}
	switch command := c.command.(type) {
	case core.SendPublish:
		o.sentHints(p, command.Hints)
	case core.SendSweep:
		p.sweepOwed = -1
	case core.SendFetch:
		o.checkAppetite(p, command.Max)
	case core.SendHeartbeat, core.SendRenew: // whose answers could be a reason to audit
		o.checked(Thrift, p.expectsNoAudit())
	case core.SendLeases, core.SendDeliveries:
		if why == core.ReasonAudit {
			o.checkAudit(p, c)
		}
	}
}

// settledBy is how long after something was wrong the last audits for it begin.
func (p *process) settledBy() time.Duration {
	return p.well() + 2*p.config.TTL + 2*p.world.config.RenewEvery
}

// expectsNoAudit: numbers that come again may show late that a store went back;
// else all that was wrong has shown by now.
func (p *process) expectsNoAudit() bool {
	w := p.world
	return w.lostAt == 0 && !w.recordsLost && w.now > p.settledBy()
}

// checkAudit: while all is well the numbers agree, and nobody looks why they do
// not.
func (o *observer) checkAudit(p *process, c *call) {
	if !p.expectsNoAudit() {
		return
	}
	o.violated(Thrift, p, core.StreamRef{}, 0, "%s audits by %v although all has been well for %v", p.label, c.what, o.world.now-p.well())
}

// checkAppetite: nobody asks for more than it has room for.
func (o *observer) checkAppetite(p *process, most int) {
	if o.world.setup.Room == 0 {
		return
	}
	o.checks[Room]++
	if room := p.machine.Status().Room; most > room {
		o.violated(Room, p, core.StreamRef{}, 0, "%s asks for %d assignments and has room for %d", p.label, most, room)
	}
}

// checkKept: who has been well for longer than a lease lasts loses nothing.
func (o *observer) checkKept(t *tenure, why core.Reason) {
	w, p := o.world, t.process
	switch why {
	case core.ReasonValidityOver, core.ReasonGrantExpired, core.ReasonGrantAbandoned, core.ReasonLeaseMissing,
		core.ReasonOvertaken, core.ReasonGone:
	default:
		return
	}
	if w.real != nil || w.path != nil || p.closing {
		return
	}
	o.checks[Kept]++
	if w.now > p.settledBy() {
		o.violated(Kept, p, t.ref, t.token, "%s loses %s (%s) although all has been well for %v", p.label, t.ref, why, w.now-p.well())
	}
}
