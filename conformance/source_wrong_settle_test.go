package conformance

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// settles changes what Settle answers.
func settles(change func(w *wrongSource, settlement ports.Settlement, result *ports.SettleResult)) func(*wrongSource) {
	return func(w *wrongSource) {
		w.settle = func(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
			results, err := w.right.Settle(ctx, member, settlements)
			for i := range results {
				change(w, settlements[i], &results[i])
			}
			return results, err
		}
	}
}

// ends changes what is asked of Settle.
func ends(change func(w *wrongSource, settlement *ports.Settlement)) func(*wrongSource) {
	return func(w *wrongSource) {
		w.settle = func(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
			settlements = slices.Clone(settlements)
			for i := range settlements {
				change(w, &settlements[i])
			}
			return w.right.Settle(ctx, member, settlements)
		}
	}
}

var wrongSettles = []sourceMistake{
	{
		mistake: "the token alone says whose a tenure is",
		where:   "StreamSource.Settle",
		text:    "It has an effect only while the remembered token and taker are the tenure's own; else ErrDisowned, and nothing happens but the clearing of a suspicion.",
		make: func(w *wrongSource) {
			w.take = func(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
				results, err := w.right.Take(ctx, member, requests)
				for i, result := range results {
					if result.Err == nil {
						w.memo.put(member.Incarnation, "taker", requests[i].Ref, requests[i].Token)
					}
				}
				return results, err
			}
			w.settle = func(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
				if len(settlements) == 1 {
					if taker := w.memo.get("taker", settlements[0].Ref, settlements[0].Token); taker != "" {
						member.Incarnation = taker
					}
				}
				return w.right.Settle(ctx, member, settlements)
			}
		},
	}, {
		mistake: "the same settlement again is too late",
		where:   "StreamSource.Settle",
		text:    "An assignment that is gone already is a success, and so is the same settlement again until the assignment is taken anew",
		make: settles(func(_ *wrongSource, settlement ports.Settlement, result *ports.SettleResult) {
			if result.Err == nil && !result.Changed && !result.Gone {
				result.Err, result.Remembered = ports.ErrDisowned, settlement.Token
			}
		}),
	}, {
		mistake: "a hand-off waits for a retry time, too",
		where:   "StreamSource.Settle",
		text:    "HandedOff gives it back",
		make: func(w *wrongSource) {
			ends(func(w *wrongSource, settlement *ports.Settlement) {
				if settlement.Outcome == ports.HandedOff && settlement.RetryIn > 0 {
					w.memo.put("yes", "waits", settlement.Ref)
				}
			})(w)
			takes(func(w *wrongSource, request ports.TakeRequest, result *ports.TakeResult) {
				if w.memo.get("waits", request.Ref) != "" {
					result.Err = ports.ErrNotYet
				}
			})(w)
		},
	}, {
		mistake: "a hand-off that was settled once is a success for ever",
		where:   "StreamSource.Settle",
		text:    "An assignment that is gone already is a success, and so is the same settlement again until the assignment is taken anew",
		make: settles(func(w *wrongSource, settlement ports.Settlement, result *ports.SettleResult) {
			if settlement.Outcome != ports.HandedOff {
				return
			}
			if result.Err == nil {
				w.memo.put("yes", settlement.Ref, settlement.Token)
			}
			if w.memo.get(settlement.Ref, settlement.Token) != "" {
				result.Err, result.Remembered = nil, 0
			}
		}),
	}, {
		mistake: "a retry time lies an hour away at most",
		where:   "StreamSource.Settle",
		text:    "Failed gives it back, counts a failure and sets the retry time",
		make: ends(func(_ *wrongSource, settlement *ports.Settlement) {
			settlement.RetryIn = min(settlement.RetryIn, time.Hour)
		}),
	}, {
		mistake: "what is settled already takes any further outcome for the same again",
		where:   "StreamSource.Settle",
		text:    "another outcome for a tenure that is settled is ErrDisowned.",
		make: settles(func(_ *wrongSource, settlement ports.Settlement, result *ports.SettleResult) {
			if errors.Is(result.Err, ports.ErrDisowned) && result.Remembered == settlement.Token {
				result.Err = nil
			}
		}),
	}, {
		mistake: "what is done while it was never delivered is given back",
		where:   "StreamSource.Settle",
		text:    "Done removes the assignment for good",
		make: ends(func(w *wrongSource, settlement *ports.Settlement) {
			if settlement.Outcome == ports.Done && settlement.Ref.Name == "undelivered" {
				settlement.Outcome = ports.HandedOff
			}
		}),
	}, {
		mistake: "a hand-off counts as a failure",
		where:   "StreamSource.Settle",
		text:    "HandedOff gives it back",
		make: ends(func(_ *wrongSource, settlement *ports.Settlement) {
			if settlement.Outcome == ports.HandedOff {
				settlement.Outcome = ports.Failed
			}
		}),
	}, {
		mistake: "a failure is given back and not counted",
		where:   "StreamSource.Settle",
		text:    "Failed gives it back, counts a failure and sets the retry time",
		make: ends(func(_ *wrongSource, settlement *ports.Settlement) {
			if settlement.Outcome == ports.Failed {
				settlement.Outcome = ports.HandedOff
			}
		}),
	}, {
		mistake: "the reason of what is quarantined is not kept",
		where:   "StreamSource.Settle",
		text:    "Quarantined moves it to the quarantine with its reason, counts and last endings.",
		make: ends(func(_ *wrongSource, settlement *ports.Settlement) {
			if settlement.Outcome == ports.Quarantined {
				settlement.Reason = "quarantined"
			}
		}),
	}, {
		mistake: "a reason that is too long is replaced",
		where:   "Settlement.Reason",
		text:    "at most MaxReasonBytes of it are kept.",
		make: ends(func(_ *wrongSource, settlement *ports.Settlement) {
			if len(settlement.Reason) > ports.MaxReasonBytes {
				settlement.Reason = "too long"
			}
		}),
	}, {
		mistake: "Settle is refused when there is no memory",
		where:   "StreamSource.Settle",
		text:    "The source stays able to settle when it is out of memory for new work.",
		make: func(w *wrongSource) {
			w.settle = func(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
				if err := w.refused(true); err != nil {
					return nil, err
				}
				return w.right.Settle(ctx, member, settlements)
			}
		},
	},
}
