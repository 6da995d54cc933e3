package sim

import (
	"errors"
	"time"

	"github.com/streamlease/streamlease/core"
)

// What is checked at every step of a member and of the world.

// stepped: a member has stepped, and what it said was carried out.
func (o *observer) stepped(p *process) {
	o.checkValidity(p)
	status := p.machine.Status()
	o.checkRoom(p, status)
	o.noticeRoom(p, status)
	if p.ended {
		return
	}
	o.checked(Counted, p.begun > 0)
	if p.begun-p.endings != status.Owned {
		o.violated(Counted, p, core.StreamRef{}, 0, "%s began %d tenures and ended %d, and owns %d", p.label, p.begun, p.endings, status.Owned)
	}
	if p.owed > 0 {
		o.checks[S6]++
		if !p.closing && !p.received && !p.machineSpeaks() { // StreamTerminated ends what Close hands off
			o.violated(S6, p, core.StreamRef{}, 0, "%s heard that a tenure began, owns it no more, and hears nothing", p.label)
		}
	}
}

// checkValidity: after a step no tenure may go on whose validity was over.
func (o *observer) checkValidity(p *process) {
	if len(p.belief.tenures) == 0 || p.ended {
		return
	}
	o.checks[S3]++
	now := p.time()
	if p.belief.earliest > now {
		return
	}
	for _, t := range p.belief.tenures {
		if t.live && p.belief.localUntil(t.grant) <= now {
			o.violated(S3, p, t.ref, t.token, "%s owns %s past its validity", p.label, t.ref)
			return
		}
	}
}

func (o *observer) checkRoom(p *process, status core.Status) {
	room := o.world.setup.Room
	if room == 0 {
		return
	}
	o.checks[Room]++
	if status.Owned > room {
		o.violated(Room, p, core.StreamRef{}, 0, "%s owns %d streams and has room for %d", p.label, status.Owned, room)
	}
}

// renewed: a member believes in a grant for longer.
func (o *observer) renewed(p *process, h *held) {
	until := p.clock.when(h.until, o.world.now)
	p.note(Event{Kind: Renewed, Until: until})
	o.world.chronicler.believes(p, h.id, until)
	o.checkInside(p, h.id, until)
	for _, t := range p.belief.tenures {
		if t.live && t.grant == h.id {
			if n := o.name(t.ref.Name); len(n.live) > 1 {
				o.checkOverlap(n, t)
			}
		}
	}
}

// checkInside: what a member believes ends before what the store keeps.
func (o *observer) checkInside(p *process, id core.GrantID, until time.Duration) {
	ends, lives := o.world.leases.ends(id)
	if !lives || o.world.real != nil && o.world.real.givesBack(p, id) {
		return // lost, flushed, or given back meanwhile
	}
	o.checks[S3]++
	if until > ends {
		o.violated(S3, p, core.StreamRef{}, 0, "%s believes in its lease %v longer than the store keeps it", p.label, until-ends)
	}
}

// check is what is looked at after everything that happens.
func (o *observer) check() {
	if !o.dirty {
		return
	}
	o.dirty = false
	o.checks[Counted]++
	pending := int64(len(o.world.source.records))
	if o.announced != o.done+o.quarantined+o.vanished+pending {
		o.violated(Counted, nil, core.StreamRef{}, 0, "%d announced, %d done, %d quarantined, %d lost with the store, %d pending",
			o.announced, o.done, o.quarantined, o.vanished, pending)
	}
}

// heard: the application has read a notification, or the reply of a Claim.
func (o *observer) heard(p *process, kind core.NotificationKind, ref core.StreamRef, token core.Token) {
	b := o.refs[ref]
	switch kind {
	case core.StreamAdded:
		o.heardBegin(p, b, ref, token, false)
	case core.StreamDisowned:
		o.heardEnd(p, ref, token)
	case core.StreamExpired:
		o.heardExpired(p, ref)
	case core.StreamTerminated:
		p.owed = 0
	}
}

func (o *observer) heardBegin(p *process, b *book, ref core.StreamRef, token core.Token, byReply bool) {
	o.checks[S6]++
	t := p.belief.find(ref, token)
	switch {
	case p.ended:
	case t == nil:
		o.violated(S6, p, ref, token, "the application hears of a tenure of %s that is over or never was", ref)
	case t.heard && !t.asked:
		if !byReply && (t.replied || !o.world.claimed) {
			o.violated(S6, p, ref, token, "the application hears twice that the tenure of %s began", ref)
		}
	default:
		t.heard, t.replied = true, byReply
		if !t.live {
			p.owed++
		}
	}
	// What was offered before the process stood still may be read before its
	// loop can take it back: then its validity is over, and its writes are fenced.
	// So may what the store has lost and its owner does not know of yet.
	believed := t != nil && !t.robbed && p.belief.localUntil(t.grant) > p.time()
	if b != nil && (b.done || b.toldDone) && believed {
		o.violated(S5, p, ref, token, "the application hears of %s, which is done", ref)
	}
}

// heardReply: a Claim was answered with a tenure, which is its only
// announcement.
func (o *observer) heardReply(p *process, ref core.StreamRef, token core.Token) {
	o.heardBegin(p, o.refs[ref], ref, token, true)
}

// heardExpired: nobody owns the stream. The reader itself knows better.
func (o *observer) heardExpired(p *process, ref core.StreamRef) {
	o.checks[S6]++
	for _, t := range p.belief.tenures {
		if t.live && t.ref == ref && !p.ended {
			o.violated(S6, p, ref, t.token, "the application hears that nobody owns %s, which it owns", ref)
		}
	}
}

func (o *observer) heardEnd(p *process, ref core.StreamRef, token core.Token) {
	o.checks[S6]++
	t := p.belief.find(ref, token)
	switch {
	case t == nil:
		if !p.ended && !p.settledByApplication(ref, token) {
			o.violated(S6, p, ref, token, "the application hears of the end of a tenure of %s that it never heard of, or twice", ref)
		}
	case t.live:
		o.violated(S6, p, ref, token, "the application hears of the end of the tenure of %s, which goes on", ref)
	default:
		if !t.asked {
			p.owed--
		}
		p.belief.drop(t)
	}
}

// settledByApplication: the application has said how the tenure ends; it may
// hear of its loss all the same.
func (p *process) settledByApplication(ref core.StreamRef, token core.Token) bool {
	for _, past := range p.past {
		if past.ref == ref && past.token == token {
			return true
		}
	}
	return false
}

// saidDone: the application has said that its work of this very tenure is done.
func (p *process) saidDone(ref core.StreamRef, token core.Token) bool {
	for _, past := range p.past {
		if past.ref == ref && past.token == token && past.outcome == core.Done {
			return true
		}
	}
	return false
}

// asked: the application has said how the tenure ends, so it needs no other
// word of it.
func (o *observer) asked(p *process, j *job) {
	if len(p.past) == 1024 {
		p.past = p.past[:copy(p.past, p.past[512:])]
	}
	p.past = append(p.past, job{ref: j.ref, token: j.token, outcome: j.outcome})
	t := p.belief.find(j.ref, j.token)
	if t == nil || t.asked {
		return
	}
	t.asked = true
	if !t.live && t.heard {
		p.owed--
	}
}

func (o *observer) unasked(p *process, j *job) {
	if t := p.belief.find(j.ref, j.token); t != nil && t.live {
		t.asked = false
	}
}

// answered: the application knows what became of its settlement.
func (o *observer) answered(p *process, r request, err error) {
	b := o.refs[r.job.ref]
	w := o.world
	switch {
	case err == nil && r.outcome == core.Done && b != nil:
		o.checks[S5]++
		b.toldDone = b.gone || !b.restored
		if !b.gone && !b.restored { // else the source lost it, and who was told cannot know
			o.violated(S5, p, r.job.ref, r.job.token, "the application was told that %s is done, and it is not", r.job.ref)
		}
	case errors.Is(err, core.ErrDisowned):
		w.counts.situations[LateDoneRefused]++
	}
	if t := p.belief.find(r.job.ref, r.job.token); t != nil && !t.live {
		p.belief.drop(t)
	}
}
