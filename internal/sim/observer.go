package sim

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// observer knows the truth and keeps its own books of it. Whatever happens in
// the world goes past it.
type observer struct {
	world *World
	names map[string]*nameBook
	books []*book // of every assignment ever announced, in order
	refs  map[core.StreamRef]*book

	violations []Violation
	checks     [invariants]int64 // on something that could have failed
	excused    [invariants]int64 // would have been violated, but was not promised
	why        [invariants]string
	until      [invariants]time.Duration // not promised until then

	pruned bool // an exhaustive search has been here before

	announced, done, quarantined, vanished int64
	dirty                                  bool // the source has changed since conservation was checked
	untold                                 []*nameBook
	churned                                time.Duration // when somebody last came or went, or a stream was announced, begun or ended
	listened                               time.Duration // when somebody was last seen to listen for announcements
	looks                                  int64
}

func (o *observer) init(w *World) {
	o.world = w
	o.names = make(map[string]*nameBook)
	o.refs = make(map[core.StreamRef]*book)
}

func (o *observer) stopped() bool {
	return len(o.violations) > 0 && !o.world.options.GoesOn || o.pruned
}

// known: the same has been noted before.
func (o *observer) known(v *Violation) bool {
	return slices.ContainsFunc(o.violations, func(other Violation) bool {
		return other.Invariant == v.Invariant && other.Member == v.Member && other.Ref == v.Ref
	})
}

// checked counts a check, if it was one that could have failed.
func (o *observer) checked(i Invariant, could bool) {
	if could {
		o.checks[i]++
	}
}

// violated notes that an invariant does not hold, unless it was not promised.
func (o *observer) violated(i Invariant, p *process, ref core.StreamRef, token core.Token, format string, args ...any) {
	w := o.world
	if w.now < o.until[i] {
		o.excused[i]++
		return
	}
	v := Violation{Invariant: i, At: w.now, Ref: ref, Token: token, Story: fmt.Sprintf(format, args...)}
	if p != nil {
		v.Member = p.label
	}
	if o.known(&v) {
		return
	}
	o.violations = append(o.violations, v)
	w.note(Event{Member: v.Member, Kind: Violated, Ref: ref, Token: token, Cause: i.String() + ": " + v.Story})
}

// excuse takes something out of the promise for a while, for the reason why.
func (o *observer) excuse(why string, until time.Duration, which ...Invariant) {
	for _, i := range which {
		if until > o.until[i] {
			o.until[i], o.why[i] = until, why
		}
	}
}

func (o *observer) announce(ref core.StreamRef) {
	o.announced++
	o.dirty, o.churned = true, o.world.now
	b := &book{ref: ref, name: o.name(ref.Name), announcedAt: o.world.now, ownerless: o.world.now, gap: -1,
		settledLast: o.world.now, seenTo: o.world.now}
	o.books = append(o.books, b)
	b.name.books = append(slices.DeleteFunc(b.name.books, func(other *book) bool { return other.gone }), b)
	o.refs[ref] = b
	o.world.note(Event{Kind: Announced, Ref: ref})
}

// removed hears from the source that an assignment is gone.
func (o *observer) removed(ref core.StreamRef, outcome core.Outcome) {
	b := o.refs[ref]
	o.dirty = true
	if outcome == core.Done {
		o.done++
		b.done = true
	} else {
		o.quarantined++
	}
	b.gone = true
}

// overwritten hears from a lease server that a live lease lost its name.
func (o *observer) overwritten(l *lease) {
	o.violated(S1, nil, l.ref, l.token, "%s was given away although token %d holds it", l.ref.Name, l.token)
}

func (o *observer) grantOver(g *grant) {
	for _, l := range g.leases {
		o.world.note(Event{Member: g.member.ID, Kind: Expired, Ref: l.ref, Token: l.token})
	}
}

// applied sees what a call did to the stores, whoever hears of it.
func (o *observer) applied(p *process, c *call, command core.Command, event core.Event) {
	switch command := command.(type) {
	case core.SendAcquire:
		if a := event.(core.AcquireAnswered); a.Err == nil {
			for i := range a.Results {
				o.acquired(p, c, &command.Requests[i], &a.Results[i])
			}
		}
	case core.SendRelease:
		if a := event.(core.ReleaseAnswered); a.Err == nil {
			for i := range a.Results {
				o.released(p, c, &command.Requests[i], &a.Results[i])
			}
		}
	case core.SendTake:
		if a := event.(core.TakeAnswered); a.Err == nil {
			for i := range a.Results {
				o.took(p, c, &command.Requests[i], &a.Results[i])
			}
		}
	case core.SendSettle:
		if a := event.(core.SettleAnswered); a.Err == nil {
			for i := range a.Results {
				o.settled(p, c, &command.Settlements[i], &a.Results[i])
			}
		}
	case core.SendFetch:
		o.dirty = true
		o.fetched(c, event.(core.FetchAnswered))
	case core.SendSweep:
		o.dirty = true
	}
	o.world.observeSituations(p, c, command, event)
}

func (o *observer) acquired(p *process, c *call, r *core.AcquireRequest, result *core.AcquireResult) {
	if result.Err != nil {
		o.refused(r, result)
		return
	}
	n := o.name(r.Ref.Name)
	o.checked(S1, n.leases > 0)
	o.checked(S2, n.leases > 0)
	if result.Token <= n.drawn {
		o.violated(S2, p, r.Ref, result.Token, "token %d of %s was drawn after %d", result.Token, r.Ref.Name, n.drawn)
	}
	n.drawn = max(n.drawn, result.Token)
	n.token, n.stray = result.Token, c.late
	n.leases++
	for _, b := range n.books {
		b.waited = b.waited || b.ref != r.Ref && b.owners > 0 // its last lease is no more to be found
	}
	p.note(Event{Kind: Leased, Ref: r.Ref, Token: result.Token, Until: o.world.now + o.world.setup.TTL})
}

// refused: an assignment has to wait for whatever else holds its name.
func (o *observer) refused(r *core.AcquireRequest, result *core.AcquireResult) {
	if b := o.refs[r.Ref]; b != nil && errors.Is(result.Err, core.ErrHeld) && result.Holder.Lease.Ref != r.Ref {
		b.waited = true
	}
}

func (o *observer) released(p *process, c *call, r *core.ReleaseRequest, result *core.ReleaseResult) {
	if !result.Changed || r.Lease.Ref.Name == "" {
		return
	}
	n := o.name(r.Lease.Ref.Name)
	if n.token != r.Lease.Token && len(o.world.leases.servers) > 1 {
		return // what was left of it on a minority
	}
	o.checked(S4, true)
	if n.token != 0 && r.Lease.Token != n.token {
		o.violated(S4, p, r.Lease.Ref, r.Lease.Token, "a Release with token %d took the lease with token %d away", r.Lease.Token, n.token)
	}
	o.checkGivenBack(p, r.Lease)
	n.token, n.given = 0, r.Lease.Token
	if !c.closed { // else it has gone on, and perhaps told them before this took effect
		o.isToBeTold(p, n, r.Lease)
	}
	p.note(Event{Kind: Released, Ref: r.Lease.Ref, Token: r.Lease.Token})
}

func (o *observer) took(p *process, c *call, r *core.TakeRequest, result *core.TakeResult) {
	b := o.refs[r.Ref]
	if result.Err != nil || b == nil {
		p.note(Event{Kind: Refused, Call: Take, Ref: r.Ref, Token: r.Token, Cause: refusalWord(result.Err)})
		return
	}
	again := b.taken && b.token == r.Token && b.taker == p
	o.checked(S2, !again && b.token != 0)
	o.checked(Patience, b.retryAt > 0)
	o.checkTrial(p, c, b, r, again)
	switch {
	case again:
	case r.Token <= b.token:
		o.violated(S2, p, r.Ref, r.Token, "a Take of %s with token %d succeeded after one with %d", r.Ref, r.Token, b.token)
	case b.retryAt > 0 && o.world.source.time() < b.retryAt:
		o.violated(Patience, p, r.Ref, r.Token, "%s was taken before its retry time", r.Ref)
	}
	if !again {
		o.convict(b)
		if b.taken && b.taker != p && !b.restored && !b.gaveUpBeforeItTook() {
			b.suspect = b.taker
		}
		b.restored = false
	}
	b.token, b.taker, b.taken, b.retryAt = r.Token, p, true, 0
	o.noteCrashes(b, r, again)
	p.note(Event{Kind: Took, Ref: r.Ref, Token: r.Token})
}

// convict: the source counts a crash against the assignment, of a suspect that
// was not heard of. One that lives, and has been well for a TTL, was able to
// say that it does.
func (o *observer) convict(b *book) {
	suspect := b.suspect
	if suspect == nil {
		return
	}
	b.suspect = nil
	o.checks[Blame]++
	well := o.world.now - suspect.unwell
	if suspect.healthy() && well > o.world.setup.TTL {
		o.violated(Blame, suspect, b.ref, b.token, "a crash is counted against %s, and %s lives and has been well for %v",
			b.ref, suspect.label, well)
	}
}

// gaveUpBeforeItTook: the Take took effect late, after the settlement that was
// to undo it. Its member said all that it had to say, in vain.
func (b *book) gaveUpBeforeItTook() bool { return b.gaveUp == b.taker && b.gaveUpToken == b.token }

func refusalWord(err error) string {
	switch err {
	case core.ErrDone:
		return "done"
	case core.ErrDisowned:
		return "taken with a higher token"
	case core.ErrNotYet:
		return "not yet"
	case core.ErrSuspect:
		return "suspect"
	default:
		return "refused"
	}
}

func (o *observer) settled(p *process, c *call, s *core.Settlement, result *core.SettleResult) {
	b := o.refs[s.Ref]
	if b == nil {
		return
	}
	own := b.taken && b.token == s.Token && b.taker == p
	o.checked(S4, b.owners > 1 || !own)
	if result.Err != nil || !result.Changed {
		if result.Err != nil {
			b.gaveUp, b.gaveUpToken = p, s.Token
			if b.suspect == p {
				b.suspect = nil
				o.world.met(CrashForgiven)
			}
			p.note(Event{Kind: Refused, Call: Settle, Ref: s.Ref, Token: s.Token, Cause: s.Outcome.String()})
		}
		return
	}
	if !own {
		o.violated(S4, p, s.Ref, s.Token, "%v of %s with token %d took effect after a Take with token %d", s.Outcome, s.Ref, s.Token, b.token)
	}
	if s.Outcome == core.Done && !o.world.recordsLost && !p.saidDone(s.Ref, s.Token) {
		o.violated(S4, p, s.Ref, s.Token, "%s is done, which the application never said of the tenure with token %d", s.Ref, s.Token)
	}
	o.checkQuarantine(p, b, s)
	o.convict(b)
	b.taken = false
	if s.Outcome == core.HandedOff {
		b.handedOff = s.Token
	}
	b.failedBy = nil
	if s.Outcome == core.Failed {
		b.failedBy, b.failedAt = p, o.world.now
		b.retryAt = o.world.source.time() + s.RetryIn
	}
	o.dirty = true
	p.note(Event{Kind: Settled, Ref: s.Ref, Token: s.Token, Cause: s.Outcome.String()})
}

// began: a member believes that it owns the stream.
func (o *observer) began(p *process, t core.Tenure) {
	w := o.world
	b := o.refs[t.Ref]
	made := &tenure{process: p, ref: t.Ref, token: t.Token, grant: p.belief.of(t.Ref.Name), began: w.now, live: true}
	made.robbed = w.now < o.until[S3] && w.leases.isLost(made) ||
		w.recordsLost && b != nil && !(b.taken && b.taker == p && b.token == t.Token)
	p.note(Event{Kind: Began, Ref: t.Ref, Token: t.Token, Cause: string(t.Reason), Until: p.belief.until(p, made.grant)})
	w.chronicler.began(made, string(t.Reason))
	p.belief.tenures = append(p.belief.tenures, made)
	p.begun++
	w.counts.tenures++
	if b == nil {
		o.violated(S5, p, t.Ref, t.Token, "%s begins, which was never announced", t.Ref)
		return
	}
	o.checked(S5, len(o.books) > 1)
	switch {
	case !b.done && !b.toldDone:
	case made.robbed:
		o.excused[S5]++
	default:
		o.violated(S5, p, t.Ref, t.Token, "%s begins again, which is done", t.Ref)
	}
	o.checked(S3, true)
	if p.belief.localUntil(made.grant) <= p.time() {
		o.violated(S3, p, t.Ref, t.Token, "the tenure of %s begins after its validity", t.Ref)
	}
	o.checkBeginning(p, b, t)
	o.world.metBegin(b, t.Reason)
	o.checkOverlap(b.name, made)
	o.churned = w.now
	b.name.live = append(b.name.live, made)
	b.failedBy = nil
	b.owners++
	p.belief.refresh()
}

// checkOverlap looks for another owner whose validity is not over.
func (o *observer) checkOverlap(n *nameBook, t *tenure) {
	w := o.world
	for _, other := range n.live {
		if other.process == t.process || !other.process.lives() {
			continue
		}
		if t.robbed || other.robbed {
			o.excused[S3]++
			continue
		}
		o.checks[S3]++
		if until := other.process.belief.until(other.process, other.grant); until > w.now {
			o.violated(S3, t.process, t.ref, t.token, "%s owns %s with token %d while %s does with token %d, for another %v",
				t.process.label, t.ref, t.token, other.process.label, other.token, until-w.now)
		}
	}
}

// ended: a member says that it owns the stream no more.
func (o *observer) ended(p *process, e core.TenureEnded) {
	t := p.belief.find(e.Ref, e.Token)
	if t == nil {
		o.violated(S6, p, e.Ref, e.Token, "a tenure of %s ends that never began", e.Ref)
		return
	}
	t.live = false
	p.endings++
	p.note(Event{Kind: Ended, Ref: e.Ref, Token: e.Token, Cause: string(e.Reason)})
	o.world.chronicler.ended(t, string(e.Reason))
	o.world.metEnd(p, t, e.Reason)
	o.remove(t)
	o.checkKept(t, e.Reason)
	o.name(t.ref.Name).freedBy = p
	if !t.heard || t.asked {
		p.belief.drop(t)
	} else {
		p.owed++
	}
	if e.Reason == core.ReasonLeaseMissing {
		o.checkMissing(p, e)
	}
	p.belief.refresh()
}

// checkMissing: who is disowned because its lease is missing must not have it.
func (o *observer) checkMissing(p *process, e core.TenureEnded) {
	if o.world.tokensLost {
		return // another lease may have the same token
	}
	o.checked(L4, true)
	if l := o.world.leases.holderOf(e.Ref.Name); l != nil && l.token == e.Token {
		o.violated(L4, p, e.Ref, e.Token, "%s is disowned of %s, and the store has its lease", p.label, e.Ref)
	}
}

func (o *observer) remove(t *tenure) {
	if b := o.refs[t.ref]; b != nil {
		b.ownerless = o.world.now
	}
	o.churned = o.world.now
	n := o.name(t.ref.Name)
	n.freed, n.freedBy = o.world.now, nil
	n.live = slices.DeleteFunc(n.live, func(other *tenure) bool { return other == t })
}

// gone: a process has ended, with or without a word.
func (o *observer) gone(p *process) {
	for _, t := range p.belief.tenures {
		if t.live {
			o.remove(t)
			o.world.chronicler.ended(t, gone(p))
			t.live = false
			o.world.counts.lostInCrashes++
			if p.dead {
				p.endings++
			}
		}
	}
	p.belief.tenures = nil
}
