package conformance

import (
	"context"
	"slices"

	"github.com/streamlease/streamlease/ports"
)

// sweeps changes what Sweep answers.
func sweeps(change func(w *wrongSource, page *ports.SweepPage)) func(*wrongSource) {
	return func(w *wrongSource) {
		w.sweep = func(ctx context.Context, member ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
			page, err := w.right.Sweep(ctx, member, request)
			change(w, &page)
			return page, err
		}
	}
}

// sweepRequests changes what is asked of Sweep.
func sweepRequests(change func(request *ports.SweepRequest)) func(*wrongSource) {
	return func(w *wrongSource) {
		w.sweep = func(ctx context.Context, member ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
			change(&request)
			return w.right.Sweep(ctx, member, request)
		}
	}
}

var wrongSweeps = []sourceMistake{
	{
		mistake: "what was given back comes up in the round only",
		where:   "StreamSource.Sweep",
		text:    "Sweep answers first what was given back and is due",
		make:    sweeps(func(_ *wrongSource, page *ports.SweepPage) { page.Due = nil }),
	}, {
		mistake: "what is due is answered once",
		where:   "StreamSource.Sweep",
		text:    "it stays due until it is taken",
		make: sweeps(func(w *wrongSource, page *ports.SweepPage) {
			page.Due = slices.DeleteFunc(page.Due, func(swept ports.Swept) bool {
				return w.memo.count(swept.Assignment.Ref, swept.Token) > 0
			})
		}),
	}, {
		mistake: "what became due last comes first",
		where:   "SweepPage.Due",
		text:    "Due was given back and may be taken now, oldest first.",
		make:    sweeps(func(_ *wrongSource, page *ports.SweepPage) { slices.Reverse(page.Due) }),
	}, {
		mistake: "Sweep never says that there is more",
		where:   "SweepPage.More",
		text:    "there was more that is due than fitted in; ask again at once.",
		make:    sweeps(func(_ *wrongSource, page *ports.SweepPage) { page.More = false }),
	}, {
		mistake: "what is due fits in as often as it likes",
		where:   "StreamSource.Sweep",
		text:    "The limit bounds each of the two lists.",
		make:    sweepRequests(func(request *ports.SweepRequest) { request.Limit++ }),
	}, {
		mistake: "what is due leaves the rest of the limit to the round",
		where:   "StreamSource.Sweep",
		text:    "The limit bounds each of the two lists.",
		make: func(w *wrongSource) {
			w.sweep = func(ctx context.Context, member ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
				page, err := w.right.Sweep(ctx, member, request)
				page.Round = page.Round[:min(len(page.Round), request.Limit-len(page.Due))]
				return page, err
			}
		},
	}, {
		mistake: "what is not due yet has no time left",
		where:   "Swept.RetryIn",
		text:    "RetryIn is what is left until the retry time; 0: it is due.",
		make: sweeps(func(_ *wrongSource, page *ports.SweepPage) {
			for i := range page.Round {
				page.Round[i].RetryIn = 0
			}
		}),
	}, {
		mistake: "nobody is the taker of what was given back",
		where:   "Swept.Taker",
		text:    "Taker is the incarnation that took it with Token.",
		make: sweeps(func(_ *wrongSource, page *ports.SweepPage) {
			for i := range page.Due {
				page.Due[i].Taker = ""
			}
		}),
	}, {
		mistake: "what was taken and given back before it was delivered is due",
		where:   "StreamSource.Sweep",
		text:    "never an undelivered assignment.",
		make: func(w *wrongSource) {
			settles(func(w *wrongSource, settlement ports.Settlement, _ *ports.SettleResult) {
				if settlement.Outcome == ports.HandedOff && w.memo.get("delivered", settlement.Ref) == "" {
					w.memo.mu.Lock()
					w.memo.last = append(w.memo.last, ports.Assignment{Ref: settlement.Ref})
					w.memo.mu.Unlock()
				}
			})(w)
			fetches(func(w *wrongSource, _ int, fetched *ports.Fetched) {
				for _, assignment := range fetched.Assignments {
					w.memo.put("yes", "delivered", assignment.Ref)
				}
			})(w)
			sweeps(func(w *wrongSource, page *ports.SweepPage) {
				w.memo.mu.Lock()
				defer w.memo.mu.Unlock()
				for _, assignment := range w.memo.last {
					page.Due = append(page.Due, ports.Swept{Assignment: assignment, Token: 1, Settled: true})
				}
			})(w)
		},
	}, {
		mistake: "the age is answered in another unit",
		where:   "Swept.Age",
		text:    "Age is the time since the assignment was delivered, taken or given back, whichever was last.",
		make: sweeps(func(_ *wrongSource, page *ports.SweepPage) {
			for i := range page.Round {
				page.Round[i].Age *= 1000
			}
		}),
	},
}

var wrongRounds = []sourceMistake{
	{
		mistake: "a round goes over what was taken only",
		where:   "StreamSource.Sweep",
		text:    "then the next page of a round over everything that was delivered and not settled, whatever became of its delivery",
		make: sweeps(func(_ *wrongSource, page *ports.SweepPage) {
			page.Round = slices.DeleteFunc(page.Round, func(swept ports.Swept) bool { return swept.Token == 0 })
		}),
	}, {
		mistake: "each page of a round is handed out twice",
		where:   "StreamSource.Sweep",
		text:    "each page goes to one member",
		make: func(w *wrongSource) {
			w.sweep = func(ctx context.Context, member ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
				w.memo.mu.Lock()
				defer w.memo.mu.Unlock()
				w.memo.seen["sweeps"]++
				if w.memo.seen["sweeps"]%2 == 0 {
					return w.memo.page, nil
				}
				page, err := w.right.Sweep(ctx, member, request)
				w.memo.page = page
				return page, err
			}
		},
	}, {
		mistake: "rounds begin as soon as the one before has ended",
		where:   "StreamSource.Sweep",
		text:    "at the pace and not before the interval that the request names.",
		make:    sweepRequests(func(request *ports.SweepRequest) { request.Interval = 0 }),
	}, {
		mistake: "what was handed out once is not handed out again",
		where:   "StreamSource.Sweep",
		text:    "A page that was handed out and lost comes again in the next round.",
		make: sweeps(func(w *wrongSource, page *ports.SweepPage) {
			page.Round = slices.DeleteFunc(page.Round, func(swept ports.Swept) bool {
				return w.memo.count(swept.Assignment.Ref, swept.Token) > 0
			})
		}),
	}, {
		mistake: "the size of a round is that of its page",
		where:   "SweepPage.RoundNumber",
		text:    "RoundNumber grows by one with each round; RoundSize is how many entries the last complete round went through.",
		make:    sweeps(func(_ *wrongSource, page *ports.SweepPage) { page.RoundSize = int64(len(page.Round)) }),
	},
}
