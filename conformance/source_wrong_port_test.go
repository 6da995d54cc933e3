package conformance

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/streamlease/streamlease/ports"
)

// announcements changes what is announced.
func announcements(change func(assignment *ports.Assignment)) func(*wrongSource) {
	return func(w *wrongSource) {
		w.announce = func(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
			assignments = slices.Clone(assignments)
			for i := range assignments {
				change(&assignments[i])
			}
			return w.right.Announce(ctx, assignments)
		}
	}
}

var wrongAnnouncers = []sourceMistake{
	{
		mistake: "Announce adds the last of a batch first",
		where:   "Announcer.Announce",
		text:    "Announce adds the assignments, which need no MessageID, in order.",
		make: func(w *wrongSource) {
			w.announce = func(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
				assignments = slices.Clone(assignments)
				slices.Reverse(assignments)
				results, err := w.right.Announce(ctx, assignments)
				slices.Reverse(results)
				return results, err
			}
		},
	}, {
		mistake: "bytes of a name that are no UTF-8 are replaced",
		where:   "Announcer.Announce",
		text:    "A name or info that breaks the rules is ErrInvalid and adds nothing.",
		make: announcements(func(assignment *ports.Assignment) {
			assignment.Ref.Name = strings.ToValidUTF8(assignment.Ref.Name, "\ufffd")
		}),
	}, {
		mistake: "an info of more than 32 KiB is too large",
		where:   "AnnounceResult.Ref",
		text:    "Ref is the new assignment, when Err is nil.",
		make: func(w *wrongSource) {
			w.announce = func(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
				results, err := w.right.Announce(ctx, assignments)
				for i := range results {
					if len(assignments[i].Info) > 32<<10 {
						results[i].Err = ports.ErrInvalid
					}
				}
				return results, err
			}
		},
	}, {
		mistake: "Announce answers one ref for all of a name",
		where:   "AnnounceResult.Ref",
		text:    "Ref is the new assignment, when Err is nil.",
		make: func(w *wrongSource) {
			w.announce = func(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
				results, err := w.right.Announce(ctx, assignments)
				byName := map[string]ports.StreamRef{}
				for i, result := range results {
					if first, known := byName[result.Ref.Name]; known {
						results[i].Ref = first
					}
					byName[result.Ref.Name] = results[i].Ref
				}
				return results, err
			}
		},
	},
}

var wrongManners = []sourceMistake{
	{
		mistake: "a batch of more than a thousand answers its pages in the wrong order",
		where:   "ports",
		text:    "Batch in, one result for each item in the same order, an error in each result.",
		make: func(w *wrongSource) {
			w.take = func(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
				results, err := w.right.Take(ctx, member, requests)
				if len(results) > 1000 {
					results = append(slices.Clone(results[1000:]), results[:1000]...)
				}
				return results, err
			}
		},
	}, {
		mistake: "white space around a name is cut",
		where:   "ports",
		text:    "Names are any valid UTF-8 of at most 64 KiB: colons, NUL, newlines and glob characters included.",
		make: announcements(func(assignment *ports.Assignment) {
			assignment.Ref.Name = strings.TrimSpace(assignment.Ref.Name)
		}),
	}, {
		mistake: "what the server refuses is any error",
		where:   "ports",
		text:    "ErrRefused (a definite no: nothing was done;",
		make:    func(w *wrongSource) { w.refusal = errors.New("NOPERM this user has no permissions") },
	}, {
		mistake: "a connection that breaks counts as a refusal",
		where:   "ports",
		text:    "or anything else: then the outcome of each item is unknown",
		make:    func(w *wrongSource) { w.cut = &ports.RefusedError{Cause: errors.New("connection reset by peer")} },
	}, {
		mistake: "the client library repeats a command whose reply was lost",
		where:   "ports",
		text:    "a command that a client library repeats by itself after a lost reply breaks the contract.",
		make:    func(w *wrongSource) { w.repeats = true },
	}, {
		mistake: "a call that is not answered ends as if nothing was there",
		where:   "ports",
		text:    "Every call comes with a ctx that has a deadline, and ends by it.",
		make:    func(w *wrongSource) { w.hasty = true },
	}, {
		mistake: "a Take that comes too late tries again with a higher token",
		where:   "ports",
		text:    "a call that was given up may still be under way when the next one comes.",
		make: func(w *wrongSource) {
			w.take = func(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
				results, err := w.right.Take(ctx, member, requests)
				for i, result := range results {
					if errors.Is(result.Err, ports.ErrDisowned) {
						again, _ := w.right.Take(ctx, member, []ports.TakeRequest{{Ref: requests[i].Ref, Token: result.Remembered + 1}})
						results[i] = again[0]
					}
				}
				return results, err
			}
		},
	},
}
