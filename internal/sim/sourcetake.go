package sim

import (
	"context"
	"time"

	"github.com/streamlease/streamlease/core"
)

func (s *source) Take(_ context.Context, member core.Member, requests []core.TakeRequest) ([]core.TakeResult, error) {
	results := make([]core.TakeResult, len(requests))
	for i, request := range requests {
		results[i] = s.take(member, request)
		results[i].Taken = s.taken[member.Incarnation]
	}
	return results, nil
}

func (s *source) take(member core.Member, request core.TakeRequest) core.TakeResult {
	now := s.time()
	r := s.find(request.Ref)
	if r == nil {
		return core.TakeResult{Err: core.ErrDone}
	}
	same := request.Token == r.token && (r.ownedBy(member) || r.owned() && s.ablated.SameTokenOfAnotherTaker)
	switch {
	case same:
		if !request.Trial {
			r.endTrial()
		}
		return r.tenure()
	case request.Token <= r.token && !s.ablated.TokenNotCompared:
		return core.TakeResult{Err: core.ErrDisowned, Remembered: r.token}
	case r.settled != 0 && r.retryAt > now && !s.ablated.RetryTimeNotKept:
		return core.TakeResult{Err: core.ErrNotYet, RetryIn: r.retryAt - now}
	}
	if crashes := r.crashesStanding(now, request.StableAfter); request.Suspect > 0 && crashes >= request.Suspect {
		return core.TakeResult{Err: core.ErrSuspect, Crashes: crashes}
	}
	changed := s.beginTenure(r, member, request, now)
	result := r.tenure()
	result.Changed = changed
	return result
}

func (r *record) tenure() core.TakeResult {
	return core.TakeResult{Assignment: r.assignment, Failures: r.failures, Crashes: r.crashes, CrashedAlone: r.crashedAlone}
}

func (s *source) beginTenure(r *record, member core.Member, request core.TakeRequest, now time.Duration) (changed bool) {
	r.convict()
	if r.owned() {
		r.forgive(now, request.StableAfter)
	}
	if r.owned() && !r.ownedBy(member) {
		r.suspect, r.suspectAlone = r.taker, r.trial
	}
	changed = !r.ownedBy(member)
	if changed {
		if r.owned() {
			s.retake(r.taker, -1)
		}
		s.retake(member, 1)
	}
	r.token, r.taker, r.takenAt, r.trial = request.Token, member, now, request.Trial
	r.settled, r.retryAt, r.givenBack = 0, 0, 0
	if s.isDelivered(r) {
		r.bearer = member.Incarnation
	}
	r.changed = now
	return changed
}

func (s *source) Settle(_ context.Context, member core.Member, settlements []core.Settlement) ([]core.SettleResult, error) {
	results := make([]core.SettleResult, len(settlements))
	for i, settlement := range settlements {
		results[i] = s.settle(member, settlement)
		results[i].Taken = s.taken[member.Incarnation]
	}
	return results, nil
}

func (s *source) settle(member core.Member, settlement core.Settlement) core.SettleResult {
	r := s.find(settlement.Ref)
	if r == nil {
		return core.SettleResult{Gone: true}
	}
	own := r.token == settlement.Token && r.taker.Incarnation == member.Incarnation
	own = own || s.ablated.DoneNotFenced && settlement.Outcome == core.Done && r.owned()
	switch {
	case own && r.settled == settlement.Outcome:
		return core.SettleResult{}
	case own && r.settled == 0:
		return s.endTenure(r, settlement)
	default:
		r.acquit(member)
		return core.SettleResult{Err: core.ErrDisowned, Remembered: r.token}
	}
}

func (s *source) endTenure(r *record, settlement core.Settlement) core.SettleResult {
	now := s.time()
	r.convict()
	r.forgive(now, settlement.StableAfter)
	gone := settlement.Outcome == core.Done || settlement.Outcome == core.Quarantined
	if gone {
		if settlement.Outcome == core.Quarantined {
			s.quarantined = append(s.quarantined, settlement.Ref)
		}
		s.remove(r, settlement.Outcome)
		return core.SettleResult{Gone: true, Changed: true}
	}
	r.retryAt = now
	if settlement.Outcome == core.Failed {
		r.failures++
		r.retryAt = now + settlement.RetryIn
	}
	s.retake(r.taker, -1)
	r.settled, r.bearer, r.changed = settlement.Outcome, "", now
	if s.isDelivered(r) { // an undelivered assignment is Fetch's alone
		s.giveBack(r)
	}
	return core.SettleResult{Changed: true}
}
