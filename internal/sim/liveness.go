package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
)

// Liveness is looked at a few times a second: how long has nobody owned a
// stream that somebody should own? The bounds are those that the design
// states, reckoned from the members' own configuration.

const lookEvery = 200 * time.Millisecond

// bounds are how long a stream may be without an owner.
type bounds struct {
	// detection: the notifier's poll, the rank delay of each member, three
	// call timeouts.
	detection time.Duration
	// found: what nobody was told of is found by the sweep: one round that
	// skips it as a fresh delivery (it is left alone for a TTL), the next one,
	// with each member's jitter of a heartbeat interval.
	found time.Duration
	// resolved: what has an unknown outcome (L4).
	resolved time.Duration
}

func (w *World) bounds() bounds {
	config := w.config
	poll := pollEvery
	if w.setup.Notifier == Keyspace {
		poll = sampledWorst
	}
	var b bounds
	b.detection = poll + time.Duration(len(w.processes))*config.RankDelay + 3*config.CallTimeout
	b.found = config.TTL + config.SweepInterval + config.HeartbeatEvery + b.detection
	if w.setup.Manual { // a claim that came too early is made when the next round says so
		b.found += config.SweepInterval + config.HeartbeatEvery
	}
	b.resolved = config.RenewEvery + 2*config.CallTimeout
	if w.setup.Lease != Session {
		b.resolved = config.TTL + 2*config.CallTimeout
	}
	return b
}

// look is one look at everything that is pending.
func (w *World) look() {
	b := w.bounds()
	quiet := w.quietSince()
	for _, p := range w.processes {
		if !p.healthy() {
			p.unwell = max(p.unwell, w.now)
		}
		if !p.speaks() {
			p.mute = max(p.mute, w.now)
		}
		p.checkCalls()
		w.observer.lookAtClose(p)
		w.observer.lookAtTenures(p, quiet)
		w.observer.lookAtBooks(p)
		w.observer.lookAtDuties(p)
	}
	for _, book := range w.observer.books {
		if !book.gone {
			w.observer.lookAt(book, b, quiet)
		}
	}
	w.observer.lookAtUntold()
	w.observer.lookWhoListens()
	w.observer.forgetGone()
	w.after(lookEvery, w.look)
}

// checkCalls: the world itself must keep the contract that each call is
// answered, or else all that follows is about nothing.
func (p *process) checkCalls() {
	for _, c := range p.open {
		if p.lives() && p.world.now > c.deadline+p.world.overdue() {
			p.world.observer.violated(Sound, p, core.StreamRef{}, 0, "the simulator never answered %v", c.what)
		}
	}
}

// lookAtTenures: who is well learns soon that a tenure of its own is not on
// record any more (L4).
func (o *observer) lookAtTenures(p *process, quiet time.Duration) {
	w := o.world
	if !p.healthy() || quiet > w.now {
		return
	}
	bound := p.config.HeartbeatEvery + 3*p.config.CallTimeout
	for _, t := range p.belief.tenures {
		b := o.refs[t.ref]
		if !t.live || b == nil {
			continue
		}
		if !b.gone && b.taken && b.taker == p && b.token == t.token {
			t.unfounded = w.now
			continue
		}
		o.checks[L4]++
		if waited := w.now - max(t.unfounded, t.began, quiet, p.unwell); waited > bound {
			o.violated(L4, p, t.ref, t.token, "%s owns %s for %v although its tenure is not on record", p.label, t.ref, waited)
		}
	}
}

// quietSince is since when nothing has been wrong; the future: something is.
func (w *World) quietSince() time.Duration {
	return max(w.trouble, w.hintsGone, w.calmSince)
}

// healthy: the member could own a stream, and hears and answers.
func (p *process) healthy() bool {
	return p.lives() && !p.closing && p.speaks()
}

// speaks: what the member says and hears gets through; or it has left, and said
// all that it had to say.
func (p *process) speaks() bool {
	w := p.world
	return !p.dead && !p.frozen() && w.now >= p.cutRequests && w.now >= p.cutReplies && w.now >= p.slowUntil && w.now >= p.lagUntil && w.now >= p.napUntil &&
		(!p.looping || p.loopAt <= w.now)
}

// roomForAll: the members that are well could own everything that is pending.
// With less room than that, who gets what it needs when is not promised.
func (w *World) roomForAll() bool {
	room := 0
	for _, p := range w.processes {
		if p.healthy() {
			if w.setup.Room == 0 {
				return true
			}
			room += w.setup.Room
		}
	}
	return room >= len(w.source.records)
}

// lookAt reckons how long the stream has been without an owner, and whether
// that is too long.
func (o *observer) lookAt(b *book, bound bounds, quiet time.Duration) {
	w := o.world
	state := o.stateOf(b)
	o.lookAtTrial(b, state, bound)
	o.lookAtRecord(b, quiet)
	o.lookAtDelivery(b, state, quiet)
	b.unheard = state == noRoom || b.unheard && state != owned
	if state != ownerless {
		b.ownerless = w.now
		return
	}
	b.ownerless = max(b.ownerless, b.name.freed)
	since := max(b.ownerless, w.calmSince)
	waited := w.now - since
	switch {
	case (w.setup.Notifier == Silent || w.setup.Manual) && w.setup.Room > 0:
		// Whoever has no room for all that its page of a round brings can tell
		// nobody; how many rounds that takes depends on who gets which page, and
		// on what the applications claim first.
		return
	case w.calm:
		o.checks[L1]++
		if waited > bound.found {
			o.violated(L1, nil, b.ref, 0, "nobody has owned %s for %v since all was well; the bound is %v", b.ref, waited, bound.found)
		}
	case quiet > w.now || w.setup.Notifier == Silent:
		return
	}
	o.lookForHandOver(b, bound, quiet)
}

// lookForHandOver is L2 at its tightest: the stream had an owner, all has been
// well for a TTL before it lost it and ever since, so a hint must have been
// enough.
func (o *observer) lookForHandOver(b *book, bound bounds, quiet time.Duration) {
	w := o.world
	if w.setup.Notifier == Silent || w.setup.Room > 0 || w.setup.Manual || b.unheard || // the applications decide, or the sweep finds it
		(b.owners == 0 || b.waited) && !w.waitsWell(b) {
		return
	}
	if b.restored {
		return // what members have said of it the source has forgotten: the sweep finds it
	}
	well := b.ownerless > quiet+w.setup.TTL
	if b.gap > 0 && b.gap >= b.ownerless && w.givenBack(b) && max(w.trouble, w.calmSince)+w.setup.TTL < b.ownerless {
		o.checks[L2]++
		if w.now-b.gap > bound.detection {
			o.violated(L2, nil, b.ref, 0, "%s was given back, and nobody owns it %v after the word that hints were missed", b.ref, w.now-b.gap)
		}
		return
	}
	if !well || quiet > w.now || (b.failedBy != nil && !b.failedBy.lives() || b.failedBy.silencedSince(b.failedAt)) || b.name.freedBy.silencedSince(b.ownerless) {
		return // what only a member knew that is gone, its retry time or that it is free, the sweep finds
	}
	o.checks[L2]++
	if waited := w.now - b.ownerless; waited > bound.detection {
		o.violated(L2, nil, b.ref, 0, "nobody has owned %s for %v although all is well; the bound is %v", b.ref, waited, bound.detection)
	}
}

// silencedSince: the process may not have said what it alone knew.
func (p *process) silencedSince(when time.Duration) bool {
	return p != nil && (!p.speaks() || p.mute >= when)
}

// waitsWell: the assignment had to wait for another of its name, and the member
// that it was delivered to is well.
func (w *World) waitsWell(b *book) bool {
	if !b.waited || b.taken { // whoever took it has just heard of it
		return false
	}
	r := w.source.find(b.ref)
	for _, p := range w.processes {
		if r != nil && p.member.Incarnation == r.bearer {
			return p.healthy() && p.unwell < b.ownerless
		}
	}
	return false
}

// givenBack: it was free, and due, when the word came that hints were missed.
func (w *World) givenBack(b *book) bool {
	r := w.source.find(b.ref)
	return r != nil && r.givenBack != 0 && r.retryAt <= w.source.time()-(w.now-b.gap)
}

// ownership is how a stream stands, in truth.
type ownership uint8

const (
	ownerless     ownership = iota
	owned                   // by a member that is well
	heldElsewhere           // its name has a lease of a member that is not well, or of a twin
	awaitsTrial             // a member that is well has its lease, and tries it in its turn
	notDue                  // its retry time has not come
	noRoom                  // nobody has room
)

func (o *observer) stateOf(b *book) ownership {
	w := o.world
	for _, t := range b.name.live {
		if !t.process.healthy() {
			continue
		}
		b.waited = b.waited || t.ref != b.ref
		b.name.idle = -1
		return owned
	}
	if l := w.leases.holderOf(b.ref.Name); l != nil {
		holder := w.incarnation(l.grant.member)
		if holder == nil || !holder.healthy() {
			return heldElsewhere
		}
		if w.isSuspect(l.ref) { // perhaps another of the name
			b.name.idle = -1
			return awaitsTrial
		}
		if o.lookAtLease(b.name, l, holder) {
			return heldElsewhere
		}
	} else {
		b.name.idle = -1
		if w.leases.blocked(b.ref.Name) {
			return heldElsewhere
		}
	}
	if r := w.source.find(b.ref); r != nil && r.retryAt > w.source.time() {
		return notDue
	}
	if !w.roomForAll() {
		return noRoom
	}
	return ownerless
}

// lookAtLease: a lease of a member that is well and owns nothing by it is one
// that the member does not know of, or is about to use or give back (L4). One
// that nobody renews ends by itself: one that was made behind the members'
// backs, and one whose grant its member has fenced.
func (o *observer) lookAtLease(n *nameBook, l *lease, holder *process) (endsByItself bool) {
	w := o.world
	server := l.grant.server
	if n.idle < 0 || n.idleToken != l.token || n.idleGrant != l.grant.id {
		n.idle, n.idleToken, n.idleGrant, n.idleServer = w.now, l.token, l.grant.id, nil
	}
	if n.idleServer != server {
		n.idleDeadline, n.idleServer = l.grant.deadline, server
	}
	if w.trouble > w.now && !w.calm {
		return false
	}
	o.checks[L4]++
	since := max(n.idle, w.calmSince, w.trouble)
	bound := w.bounds().resolved
	fenced := holder.belief.localUntil(l.grant.id) <= holder.time()
	unrenewed := l.grant.deadline <= n.idleDeadline
	endsByItself = unrenewed && (n.stray || w.setup.Lease != Session) || fenced && holder.belief.knows(l.grant.id)
	if w.now-since > bound && !endsByItself {
		o.violated(L4, nil, l.ref, l.token, "%s holds %s with token %d and owns nothing by it for %v; the bound is %v",
			l.grant.member.ID, l.ref.Name, l.token, w.now-since, bound)
	}
	return endsByItself && n.stray
}

func (w *World) incarnation(member core.Member) *process {
	for _, p := range w.processes {
		if p.member.Incarnation == member.Incarnation {
			return p
		}
	}
	return nil
}

// hinted: word has reached a member. After a gap it looks for what was given
// back.
func (o *observer) hinted(p *process, hints []core.Hint) {
	o.metHints(hints, false)
	if !p.healthy() || o.world.setup.Room > 0 && p.machine.Status().Room == 0 {
		return
	}
	for _, h := range hints {
		if h.Kind == core.HintGap {
			for _, b := range o.books {
				b.gap = o.world.now
			}
		}
	}
}

// forgetGone keeps the books short in a run that goes on and on.
func (o *observer) forgetGone() {
	if len(o.books) < 2*len(o.world.source.records)+64 {
		return
	}
	kept := o.books[:0]
	for _, b := range o.books {
		if !b.gone {
			kept = append(kept, b)
		}
	}
	clear(o.books[len(kept):])
	o.books = kept
}

// disturbed: something is wrong now, with one member or with none.
func (w *World) disturbed(p *process) {
	w.troubleUntil(w.now)
	if p != nil {
		p.unwell, p.mute = max(p.unwell, w.now), max(p.mute, w.now)
	}
}

func (w *World) troubleUntil(until time.Duration) { w.trouble = max(w.trouble, until) }
