package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
)

// Every end is Settle, Release, publish: who gives a name back tells the others,
// and who gives an assignment back tells them of that very assignment.

// untold is what a member has given back and not told the others of.
type untold struct {
	by    *process
	since time.Duration
	ref   core.StreamRef // the assignment that is free; none: only its name is
}

// isToBeTold notes that p has given the lease back.
func (o *observer) isToBeTold(p *process, n *nameBook, l core.Lease) {
	w := o.world
	if w.setup.Notifier == Silent || w.real != nil || w.path != nil {
		return
	}
	if n.untold.by == nil {
		o.untold = append(o.untold, n)
	}
	n.untold = untold{by: p, since: w.now}
	if b := o.refs[l.Ref]; b != nil && !b.gone && !b.taken && b.handedOff == l.Token && !w.tokensLost {
		n.untold.ref = l.Ref
	}
}

// sentHints: a member tells the others.
func (o *observer) sentHints(p *process, hints []core.Hint) {
	for _, h := range hints {
		if b := o.refs[h.Ref]; b != nil && h.Kind == core.HintRef {
			b.offeredAt = o.world.source.time()
		}
		n := o.names[h.Ref.Name]
		if n == nil || n.untold.by != p {
			continue
		}
		if n.untold.ref == (core.StreamRef{}) || h.Kind == core.HintRef && h.Ref == n.untold.ref {
			n.untold = untold{}
		}
	}
}

// lookAtUntold: a call of unknown outcome is repeated within a TTL, and then the
// others are told. What a member does not say that dies, the sweep finds.
func (o *observer) lookAtUntold() {
	w := o.world
	kept := o.untold[:0]
	for _, n := range o.untold {
		p := n.untold.by
		if p == nil || p.dead || p.ended && !p.leftWell() {
			n.untold = untold{}
			continue
		}
		kept = append(kept, n)
		if !p.ended && !p.speaks() || w.trouble > w.now && !w.calm {
			continue
		}
		o.checks[Told]++
		bound := p.config.TTL + 2*p.config.CallTimeout
		if since := max(n.untold.since, p.mute, min(w.trouble, w.now), w.calmSince); p.ended || w.now-since > bound {
			o.violated(Told, p, n.untold.ref, 0, "%s gave %s back and does not tell the others", p.label, o.nameOf(n))
		}
	}
	o.untold = kept
}

// leftWell: nothing kept it from saying what it had to say when it left.
func (p *process) leftWell() bool {
	w := p.world
	return max(p.mute, w.trouble, w.calmSince)+2*p.config.TTL < w.now
}

func (o *observer) nameOf(n *nameBook) string {
	for _, b := range o.books {
		if b.name == n {
			return b.ref.Name
		}
	}
	return "a name"
}

// lookAtLeaving: who leaves while all is well has nothing left.
func (o *observer) lookAtLeaving(p *process) {
	w := o.world
	if w.real != nil || w.path != nil || !p.closing || !p.leftWell() {
		return
	}
	o.checks[Ends]++
	for _, r := range w.source.records {
		ref := r.assignment.Ref
		if l := w.leases.holderOf(ref.Name); l != nil && l.grant.member == p.member {
			o.violated(Ends, p, ref, l.token, "%s leaves, and holds %s", p.label, ref.Name)
		}
		switch {
		case r.ownedBy(p.member):
			o.violated(Ends, p, ref, r.token, "%s leaves, and has a tenure of %s on record", p.label, ref)
		case r.bearer == p.member.Incarnation && r.changed < p.closedAt && w.setup.Notifier != Silent:
			if b := o.refs[ref]; b != nil && b.offeredAt < r.changed {
				o.violated(Told, p, ref, 0, "%s leaves, was given %s, and tells nobody", p.label, ref)
			}
		}
	}
}
