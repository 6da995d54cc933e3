package driver

import (
	"context"
	"errors"
	"fmt"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/ports"
)

// settle tells the source how tenures end. The checkpoint of an assignment that
// ends for good is finished before, not after: whoever dies between the two
// leaves a checkpoint that the next tenure opens again, and never one that
// nobody comes by to remove. What could not be finished is not settled yet.
func (t Translator) settle(ctx context.Context, settlements []core.Settlement) ([]core.SettleResult, error) {
	failures := t.finish(ctx, settlements)
	if len(failures) == 0 {
		return t.settleReady(ctx, settlements)
	}
	var ready []core.Settlement
	for i, settlement := range settlements {
		if failures[i] == nil {
			ready = append(ready, settlement)
		}
	}
	settled, err := t.settleReady(ctx, ready)
	if err != nil {
		return nil, err
	}
	results := make([]core.SettleResult, len(settlements))
	for i := range settlements {
		if failures[i] != nil {
			results[i].Err = failures[i]
			continue
		}
		results[i], settled = settled[0], settled[1:]
	}
	return results, nil
}

func (t Translator) settleReady(ctx context.Context, ready []core.Settlement) ([]core.SettleResult, error) {
	if len(ready) == 0 {
		return nil, nil
	}
	results, err := t.Ports.Source.Settle(ctx, t.Member, ready)
	return results, matched("settle", len(results), len(ready), err)
}

// finish finishes the checkpoints of what is to end for good. It returns what
// went wrong, by the places of the settlements.
func (t Translator) finish(ctx context.Context, settlements []core.Settlement) map[int]error {
	if t.Ports.Checkpoints == nil {
		return nil
	}
	var requests []ports.FinishRequest
	var places []int
	for i, settlement := range settlements {
		if settlement.Outcome == core.Done || settlement.Outcome == core.Quarantined {
			requests = append(requests, ports.FinishRequest{Ref: settlement.Ref, Token: settlement.Token})
			places = append(places, i)
		}
	}
	if len(requests) == 0 {
		return nil
	}
	results, err := t.Ports.Checkpoints.Finish(ctx, requests)
	err = matched("finish", len(results), len(requests), err)
	failures := map[int]error{}
	for i, place := range places {
		failure := err
		if failure == nil {
			failure = results[i].Err
		}
		// Whether the tenure is overtaken is for the source to say.
		if failure != nil && !errors.Is(failure, core.ErrDisowned) {
			failures[place] = fmt.Errorf("the checkpoint could not be finished: %w", failure)
		}
	}
	return failures
}
