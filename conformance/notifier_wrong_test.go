package conformance

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// notifierMistake is a line that is wrong in an otherwise right notifier.
type notifierMistake struct {
	mistake     string
	where, text string // the sentence that it breaks
	shape       ports.GrantShape
	make        func(*wrongNotifier)
}

// wrongNotifiers are all of them, as wrong adapters.
func wrongNotifiers() (all []wrongAdapter) {
	for _, wrong := range slices.Concat(wrongWatches, wrongExpiries, wrongPublishers) {
		if wrong.shape == 0 {
			wrong.shape = ports.GrantPerMember
		}
		all = append(all, wrongAdapter{
			mistake: wrong.mistake,
			breaks:  Sentence{Where: wrong.where, Text: wrong.text},
			suite:   expiryNotifierSuite(toyNotifiers{shape: wrong.shape, mistake: wrong.make, within: time.Second}),
		})
	}
	return all
}

// delivers changes what deliver is called with; nothing is left: it is not.
func delivers(change func(w *wrongNotifier, hints []ports.Hint) []ports.Hint) func(*wrongNotifier) {
	return func(w *wrongNotifier) {
		w.watch = func(ctx context.Context, deliver func([]ports.Hint)) error {
			return w.rightWatch(ctx, func(hints []ports.Hint) {
				if hints = change(w, slices.Clone(hints)); len(hints) > 0 {
					deliver(hints)
				}
			})
		}
	}
}

// afterFirstGap leaves out what is after the first gap of each Watch.
func afterFirstGap(leavesOut func(place int, hint ports.Hint) bool) func(*wrongNotifier) {
	return func(w *wrongNotifier) {
		w.watch = func(ctx context.Context, deliver func([]ports.Hint)) error {
			gaps := 0
			return w.rightWatch(ctx, func(hints []ports.Hint) {
				kept := slices.DeleteFunc(slices.Clone(hints), func(hint ports.Hint) bool {
					if !isGap(hint) {
						return false
					}
					gaps++
					return leavesOut(gaps, hint)
				})
				if len(kept) > 0 {
					deliver(kept)
				}
			})
		}
	}
}

var wrongWatches = []notifierMistake{
	{
		mistake: "Watch returns the error of its ctx",
		where:   "ExpiryNotifier.Watch",
		text:    "Watch calls deliver with hints until ctx ends, and then returns nil.",
		make: func(w *wrongNotifier) {
			w.watch = func(ctx context.Context, deliver func([]ports.Hint)) error {
				return errors.Join(w.rightWatch(ctx, deliver), ctx.Err())
			}
		},
	}, {
		mistake: "Watch ends with its connection",
		where:   "ExpiryNotifier.Watch",
		text:    "It reconnects by itself, without end",
		make:    func(w *wrongNotifier) { w.giveUp = true },
	}, {
		mistake: "Watch begins without a gap",
		where:   "ExpiryNotifier.Watch",
		text:    "sends a HintGap whenever hints may have been missed: after the first connect",
		make:    afterFirstGap(func(place int, _ ports.Hint) bool { return place == 1 }),
	}, {
		mistake: "Watch reconnects without a word",
		where:   "ExpiryNotifier.Watch",
		text:    "after every reconnect",
		make:    afterFirstGap(func(place int, _ ports.Hint) bool { return place > 1 }),
	}, {
		mistake: "Watch gives up with any error when it is refused",
		where:   "ExpiryNotifier.Watch",
		text:    "It returns an error only for what trying again does not mend (ErrRefused).",
		make:    func(w *wrongNotifier) { w.refusal = errors.New("NOPERM this user has no permissions") },
	}, {
		mistake: "each delivery has a goroutine of its own",
		where:   "ExpiryNotifier.Watch",
		text:    "deliver is called by one goroutine at a time",
		make: func(w *wrongNotifier) {
			w.watch = func(ctx context.Context, deliver func([]ports.Hint)) error {
				var deliveries sync.WaitGroup
				defer deliveries.Wait()
				return w.rightWatch(ctx, func(hints []ports.Hint) {
					deliveries.Go(func() { deliver(hints) })
				})
			}
		},
	}, {
		mistake: "all who watch are told under one lock",
		where:   "ExpiryNotifier.Watch",
		text:    "and may block;",
		make: func(w *wrongNotifier) {
			w.watch = func(ctx context.Context, deliver func([]ports.Hint)) error {
				return w.rightWatch(ctx, func(hints []ports.Hint) {
					w.telling.Lock()
					defer w.telling.Unlock()
					deliver(hints)
				})
			}
		},
	}, {
		mistake: "what piles up beyond a bound is dropped without a word",
		where:   "ExpiryNotifier.Watch",
		text:    "what piles up meanwhile is bounded, and dropping it is a HintGap.",
		make: func(w *wrongNotifier) {
			w.watch = func(ctx context.Context, deliver func([]ports.Hint)) error {
				return w.rightWatch(ctx, func(hints []ports.Hint) {
					if len(hints) > 1000 {
						hints = slices.DeleteFunc(slices.Clone(hints), isGap)[:1000]
					}
					deliver(hints)
				})
			}
		},
	}, {
		mistake: "Watch that has nothing to tell sees late that its ctx has ended",
		where:   "ports",
		text:    "Only Fetch and Watch must also end at once when their ctx is cancelled.",
		make: func(w *wrongNotifier) {
			w.watch = func(ctx context.Context, deliver func([]ports.Hint)) error {
				busy := false
				err := w.rightWatch(ctx, func(hints []ports.Hint) {
					busy = busy || !slices.ContainsFunc(hints, isGap)
					deliver(hints)
				})
				if !busy {
					<-time.After(1200 * time.Millisecond)
				}
				return err
			}
		},
	}, {
		mistake: "a goroutine of Watch waits for a connection that is gone",
		where:   "ports",
		text:    "It does not retry, cache, wait, log or start work in the background beyond what its connection needs",
		make: func(w *wrongNotifier) {
			w.watch = func(ctx context.Context, deliver func([]ports.Hint)) error {
				go func() { <-w.closed }()
				return w.rightWatch(ctx, deliver)
			}
		},
	},
}

var wrongExpiries = []notifierMistake{
	{
		mistake: "only what is published is heard",
		where:   "ExpiryNotifier",
		text:    "ExpiryNotifier brings word of what is probably free.",
		make: delivers(func(_ *wrongNotifier, hints []ports.Hint) []ports.Hint {
			return slices.DeleteFunc(hints, func(hint ports.Hint) bool { return hint.Kind == ports.HintGrant })
		}),
	}, {
		mistake: "of what expires together one is told",
		where:   "ExpiryNotifier",
		text:    "ExpiryNotifier brings word of what is probably free.",
		make: delivers(func(_ *wrongNotifier, hints []ports.Hint) []ports.Hint {
			told := false
			return slices.DeleteFunc(hints, func(hint ports.Hint) bool {
				again := told && hint.Kind == ports.HintGrant
				told = told || hint.Kind == ports.HintGrant
				return again
			})
		}),
	}, {
		mistake: "a lost session is told of lease by lease as well",
		where:   "ExpiryNotifier.Watch",
		text:    "A lost session is one HintGrant, not a hint for each of its leases",
		make: delivers(func(w *wrongNotifier, hints []ports.Hint) []ports.Hint {
			for _, hint := range hints {
				if hint.Kind == ports.HintGrant {
					page, _ := w.right.Leases.Leases(context.Background(), hint.Grant, "", 100)
					for _, lease := range page.Leases {
						hints = append(hints, ports.Hint{Kind: ports.HintRef, Ref: lease.Ref})
					}
				}
			}
			return hints
		}),
	}, {
		mistake: "a lost lease is told of without its message ID",
		where:   "ExpiryNotifier.Watch",
		text:    "a lost single lease is a HintRef.",
		shape:   ports.GrantPerLease,
		make: delivers(func(_ *wrongNotifier, hints []ports.Hint) []ports.Hint {
			for i := range hints {
				if hints[i].Kind == ports.HintRef {
					hints[i] = nameHint(hints[i].Ref.Name)
				}
			}
			return hints
		}),
	},
}

var wrongPublishers = []notifierMistake{
	{
		mistake: "a handle does not hear what it has published itself",
		where:   "ExpiryNotifier.Publish",
		text:    "Publish sends hints to every Watch of the same service, the caller's own included",
		make: func(w *wrongNotifier) {
			var mine sync.Map
			delivers(func(_ *wrongNotifier, hints []ports.Hint) []ports.Hint {
				return slices.DeleteFunc(hints, func(hint ports.Hint) bool { _, own := mine.Load(hint); return own })
			})(w)
			w.publish = func(ctx context.Context, hints []ports.Hint) error {
				for _, hint := range hints {
					mine.Store(hint, true)
				}
				return w.right.Notifier.Publish(ctx, hints)
			}
		},
	}, {
		mistake: "a hint that was told once is not told again",
		where:   "ExpiryNotifier.Publish",
		text:    "Publish sends hints to every Watch of the same service, the caller's own included",
		make: func(w *wrongNotifier) {
			w.watch = func(ctx context.Context, deliver func([]ports.Hint)) error {
				told := map[ports.Hint]bool{}
				return w.rightWatch(ctx, func(hints []ports.Hint) {
					news := slices.DeleteFunc(slices.Clone(hints), func(hint ports.Hint) bool { return told[hint] && !isGap(hint) })
					for _, hint := range news {
						told[hint] = true
					}
					deliver(news)
				})
			}
		},
	}, {
		mistake: "Publish sends 2,000 hints and forgets the rest",
		where:   "ExpiryNotifier.Publish",
		text:    "Publish sends hints to every Watch of the same service, the caller's own included",
		make: func(w *wrongNotifier) {
			w.publish = func(ctx context.Context, hints []ports.Hint) error {
				return w.right.Notifier.Publish(ctx, hints[:min(len(hints), 2000)])
			}
		},
	}, {
		mistake: "a Publish that was refused is taken for sent",
		where:   "ExpiryNotifier.Publish",
		text:    "An error means that some may be lost.",
		make: func(w *wrongNotifier) {
			w.publish = func(ctx context.Context, hints []ports.Hint) error {
				if _, refused := w.connection(ctx); refused != nil {
					return nil
				}
				return w.right.Notifier.Publish(ctx, hints)
			}
		},
	}, {
		mistake: "wishes are passed on as refs that are free",
		where:   "ExpiryNotifier.Publish",
		text:    "as they are.",
		make: delivers(func(_ *wrongNotifier, hints []ports.Hint) []ports.Hint {
			for i := range hints {
				if hints[i].Kind == ports.HintHandOff {
					hints[i].Kind = ports.HintRef
				}
			}
			return hints
		}),
	}, {
		mistake: "all services publish on one channel",
		where:   "Set",
		text:    "Set is the ports of one service.",
		make: func(w *wrongNotifier) {
			w.watch = func(ctx context.Context, deliver func([]ports.Hint)) error {
				oneChannel.join(w.right.Notifier)
				return w.rightWatch(ctx, deliver)
			}
			w.publish = oneChannel.publish
		},
	}, {
		mistake: "Publish does not wait for what becomes of its call",
		where:   "ExpiryNotifier.Publish",
		text:    "An error means that some may be lost.",
		make:    func(w *wrongNotifier) { w.careless = true },
	}, {
		mistake: "Publish that is not answered is taken for sent",
		where:   "ports",
		text:    "Every call comes with a ctx that has a deadline, and ends by it.",
		make:    func(w *wrongNotifier) { w.careless = true },
	},
}

// channel is what all services of a mistake publish on.
type channel struct {
	mu      sync.Mutex
	members map[ports.ExpiryNotifier]bool
}

var oneChannel = &channel{members: map[ports.ExpiryNotifier]bool{}}

func (c *channel) join(notifier ports.ExpiryNotifier) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members[notifier] = true
}

func (c *channel) publish(ctx context.Context, hints []ports.Hint) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for member := range c.members {
		if err := member.Publish(ctx, hints); err != nil {
			return err
		}
	}
	return nil
}
