package conformance

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// fetches changes what Fetch answers.
func fetches(change func(w *wrongSource, limit int, fetched *ports.Fetched)) func(*wrongSource) {
	return func(w *wrongSource) {
		w.fetch = func(ctx context.Context, member ports.Member, limit int, wait time.Duration) (ports.Fetched, error) {
			fetched, err := w.fetchGood(ctx, member, limit, wait)
			if err == nil {
				change(w, limit, &fetched)
			}
			return fetched, err
		}
	}
}

var wrongFetches = []sourceMistake{
	{
		mistake: "Fetch hands out one more than it was asked for",
		where:   "StreamSource.Fetch",
		text:    "Fetch hands up to max undelivered assignments to member",
		make: func(w *wrongSource) {
			w.fetch = func(ctx context.Context, member ports.Member, limit int, wait time.Duration) (ports.Fetched, error) {
				return w.fetchGood(ctx, member, limit+1, wait)
			}
		},
	}, {
		mistake: "the last that was handed out is handed out once more, to whoever comes next",
		where:   "StreamSource.Fetch",
		text:    "each to one member only",
		make: fetches(func(w *wrongSource, limit int, fetched *ports.Fetched) {
			w.memo.mu.Lock()
			defer w.memo.mu.Unlock()
			last := w.memo.last
			w.memo.last = slices.Clone(fetched.Assignments[max(0, len(fetched.Assignments)-1):])
			if len(fetched.Assignments) < limit && limit < 10 {
				fetched.Assignments = append(fetched.Assignments, last...)
			}
		}),
	}, {
		mistake: "Fetch answers the newest first",
		where:   "StreamSource.Fetch",
		text:    "in the order in which they were announced",
		make:    fetches(func(_ *wrongSource, _ int, fetched *ports.Fetched) { slices.Reverse(fetched.Assignments) }),
	}, {
		mistake: "what Fetch hands out still counts as left",
		where:   "StreamSource.Fetch",
		text:    "and says how many are left.",
		make: fetches(func(_ *wrongSource, _ int, fetched *ports.Fetched) {
			fetched.Left += int64(len(fetched.Assignments))
		}),
	}, {
		mistake: "Fetch does not wait",
		where:   "StreamSource.Fetch",
		text:    "With none there it waits for the first, up to wait",
		make: func(w *wrongSource) {
			w.fetch = func(ctx context.Context, member ports.Member, limit int, _ time.Duration) (ports.Fetched, error) {
				return w.fetchGood(ctx, member, limit, 0)
			}
		},
	}, {
		mistake: "Fetch without a wait fails when nothing is there",
		where:   "StreamSource.Fetch",
		text:    "None is no error.",
		make: func(w *wrongSource) {
			w.fetch = func(ctx context.Context, member ports.Member, limit int, wait time.Duration) (ports.Fetched, error) {
				fetched, err := w.fetchGood(ctx, member, limit, wait)
				if err == nil && wait == 0 && len(fetched.Assignments) == 0 {
					err = errors.New("redis: nil")
				}
				return fetched, err
			}
		},
	}, {
		mistake: "the consumer group is made at the end of the stream",
		where:   "StreamSource.Fetch",
		text:    "Nothing that was announced before the first member started is skipped.",
		make: func(w *wrongSource) {
			if w.memo.get("fetched") == "" {
				_, _ = w.right.Fetch(context.Background(), janitor, 1<<20, 0)
			}
			w.fetch = func(ctx context.Context, member ports.Member, limit int, wait time.Duration) (ports.Fetched, error) {
				w.memo.put("yes", "fetched")
				return w.fetchGood(ctx, member, limit, wait)
			}
		},
	}, {
		mistake: "a wait of 0 is one of ten seconds",
		where:   "StreamSource.Fetch",
		text:    "with a wait of 0 it answers at once.",
		make: func(w *wrongSource) {
			w.fetch = func(ctx context.Context, member ports.Member, limit int, wait time.Duration) (ports.Fetched, error) {
				if wait == 0 {
					wait = 10 * time.Second
				}
				return w.fetchGood(ctx, member, limit, wait)
			}
		},
	}, {
		mistake: "no more than 100 are ever said to be left",
		where:   "StreamSource.Fetch",
		text:    "and says how many are left.",
		make:    fetches(func(_ *wrongSource, _ int, fetched *ports.Fetched) { fetched.Left = min(fetched.Left, 100) }),
	}, {
		mistake: "what comes for a Fetch that was cancelled is acknowledged and forgotten",
		where:   "StreamSource.Fetch",
		text:    "When the outcome is unknown, or ctx was cancelled, whatever was delivered is found by Deliveries.",
		make: func(w *wrongSource) {
			w.fetch = func(ctx context.Context, member ports.Member, limit int, wait time.Duration) (ports.Fetched, error) {
				if wait < 10*time.Second {
					return w.fetchGood(ctx, member, limit, wait)
				}
				fetched, err := w.fetchGood(context.WithoutCancel(ctx), member, limit, wait)
				if ctx.Err() == nil {
					return fetched, err
				}
				for _, assignment := range fetched.Assignments {
					w.bury(assignment.Ref)
				}
				return ports.Fetched{}, ctx.Err()
			}
		},
	}, {
		mistake: "Fetch waits to the end whatever becomes of its ctx",
		where:   "ports",
		text:    "Only Fetch and Watch must also end at once when their ctx is cancelled.",
		make: func(w *wrongSource) {
			w.fetch = func(ctx context.Context, member ports.Member, limit int, wait time.Duration) (ports.Fetched, error) {
				return w.fetchGood(context.WithoutCancel(ctx), member, limit, wait)
			}
		},
	},
}

// pages changes what Deliveries answers.
func pages(change func(w *wrongSource, of ports.Member, page *ports.DeliveryPage)) func(*wrongSource) {
	return func(w *wrongSource) {
		w.deliveries = func(ctx context.Context, of ports.Member, cursor string, limit int) (ports.DeliveryPage, error) {
			page, err := w.right.Deliveries(ctx, of, cursor, limit)
			change(w, of, &page)
			return page, err
		}
	}
}

var wrongDeliveries = []sourceMistake{
	{
		mistake: "Deliveries lists only what was taken",
		where:   "StreamSource.Deliveries",
		text:    "Deliveries pages through what an incarnation was delivered, or has taken by the records, and what is not settled.",
		make: pages(func(_ *wrongSource, _ ports.Member, page *ports.DeliveryPage) {
			page.Deliveries = slices.DeleteFunc(page.Deliveries, func(d ports.Delivery) bool { return !d.Taken })
		}),
	}, {
		mistake: "Deliveries knows nothing of whoever has left",
		where:   "StreamSource.Deliveries",
		text:    "It may be the caller's own, or that of a member that has left the fleet.",
		make: func(w *wrongSource) {
			w.heartbeat = func(ctx context.Context, beat ports.Beat) (ports.Fleet, error) {
				w.memo.put(strconv.FormatBool(beat.Leaving), beat.Member)
				return w.right.Heartbeat(ctx, beat)
			}
			pages(func(w *wrongSource, of ports.Member, page *ports.DeliveryPage) {
				if w.memo.get(of) == "true" {
					*page = ports.DeliveryPage{}
				}
			})(w)
		},
	}, {
		mistake: "Deliveries understands only the cursors that it gave out",
		where:   "StreamSource.Deliveries",
		text:    "or the message ID of a delivery: then the page begins after it, in the order of announcement.",
		make: func(w *wrongSource) {
			w.deliveries = func(ctx context.Context, of ports.Member, cursor string, limit int) (ports.DeliveryPage, error) {
				page, err := w.right.Deliveries(ctx, of, strings.TrimPrefix(cursor, "next:"), limit)
				if cursor != "" && !strings.HasPrefix(cursor, "next:") {
					page, err = w.right.Deliveries(ctx, of, "", limit)
				}
				if page.Next != "" {
					page.Next = "next:" + page.Next
				}
				return page, err
			}
		},
	}, {
		mistake: "the cursor is how many were listed",
		where:   "StreamSource.Deliveries",
		text:    "What changes while one pages may be listed or not; all else is listed once.",
		make: func(w *wrongSource) {
			w.deliveries = func(ctx context.Context, of ports.Member, cursor string, limit int) (ports.DeliveryPage, error) {
				if strings.Contains(cursor, "-") {
					return w.right.Deliveries(ctx, of, cursor, limit)
				}
				page, err := w.right.Deliveries(ctx, of, "", 1<<20)
				from, _ := strconv.Atoi(cursor)
				page.Deliveries = page.Deliveries[min(from, len(page.Deliveries)):]
				if len(page.Deliveries) > limit {
					page.Deliveries, page.Next = page.Deliveries[:limit], strconv.Itoa(from+limit)
				}
				return page, err
			}
		},
	}, {
		mistake: "Deliveries answers no change number",
		where:   "DeliveryPage.Taken",
		text:    "Taken is the incarnation's tally at the instant the page was read, or an earlier one of the same call.",
		make:    pages(func(_ *wrongSource, _ ports.Member, page *ports.DeliveryPage) { page.Taken.Change = 0 }),
	},
}
