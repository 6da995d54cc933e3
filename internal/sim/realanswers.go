package sim

import (
	"errors"
	"time"

	"github.com/streamlease/streamlease/core"
)

// What an adapter answers must be true: of the servers, at some instant between
// the call and the answer. What it does not know it may not say.

// judge compares an answer with what the servers have seen.
func (r *reality) judge(c *call, event core.Event) {
	if c.sentAt <= r.past.meddled {
		return
	}
	r.world.observer.checks[Contract]++
	switch a := event.(type) {
	case core.TakeAnswered:
		for i, request := range c.command.(core.SendTake).Requests {
			r.judgeTake(c, request, itemOf(a.Results, i), itemError(a.Err, a.Results, i, func(t core.TakeResult) error { return t.Err }))
		}
	case core.SettleAnswered:
		for i, settlement := range c.command.(core.SendSettle).Settlements {
			r.judgeSettle(c, settlement, itemOf(a.Results, i), itemError(a.Err, a.Results, i, func(t core.SettleResult) error { return t.Err }))
		}
	case core.AcquireAnswered:
		for i, request := range c.command.(core.SendAcquire).Requests {
			r.judgeAcquire(c, request, itemOf(a.Results, i), itemError(a.Err, a.Results, i, func(t core.AcquireResult) error { return t.Err }))
		}
	case core.ReleaseAnswered:
		for i, request := range c.command.(core.SendRelease).Requests {
			r.judgeRelease(c, request.Lease, itemError(a.Err, a.Results, i, func(t core.ReleaseResult) error { return t.Err }))
		}
	case core.RenewAnswered:
		for i, id := range c.command.(core.SendRenew).Grants {
			r.judgeGrant(c, id, itemError(a.Err, a.Results, i, func(t core.RenewResult) error { return t.Err }))
		}
	default:
		r.judgeReading(c, event)
	}
}

func itemOf[T any](items []T, i int) (item T) {
	if i < len(items) {
		item = items[i]
	}
	return item
}

func itemError[T any](whole error, items []T, i int, errorOf func(T) error) error {
	if whole != nil || i >= len(items) {
		return whole
	}
	return errorOf(items[i])
}

func (r *reality) judgeTake(c *call, q core.TakeRequest, result core.TakeResult, err error) {
	o, p := &r.world.observer, c.process
	b, own := o.refs[q.Ref], taken{q.Token, p.member.Incarnation}
	is := r.world.source.find(q.Ref)
	holds := is != nil && is.ownedBy(p.member) && is.token == q.Token
	switch {
	case b == nil:
	case err == nil:
		if !r.past.hasTaken(q.Ref, own) || result.Assignment.Ref != q.Ref {
			o.broken(p, q.Ref, q.Token, "%s is told that it has taken %s, which it has not", p.label, q.Ref)
		} else if holds && (result.Failures != is.failures || result.Crashes != is.crashes) {
			o.broken(p, q.Ref, q.Token, "%s is told of %d failures and %d crashes of %s, which has %d and %d",
				p.label, result.Failures, result.Crashes, q.Ref, is.failures, is.crashes)
		}
	case errors.Is(err, core.ErrDone):
		if !b.gone {
			o.broken(p, q.Ref, q.Token, "%s is told that %s is done, and it is not", p.label, q.Ref)
		}
	case errors.Is(err, core.ErrDisowned):
		if holds || result.Remembered < q.Token || !r.remembers(q.Ref, result.Remembered) {
			o.broken(p, q.Ref, q.Token, "%s is told that %s was taken with token %d, and it was not", p.label, q.Ref, result.Remembered)
		}
	case errors.Is(err, core.ErrNotYet):
		r.judgeNotYet(c, q, is, result.RetryIn)
	case errors.Is(err, core.ErrRefused):
		if holds && !is.trial && is.takenAt >= r.sourceTime(c.sentAt)-time.Millisecond {
			o.broken(p, q.Ref, q.Token, "%s is told that its Take of %s was refused, and it was not", p.label, q.Ref)
		}
	}
}

// judgeNotYet: what is left until the retry time was left at some instant of the
// call.
func (r *reality) judgeNotYet(c *call, q core.TakeRequest, is *record, left time.Duration) {
	if is == nil || is.settled == 0 || r.past.recordsChanged >= c.sentAt {
		return
	}
	least, most := is.retryAt-r.world.source.time(), is.retryAt-r.sourceTime(c.sentAt)
	if left < least-rounding || left > most+rounding {
		r.world.observer.broken(c.process, q.Ref, q.Token, "%s is told to wait %v for %s, and it is %v to %v", c.process.label, left, q.Ref, least, most)
	}
}

func (r *reality) sourceTime(at time.Duration) time.Duration { return r.world.source.clock.at(at) }

func (r *reality) remembers(ref core.StreamRef, token core.Token) bool {
	for _, one := range r.past.takes[ref] {
		if one.token == token {
			return true
		}
	}
	return false
}

func (r *reality) judgeSettle(c *call, s core.Settlement, result core.SettleResult, err error) {
	o, p := &r.world.observer, c.process
	b, is := o.refs[s.Ref], r.world.source.find(s.Ref)
	holds := is != nil && is.ownedBy(p.member) && is.token == s.Token
	switch {
	case b == nil:
	case err == nil:
		if !b.gone && (holds || !r.past.ends[question{ref: s.Ref, token: s.Token, outcome: s.Outcome}]) {
			o.broken(p, s.Ref, s.Token, "%s is told that its tenure of %s is settled %v, and it is not", p.label, s.Ref, s.Outcome)
		}
		if result.Gone && !b.gone {
			o.broken(p, s.Ref, s.Token, "%s is told that %s is gone, and it is not", p.label, s.Ref)
		}
	case errors.Is(err, core.ErrDisowned) && holds:
		o.broken(p, s.Ref, s.Token, "%s is told that it has lost %s, and the source has it on record", p.label, s.Ref)
	case errors.Is(err, core.ErrDisowned) && result.Remembered != 0 && !r.remembers(s.Ref, result.Remembered):
		o.broken(p, s.Ref, s.Token, "%s is told that %s was taken with token %d, and it was not", p.label, s.Ref, result.Remembered)
	}
}

func (r *reality) judgeAcquire(c *call, q core.AcquireRequest, result core.AcquireResult, err error) {
	o, p, name := &r.world.observer, c.process, q.Ref.Name
	switch {
	case err == nil:
		if !r.past.leases[core.Lease{Ref: q.Ref, Grant: q.Grant, Token: result.Token}] {
			o.broken(p, q.Ref, result.Token, "%s is told that it has leased %s with token %d, and it has not", p.label, name, result.Token)
		}
		if result.Token <= q.Floor {
			o.broken(p, q.Ref, result.Token, "the token %d of %s is not above the floor %d", result.Token, name, q.Floor)
		}
	case errors.Is(err, core.ErrHeld):
		if !r.wasLocked(name, c.sentAt) {
			o.broken(p, q.Ref, 0, "%s is told that %s is held, and it is free", p.label, name)
		}
	case errors.Is(err, core.ErrExpired) && !q.Open:
		r.judgeGrant(c, q.Grant, err)
	}
}

// wasLocked: some server has had a lock on the name since then.
func (r *reality) wasLocked(name string, since time.Duration) bool {
	for _, server := range r.world.leases.servers {
		if server.names[name] != nil {
			return true
		}
	}
	at, found := r.past.heldTo[name]
	return found && at >= since
}

func (r *reality) judgeRelease(c *call, lease core.Lease, err error) {
	l := r.world.leases.holderOf(lease.Ref.Name)
	if err == nil && l != nil && l.grant.id == lease.Grant && l.token == lease.Token && r.past.kept(lease.Ref.Name, c.sentAt) {
		r.world.observer.broken(c.process, lease.Ref, lease.Token, "%s is told that its lease on %s is gone, and the store has it",
			c.process.label, lease.Ref.Name)
	}
}

// judgeGrant: who is told that its grant is over must not have it. On a quorum a
// grant may be short of a majority in one thing and not in another.
func (r *reality) judgeGrant(c *call, id core.GrantID, err error) {
	store := r.world.leases
	if !errors.Is(err, core.ErrExpired) || len(store.servers) > 1 {
		return
	}
	g := store.servers[0].grants[id]
	lives := g != nil && g.deadline > store.servers[0].time() && (r.world.setup.Lease == Session || len(g.leases) > 0 && g.leases[0].token != 0)
	if since, found := r.past.opened[id]; lives && found && since < c.sentAt {
		r.world.observer.broken(c.process, core.StreamRef{}, 0, "%s is told that its grant is over, and the store has it", c.process.label)
	}
}
