package sim

import (
	"maps"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// What a request has done is read from the servers, before and after it: the
// observer does not ask the adapters.

// leaseTruth is who has a name, by a majority of the servers.
type leaseTruth struct {
	lease *lease
	token core.Token
}

// lookAfter compares what the servers hold with what they held before process p
// asked them for something.
func (r *reality) lookAfter(p *process) {
	if r.changes() == r.seen {
		return
	}
	w := r.world
	records, leases, grants := w.source.byID, r.leaseTruths(), w.leases.allGrants()
	r.past.noteHeld(w.leases)
	r.reread()
	r.past.noteHeld(w.leases)
	r.compareRecords(p, records)
	after := r.leaseTruths()
	r.compareLeases(p, leases, after)
	r.compareGrants(p, grants)
	r.checkSourceBooks(p)
	r.checkLeaseBooks(p)
	w.chronicler.leasesFound(after)
	w.chronicler.storeChanged()
	w.observer.dirty = true
}

func (r *reality) compareRecords(p *process, before map[int64]*record) {
	for _, id := range slices.Sorted(maps.Keys(before)) {
		was, is := before[id], r.world.source.byID[id]
		if is == nil {
			r.recordGone(p, was)
			continue
		}
		r.compareRecord(p, was, is)
		r.past.noteRecord(was, is)
	}
}

func (r *reality) compareRecord(p *process, was, is *record) {
	o, ref := &r.world.observer, is.assignment.Ref
	b := o.refs[ref]
	if b == nil {
		return
	}
	if was.owned() && is.settled != 0 {
		r.recordSettled(p, was, is)
		settled := core.Settlement{Ref: ref, Token: was.token, Outcome: is.settled, RetryIn: max(is.retryAt-r.world.source.time(), 0)}
		o.settled(p, nil, &settled, &core.SettleResult{Changed: true})
		return
	}
	if is.owned() && (is.token != was.token || is.taker != was.taker || was.settled != 0) {
		r.recordTaken(p, was, is)
		o.took(p, nil, &core.TakeRequest{Ref: ref, Token: is.token}, &core.TakeResult{})
		return
	}
	r.recordKept(p, was, is)
}

// recordGone: an assignment is not there any more.
func (r *reality) recordGone(p *process, was *record) {
	o, ref := &r.world.observer, was.assignment.Ref
	if o.refs[ref] == nil || o.refs[ref].gone {
		return
	}
	outcome := core.Done
	if _, found := r.servers[0].FieldOf(keyPrefix+"quarantine", ref.MessageID); found {
		outcome = core.Quarantined
	}
	r.settledAsAsked(p, was, outcome)
	r.past.recordGone(was, outcome)
	if was.owned() {
		o.settled(p, nil, &core.Settlement{Ref: ref, Token: was.token, Outcome: outcome}, &core.SettleResult{Changed: true, Gone: true})
	}
	o.removed(ref, outcome)
}

func (r *reality) leaseTruths() map[string]leaseTruth {
	truths := make(map[string]leaseTruth)
	for _, server := range r.world.leases.servers {
		for name := range server.names {
			if _, found := truths[name]; found {
				continue
			}
			if held := r.world.leases.holderOf(name); held != nil {
				truths[name] = leaseTruth{held, r.tokenOf(name, held)}
			}
		}
	}
	return truths
}

// tokenOf is the token that counts: on a quorum the one that was written back
// to a majority.
func (r *reality) tokenOf(name string, held *lease) core.Token {
	votes := make(map[core.Token]int)
	for _, server := range r.world.leases.servers {
		if l := server.names[name]; l != nil && l.grant.id == held.grant.id {
			votes[l.token]++
		}
	}
	for token, count := range votes {
		if count > len(r.world.leases.servers)/2 {
			return token
		}
	}
	return 0
}

func (r *reality) compareLeases(p *process, before, after map[string]leaseTruth) {
	names := make(map[string]bool)
	for name := range before {
		names[name] = true
	}
	for name := range after {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		r.compareLease(p, before[name], after[name])
	}
}

func (r *reality) compareLease(p *process, was, is leaseTruth) {
	same := was.lease != nil && is.lease != nil && was.lease.grant.id == is.lease.grant.id
	if was.lease != nil && !same {
		r.leaseGone(p, was, is)
	}
	r.past.noteLease(is, same)
	if is.lease != nil && is.token != 0 && (!same || was.token != is.token) {
		r.leaseFound(is)
	}
}

// leaseFound: a lease has its token. On a quorum a majority may lose sight of
// one, and find it again.
func (r *reality) leaseFound(is leaseTruth) {
	lease := core.Lease{Ref: is.lease.ref, Grant: is.lease.grant.id, Token: is.token}
	owner := r.world.incarnation(is.lease.grant.member)
	if owner == nil || r.given[lease.Ref.Name] == lease {
		return
	}
	r.given[lease.Ref.Name] = lease
	late := !slices.ContainsFunc(owner.open, func(c *call) bool { return c.what == Acquire })
	r.world.observer.acquired(owner, &call{late: late}, &core.AcquireRequest{Ref: is.lease.ref}, &core.AcquireResult{Token: is.token})
}

// answeredHeld: who waits for another of its name is told so by the answer alone;
// the servers show no trace of a request that was refused.
func (o *observer) answeredHeld(c *call, a core.AcquireAnswered) {
	for i := range a.Results {
		if a.Results[i].Err != nil {
			o.refused(&c.command.(core.SendAcquire).Requests[i], &a.Results[i])
		}
	}
}

// leaseGone: a live lease is not there any more, by p's doing.
func (r *reality) leaseGone(p *process, was, is leaseTruth) {
	o := &r.world.observer
	if is.lease != nil {
		o.overwritten(was.lease)
	}
	if was.token == 0 {
		return // half an Acquire, taken back
	}
	released := core.Lease{Ref: was.lease.ref, Grant: was.lease.grant.id, Token: was.token}
	if was.lease.grant.member != p.member || !r.askedToRelease(p, released) {
		released.Token = 0 // somebody else's, or one that nobody gave back
	}
	o.released(p, &call{}, &core.ReleaseRequest{Lease: released}, &core.ReleaseResult{Changed: true})
}

// overdue is how much longer than its time a call may take. Where goroutines
// have to end, a Fetch waits a moment for what was handed out.
func (w *World) overdue() time.Duration {
	if w.real != nil {
		return 100 * time.Millisecond
	}
	return time.Millisecond
}
