package conformance

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// takes changes what Take answers.
func takes(change func(w *wrongSource, request ports.TakeRequest, result *ports.TakeResult)) func(*wrongSource) {
	return func(w *wrongSource) {
		w.take = func(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
			results, err := w.right.Take(ctx, member, requests)
			for i := range results {
				change(w, requests[i], &results[i])
			}
			return results, err
		}
	}
}

// asks changes what is asked of Take.
func asks(change func(w *wrongSource, request *ports.TakeRequest)) func(*wrongSource) {
	return func(w *wrongSource) {
		w.take = func(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
			requests = slices.Clone(requests)
			for i := range requests {
				change(w, &requests[i])
			}
			return w.right.Take(ctx, member, requests)
		}
	}
}

var wrongTakes = []sourceMistake{
	{
		mistake: "tokens are compared as numbers with a fraction, which lose digits",
		where:   "StreamSource.Take",
		text:    "Take records a tenure for each request, if no higher token ever took the assignment",
		make: asks(func(_ *wrongSource, request *ports.TakeRequest) {
			if request.Token >= 1<<53 {
				request.Token &^= 1<<10 - 1
			}
		}),
	}, {
		mistake: "the record remembers the taker by its ID",
		where:   "StreamSource.Take",
		text:    "the record remembers the token and the member's incarnation",
		make: sweeps(func(_ *wrongSource, page *ports.SweepPage) {
			for i := range page.Round {
				page.Round[i].Taker = page.Round[i].Taker[:max(0, len(page.Round[i].Taker)-2)]
			}
		}),
	}, {
		mistake: "the same Take again is too late",
		where:   "StreamSource.Take",
		text:    "The same token from the same incarnation is a success until it is settled (so Take is idempotent)",
		make: takes(func(_ *wrongSource, request ports.TakeRequest, result *ports.TakeResult) {
			if result.Err == nil && !result.Changed {
				*result = ports.TakeResult{Err: ports.ErrDisowned, Remembered: request.Token, Taken: result.Taken}
			}
		}),
	}, {
		mistake: "Take says that it came too late, and not after which token",
		where:   "StreamSource.Take",
		text:    "from another incarnation, or lower, or settled, it is ErrDisowned with the remembered token",
		make:    takes(func(_ *wrongSource, _ ports.TakeRequest, result *ports.TakeResult) { result.Remembered = 0 }),
	}, {
		mistake: "what is done is taken for lost",
		where:   "StreamSource.Take",
		text:    "An assignment that is gone is ErrDone.",
		make: takes(func(_ *wrongSource, _ ports.TakeRequest, result *ports.TakeResult) {
			if errors.Is(result.Err, ports.ErrDone) {
				result.Err = ports.ErrLost
			}
		}),
	}, {
		mistake: "what was trimmed is taken for done",
		where:   "StreamSource.Take",
		text:    "One whose entry was trimmed while it was pending is ErrLost, and its record goes to the quarantine",
		make: takes(func(_ *wrongSource, _ ports.TakeRequest, result *ports.TakeResult) {
			if errors.Is(result.Err, ports.ErrLost) {
				result.Err = ports.ErrDone
			}
		}),
	}, {
		mistake: "the retry time is rounded down to whole seconds",
		where:   "StreamSource.Take",
		text:    "One whose retry time has not come is ErrNotYet.",
		make: ends(func(_ *wrongSource, settlement *ports.Settlement) {
			settlement.RetryIn = settlement.RetryIn.Truncate(time.Second)
		}),
	}, {
		mistake: "RetryIn is the whole time, however much of it has passed",
		where:   "StreamSource.Take",
		text:    "One whose retry time has not come is ErrNotYet.",
		make: func(w *wrongSource) {
			ends(func(w *wrongSource, settlement *ports.Settlement) {
				w.memo.put(settlement.RetryIn.String(), "retry", settlement.Ref)
			})(w)
			takes(func(w *wrongSource, request ports.TakeRequest, result *ports.TakeResult) {
				if errors.Is(result.Err, ports.ErrNotYet) {
					result.RetryIn, _ = time.ParseDuration(w.memo.get("retry", request.Ref))
				}
			})(w)
		},
	}, {
		mistake: "the message ID alone says which assignment is taken",
		where:   "StreamSource.Take",
		text:    "So is a ref that has the message ID of an assignment and another name.",
		make: func(w *wrongSource) {
			fetches(func(w *wrongSource, _ int, fetched *ports.Fetched) {
				for _, assignment := range fetched.Assignments {
					w.memo.put(assignment.Ref.Name, "name", assignment.Ref.MessageID)
				}
			})(w)
			asks(func(w *wrongSource, request *ports.TakeRequest) {
				if name := w.memo.get("name", request.Ref.MessageID); name != "" {
					request.Ref.Name = name
				}
			})(w)
		},
	}, {
		mistake: "what was taken before it was delivered is never delivered",
		where:   "StreamSource.Take",
		text:    "Take does not ask whether the assignment was delivered. One that was not stays Fetch's, and is delivered later if it is still there.",
		make: fetches(func(w *wrongSource, _ int, fetched *ports.Fetched) {
			fetched.Assignments = slices.DeleteFunc(fetched.Assignments, func(a ports.Assignment) bool { return w.remembered(a.Ref) > 0 })
		}),
	}, {
		mistake: "a Take that repeats an earlier one answers no info",
		where:   "TakeResult.Assignment",
		text:    "Assignment is what was taken, when Err is nil.",
		make: takes(func(_ *wrongSource, _ ports.TakeRequest, result *ports.TakeResult) {
			if !result.Changed {
				result.Assignment.Info = nil
			}
		}),
	},
}

var wrongCrashes = []sourceMistake{
	{
		mistake: "whoever lost the stream counts as crashed at once",
		where:   "StreamSource.Take",
		text:    "A Take that follows a tenure without a settlement notes the earlier taker, if it is another incarnation, as a suspect.",
		make: func(w *wrongSource) {
			w.take = func(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
				results, err := w.right.Take(ctx, member, requests)
				for i, result := range results {
					if owner := w.memo.get("owner", requests[i].Ref); result.Changed && owner != "" {
						results[i].Crashes++
					}
					if result.Err == nil {
						w.memo.put(member.Incarnation, "owner", requests[i].Ref)
					}
				}
				return results, err
			}
			settles(func(w *wrongSource, settlement ports.Settlement, result *ports.SettleResult) {
				if result.Err == nil {
					w.memo.put("", "owner", settlement.Ref)
				}
			})(w)
		},
	}, {
		mistake: "a settlement that comes too late is refused without a look at the suspicion",
		where:   "StreamSource.Take",
		text:    "The suspect's own late settlement (ErrDisowned) clears it: it lived.",
		make: func(w *wrongSource) {
			w.settle = func(ctx context.Context, member ports.Member, settlements []ports.Settlement) ([]ports.SettleResult, error) {
				if len(settlements) != 1 || w.remembered(settlements[0].Ref) <= settlements[0].Token {
					return w.right.Settle(ctx, member, settlements)
				}
				page, _ := w.right.Deliveries(ctx, member, "", 1)
				return []ports.SettleResult{{Err: ports.ErrDisowned, Remembered: w.remembered(settlements[0].Ref), Taken: page.Taken}}, nil
			}
		},
	}, {
		mistake: "crashes are not counted",
		where:   "StreamSource.Take",
		text:    "A suspicion that still stands at the next Take or Settle of the assignment counts as one crash.",
		make:    takes(func(_ *wrongSource, _ ports.TakeRequest, result *ports.TakeResult) { result.Crashes = 0 }),
	}, {
		mistake: "a stable tenure forgives only when it was settled",
		where:   "StreamSource.Take",
		text:    "A tenure that lasted StableAfter or longer sets failures and crashes to zero when it ends",
		make:    asks(func(_ *wrongSource, request *ports.TakeRequest) { request.StableAfter = 0 }),
	}, {
		mistake: "with StableAfter 0 every tenure is stable",
		where:   "StreamSource.Take",
		text:    "StableAfter 0: none does.",
		make: ends(func(_ *wrongSource, settlement *ports.Settlement) {
			settlement.StableAfter = max(settlement.StableAfter, 1)
		}),
	},
}
