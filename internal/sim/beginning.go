package sim

import "github.com/streamlease/streamlease/core"

// What must be true of a tenure when it begins and when it ends, by the records.

// checkBeginning looks at a tenure that a member believes in from now on.
func (o *observer) checkBeginning(p *process, b *book, t core.Tenure) {
	w := o.world
	b.begunToken = t.Token
	o.checks[S3]++
	switch {
	case p.contextsEnded:
		o.violated(Ends, p, t.Ref, t.Token, "%s begins on %s although it closes", t.Ref, p.label)
	case b.name.given >= t.Token && !w.tokensLost && w.lostAt == 0:
		o.violated(S3, p, t.Ref, t.Token, "the tenure of %s begins, and its lease was given back", t.Ref)
	case w.setup.Manual && t.Reason == core.ReasonFound:
		o.violated(S6, p, t.Ref, t.Token, "%s begins on %s, whose application did not claim it", t.Ref, p.label)
	}
	o.checkLimits(p, b, t)
}

// checkLimits: what has failed or crashed too often does not begin again.
func (o *observer) checkLimits(p *process, b *book, t core.Tenure) {
	setup := &o.world.setup
	if b.token != t.Token || b.taker != p {
		return
	}
	o.checked(Blame, b.failures > 0 || b.crashes > 0)
	switch {
	case setup.MaxFailures > 0 && b.failures >= setup.MaxFailures:
		o.violated(Blame, p, t.Ref, t.Token, "%s begins, which has failed %d times", t.Ref, b.failures)
	case b.isHopeless(setup.MaxCrashes):
		o.violated(Blame, p, t.Ref, t.Token, "%s begins, whose owners crashed %d times", t.Ref, b.crashes)
	}
}

// isHopeless: it has crashed its owners too often, and the last time alone; or
// three times too often.
func (b *book) isHopeless(limit int) bool {
	return limit > 0 && b.crashes >= limit && (limit == 1 || b.alone || b.crashes >= 3*limit)
}

// noteCrashes reads what a Take has found.
func (o *observer) noteCrashes(b *book, r *core.TakeRequest, again bool) {
	b.trial = r.Trial || again && b.trial
	if found := o.world.source.find(r.Ref); found != nil {
		b.failures, b.crashes, b.alone = found.failures, found.crashes, found.crashedAlone
	}
}

// checkTrial: a suspect is tried, and no two at once (Blame). A Take that is
// repeated for a tenure on record says something new, or is one too many
// (Thrift).
func (o *observer) checkTrial(p *process, c *call, b *book, r *core.TakeRequest, again bool) {
	w := o.world
	found := w.source.find(r.Ref)
	if w.real != nil || w.path != nil || found == nil {
		return
	}
	if again {
		o.checks[Thrift]++
		t := p.belief.find(r.Ref, r.Token)
		if t != nil && t.live && c.sentAt > t.began && !b.trial && !w.recordsLost {
			o.violated(Thrift, p, r.Ref, r.Token, "%s takes %s again, which it has on record", p.label, r.Ref)
		}
		return
	}
	limit := w.setup.MaxCrashes
	if limit < 2 || found.crashes < limit-1 {
		return
	}
	o.checks[Blame]++
	if !r.Trial {
		o.violated(Blame, p, r.Ref, r.Token, "%s is a suspect, and is taken without a trial", r.Ref)
	}
	for _, other := range w.source.records {
		if other != found && other.trial && !w.recordsLost && other.ownedBy(p.member) && p.believes(other.assignment.Ref, other.token) {
			o.violated(Blame, p, r.Ref, r.Token, "%s is tried beside %s", r.Ref, other.assignment.Ref)
		}
	}
}

// checkQuarantine: nothing is quarantined for crashes before its time.
func (o *observer) checkQuarantine(p *process, b *book, s *core.Settlement) {
	if s.Outcome != core.Quarantined || b.token != s.Token || o.world.real != nil {
		return
	}
	setup := &o.world.setup
	o.checks[Blame]++
	if !b.isHopeless(setup.MaxCrashes) && (setup.MaxFailures == 0 || b.failures < setup.MaxFailures) {
		o.violated(Blame, p, s.Ref, s.Token, "%s is quarantined after %d failures and %d crashes", s.Ref, b.failures, b.crashes)
	}
}

// checkGivenBack: a lease goes when its tenure is settled, not before. Who closes
// does not wait for a store that is gone.
func (o *observer) checkGivenBack(p *process, l core.Lease) {
	b := o.refs[l.Ref]
	if b == nil || b.gone || b.begunToken != l.Token || p.closing || o.world.recordsLost || o.world.real != nil {
		return
	}
	o.checks[S4]++
	if b.taken && b.token == l.Token && b.taker == p {
		o.violated(S4, p, l.Ref, l.Token, "%s gave the lease of %s back, and has its tenure on record", p.label, l.Ref)
	}
}
