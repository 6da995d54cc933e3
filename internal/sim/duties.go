package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
)

// What a member that is well owes the others and its application.

// well is since when nothing has been wrong with the member or around it; the
// future: something is.
func (p *process) well() time.Duration {
	w := p.world
	return max(w.trouble, w.calmSince, p.unwell, p.started)
}

// noticeRoom: room that comes back is room that the sweep is to know of.
func (o *observer) noticeRoom(p *process, status core.Status) {
	switch {
	case status.Room == 0:
		p.full, p.sweepOwed = true, -1
	case p.full:
		p.full = false
		if !p.hasOpen(Sweep) && !p.contextsEnded {
			p.sweepOwed = o.world.now
		}
	}
}

func (p *process) hasOpen(what Call) bool {
	for _, c := range p.open {
		if c.what == what && !c.cancelled {
			return true
		}
	}
	return false
}

// lookAtDuties bounds what a member owes.
func (o *observer) lookAtDuties(p *process) {
	w := o.world
	if w.real != nil || w.path != nil || !p.healthy() {
		return
	}
	o.lookAtRequests(p)
	if p.sweepOwed < 0 {
		return
	}
	status := p.machine.Status()
	if status.Stale || status.ConnectedSince < 0 {
		p.sweepOwed = w.now
		return
	}
	o.checks[L1]++
	if w.now-max(p.sweepOwed, p.well()) > 2*p.config.CallTimeout {
		o.violated(L1, p, core.StreamRef{}, 0, "%s has room again and does not ask what waits for it", p.label)
	}
}

// lookAtRequests: a call of the application is answered (L4).
func (o *observer) lookAtRequests(p *process) {
	w := o.world
	for _, r := range p.app.requests {
		if r.job == nil && (p.config.MaxCrashes > 1 || w.setup.Fails > 0) {
			continue // a Claim of a suspect waits for its trial, and one may wait for the retry time
		}
		o.checks[L4]++
		bound := w.bounds().resolved + 2*p.config.TTL
		if waited := w.now - max(r.since, p.well()); waited > bound {
			o.violated(L4, p, core.StreamRef{}, 0, "an application of %s has waited %v for an answer", p.label, waited)
		}
	}
}

// lookWhoListens: while a member has room, somebody always listens for what is
// announced. Who died counts as somebody until the fleet has forgotten it.
func (o *observer) lookWhoListens() {
	w := o.world
	if w.real != nil || w.path != nil {
		return
	}
	able := false
	for _, p := range w.processes {
		if !p.lives() {
			continue
		}
		if p.hasOpen(Fetch) {
			o.listened = w.now
		}
		status := p.machine.Status()
		able = able || p.healthy() && status.Room != 0 && status.ConnectedSince >= 0
		o.listened = max(o.listened, p.unwell, p.started)
	}
	if !able || w.trouble > w.now && !w.calm {
		o.listened = w.now
		return
	}
	o.checks[L1]++
	config := &w.config
	bound := config.TTL + 3*config.HeartbeatEvery + 2*config.CallTimeout
	if waited := w.now - max(o.listened, o.churned, w.calmSince, min(w.trouble, w.now)); waited > bound {
		o.violated(L1, nil, core.StreamRef{}, 0, "nobody has listened for announcements for %v, and there is room", waited)
	}
}
