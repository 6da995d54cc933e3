package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
)

// What a request has done to the servers is what its port's contract says, and
// was asked for. The adapters' scripts are held against it change by change.

// rounding is what an adapter may lose or add between one unit and another.
const rounding = 3 * time.Millisecond

// broken: what a store did, or answered, is not what its contract says.
func (o *observer) broken(p *process, ref core.StreamRef, token core.Token, format string, args ...any) {
	o.violated(Contract, p, ref, token, format, args...)
}

// recordTaken: a Take of p has begun a tenure.
func (r *reality) recordTaken(p *process, was, is *record) {
	o, ref := &r.world.observer, is.assignment.Ref
	o.checks[Contract]++
	suspect := ""
	if was.owned() && was.taker.Incarnation != p.member.Incarnation {
		suspect = was.taker.Incarnation
	}
	switch {
	case is.taker.Incarnation != p.member.Incarnation:
		o.broken(p, ref, is.token, "a request of %s records a tenure of %s for %s", p.label, ref, is.taker.Incarnation)
	case !r.asked.asked(question{process: p.index, what: Take, ref: ref, token: is.token}):
		o.broken(p, ref, is.token, "%s has a tenure of %s on record that it never asked for", p.label, ref)
	case is.suspect.Incarnation != suspect:
		o.broken(p, ref, is.token, "a Take of %s suspects %q, where the taker before was %q", ref, is.suspect.Incarnation, suspect)
	default:
		r.checkCounts(p, was, is, was.failures)
	}
}

// recordSettled: a Settle of p has ended the tenure, and the assignment was given
// back.
func (r *reality) recordSettled(p *process, was, is *record) {
	o, ref := &r.world.observer, is.assignment.Ref
	o.checks[Contract]++
	wanted := question{process: p.index, what: Settle, ref: ref, token: was.token, outcome: is.settled}
	failures := was.failures
	retryAt := r.world.source.time()
	if is.settled == core.Failed {
		failures++
		retryAt += r.asked[wanted]
	}
	switch late := is.retryAt - retryAt; {
	case !r.asked.asked(wanted):
		o.violated(S4, p, ref, was.token, "the tenure of %s with token %d is settled %v by %s, who never asked for that", ref, was.token, is.settled, p.label)
	case late < -rounding || late > rounding:
		o.broken(p, ref, was.token, "%s may be taken again %v later than was asked for", ref, late)
	default:
		r.checkCounts(p, was, is, failures)
	}
}

// checkCounts: a suspicion that stands becomes a crash, and nothing else is
// counted. A long tenure clears the counts.
func (r *reality) checkCounts(p *process, was, is *record, failures int) {
	crashes := was.crashes
	if was.suspect.Incarnation != "" {
		crashes++
	}
	cleared := r.world.source.time()-was.takenAt >= r.world.config.StableAfter
	if !cleared && (is.failures != failures || is.crashes != crashes) {
		r.world.observer.broken(p, is.assignment.Ref, is.token, "%d failures and %d crashes stand against %s, where %d and %d should",
			is.failures, is.crashes, is.assignment.Ref, failures, crashes)
	}
}

// recordKept: neither taken nor settled. A suspicion ends by a word of the
// suspect alone.
func (r *reality) recordKept(p *process, was, is *record) {
	o, ref := &r.world.observer, is.assignment.Ref
	o.checks[Contract]++
	forgiven := was.suspect.Incarnation != "" && is.suspect.Incarnation == ""
	switch {
	case is.token != was.token || is.taker != was.taker || is.settled != was.settled ||
		is.failures != was.failures || is.crashes != was.crashes || is.retryAt != was.retryAt || is.takenAt != was.takenAt:
		o.broken(p, ref, is.token, "the record of %s has changed although nobody took or settled it", ref)
	case is.suspect.Incarnation != was.suspect.Incarnation && !forgiven:
		o.broken(p, ref, is.token, "%s is suspected of having crashed with %s, and nobody took it", is.suspect.Incarnation, ref)
	case forgiven && was.suspect.Incarnation != p.member.Incarnation:
		o.broken(p, ref, is.token, "the suspicion of %s with %s ends by a word of %s", was.suspect.Incarnation, ref, p.label)
	case forgiven:
		o.refs[ref].suspect = nil
		r.world.met(CrashForgiven)
	}
}

// settledAsAsked: an assignment is gone because its owner said so.
func (r *reality) settledAsAsked(p *process, was *record, outcome core.Outcome) {
	o, ref := &r.world.observer, was.assignment.Ref
	wanted := question{process: p.index, what: Settle, ref: ref, token: was.token, outcome: outcome}
	o.checks[Contract]++
	switch {
	case !was.owned() && !r.malformed[ref]:
		o.violated(S4, p, ref, was.token, "%s is %v by a request of %s, and nobody had it", ref, outcome, p.label)
	case was.owned() && !r.asked.asked(wanted):
		o.violated(S4, p, ref, was.token, "the tenure of %s with token %d is settled %v by %s, who never asked for that", ref, was.token, outcome, p.label)
	}
}

// compareGrants looks at what has become of the grants of every lease server.
func (r *reality) compareGrants(p *process, before []map[core.GrantID]*grant) {
	for at, server := range r.world.leases.servers {
		for _, is := range server.known {
			r.compareGrant(p, server.time(), before[at][is.id], is)
		}
	}
}

// compareGrant: a grant is extended, to a TTL from now, for whoever asked for
// that; never shortened; and what is over never lives again.
func (r *reality) compareGrant(p *process, now time.Duration, was, is *grant) {
	o, ref := &r.world.observer, core.StreamRef{}
	if was != nil && is.deadline == was.deadline {
		return
	}
	o.checks[Contract]++
	opened := r.asked.asked(question{process: p.index, what: Acquire, grant: is.id})
	extended := r.asked.asked(question{process: p.index, what: Renew, grant: is.id})
	late := is.deadline - now - r.world.setup.TTL
	if was == nil {
		r.past.opened[is.id] = r.world.now
	}
	switch {
	case was != nil && is.deadline < was.deadline:
		o.broken(p, ref, 0, "a request of %s has shortened a grant by %v", p.label, was.deadline-is.deadline)
	case was != nil && was.deadline <= now:
		o.broken(p, ref, 0, "a request of %s extends a grant that was over for %v", p.label, now-was.deadline)
	case was == nil && !opened, !extended:
		o.broken(p, ref, 0, "a request of %s makes or extends a grant, and nobody asked for that", p.label)
	case late < -rounding || late > rounding:
		o.broken(p, ref, 0, "a request of %s extends a grant to %v after a TTL from now", p.label, late)
	}
}
