package memory

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Settle implements ports.StreamSource.
func (s *Source) Settle(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	results := make([]ports.SettleResult, len(settlements))
	for i, settlement := range settlements {
		results[i] = s.settle(member, settlement)
		results[i].Taken = s.taken.of(member)
	}
	return results, nil
}

func (s *Source) settle(member ports.Member, settlement ports.Settlement) ports.SettleResult {
	e := s.find(settlement.Ref)
	if e == nil {
		return ports.SettleResult{Gone: true}
	}
	record := &e.record
	own := record.token == settlement.Token && record.taker.Incarnation == member.Incarnation
	switch {
	case settlement.Outcome < ports.Done || settlement.Outcome > ports.Quarantined:
		cause := fmt.Errorf("%w: %.100q cannot end with outcome %d", ports.ErrInvalid, settlement.Ref, settlement.Outcome)
		return ports.SettleResult{Err: refuse("Settle", cause)}
	case own && record.settled == settlement.Outcome:
		return ports.SettleResult{} // the same settlement again
	case own && record.settled == 0:
		return s.endTenure(e, settlement)
	default:
		record.acquit(member)
		return ports.SettleResult{
			Err:        fmt.Errorf("%w: %.100q was taken with token %d", ports.ErrDisowned, settlement.Ref, record.token),
			Remembered: record.token,
		}
	}
}

func (s *Source) endTenure(e *entry, settlement ports.Settlement) ports.SettleResult {
	now := s.now()
	record := &e.record
	record.convict(now)
	record.forgive(now, settlement.StableAfter)
	reason := cutReason(settlement.Reason)
	record.note(Ending{
		Member: record.taker, Token: record.token, At: now,
		Outcome: settlement.Outcome, Reason: reason,
	})
	switch settlement.Outcome {
	case ports.HandedOff:
		s.giveBack(e, settlement.Outcome, now, now)
	case ports.Failed:
		record.failures++
		s.giveBack(e, settlement.Outcome, now, now.Add(settlement.RetryIn))
	case ports.Quarantined:
		s.quarantine.add(e, reason, now)
		s.remove(e)
	case ports.Done:
		s.remove(e)
	}
	return ports.SettleResult{
		Gone:    settlement.Outcome == ports.Done || settlement.Outcome == ports.Quarantined,
		Changed: true,
	}
}

// giveBack frees the assignment for whoever takes it from retryAt on.
func (s *Source) giveBack(e *entry, outcome ports.Outcome, now, retryAt time.Time) {
	s.taken.remove(e.record.taker)
	e.record.settled = outcome
	e.record.retryAt = retryAt
	e.bearer = ""
	e.changedAt = now
	// An undelivered assignment is Fetch's alone.
	if s.isDelivered(e) {
		e.retry = s.givenBack.add(retryAt, e)
	}
}

func cutReason(reason string) string {
	if len(reason) > ports.MaxReasonBytes {
		reason = reason[:ports.MaxReasonBytes]
	}
	return strings.ToValidUTF8(reason, "")
}
