package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
)

// Whatever had an unknown outcome is resolved, in time (L4): what the stores
// have on record of a member that is well is what the member knows.

// lookAtRecord: a tenure on record of a member that is well is one that the
// member believes in, or settles.
func (o *observer) lookAtRecord(b *book, quiet time.Duration) {
	w := o.world
	p := b.taker
	if !b.taken || p == nil || !p.healthy() || quiet > w.now || p.belief.holds(b) {
		b.settledLast = w.now
		return
	}
	o.checks[L4]++
	bound := p.config.HeartbeatEvery + 4*p.config.CallTimeout
	if waited := w.now - max(b.settledLast, quiet, p.unwell); waited > bound {
		o.violated(L4, p, b.ref, b.token, "%s has had a tenure of %s on record for %v that it does not know of", p.label, b.ref, waited)
	}
}

// fetched: what a Fetch is given long after its member has given it up, only the
// sweep finds.
func (o *observer) fetched(c *call, a core.FetchAnswered) {
	if !c.late {
		return
	}
	for _, assignment := range a.Fetched.Assignments {
		if b := o.refs[assignment.Ref]; b != nil {
			b.late = true
		}
	}
}

func (b *belief) holds(of *book) bool {
	t := b.find(of.ref, of.token)
	return t != nil && t.live
}

// lookAtDelivery: what was delivered to a member that is well does not wait for
// the sweep, whatever became of the answer.
func (o *observer) lookAtDelivery(b *book, state ownership, quiet time.Duration) {
	w := o.world
	p := w.bearer(b)
	unheard := b.name.freedBy.silencedSince(b.name.freed) // the word that the name is free
	if state != ownerless || b.late || unheard || b.owners > 0 || b.taken || b.waited || w.setup.Room > 0 || w.setup.Notifier == Silent || p == nil || !p.healthy() || quiet > w.now {
		b.seenTo = w.now
		return
	}
	o.checks[L4]++
	bound := p.config.TTL + 2*p.config.CallTimeout
	if w.setup.Lease != Session {
		bound = w.bounds().found // a late release of a grant of its own has no word; the sweep finds it
	}
	if waited := w.now - max(b.seenTo, quiet, p.unwell); waited > bound {
		o.violated(L4, p, b.ref, 0, "%s was delivered to %s, which does not go after it for %v", b.ref, p.label, waited)
	}
}

// bearer is the member that the assignment was delivered to; nil: none has it.
func (w *World) bearer(b *book) *process {
	r := w.source.find(b.ref)
	if r == nil || r.bearer == "" {
		return nil
	}
	for _, p := range w.processes {
		if p.member.Incarnation == r.bearer {
			return p
		}
	}
	return nil
}

// lookAtClose: what keeps a member from closing is bounded, once all is well by a
// TTL without progress.
func (o *observer) lookAtClose(p *process) {
	w := o.world
	if !p.closing || !p.lives() || !p.speaks() || w.trouble > w.now && !w.calm {
		return
	}
	o.checks[Ends]++
	bound := 2*p.config.TTL + 4*p.config.CallTimeout
	if waited := w.now - max(p.closesBy, p.mute, w.trouble, w.calmSince); waited > bound {
		o.violated(Ends, p, core.StreamRef{}, 0, "%s has been closing for %v", p.label, waited)
	}
}
