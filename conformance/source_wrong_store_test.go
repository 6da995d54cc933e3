package conformance

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

var wrongRecords = []sourceMistake{
	{
		mistake: "Take reads the record, and writes it in a second step",
		where:   "StreamSource",
		text:    "Take and Settle are atomic, each for one ref",
		make: func(w *wrongSource) {
			w.take = func(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
				read := make([]ports.Token, len(requests))
				for i, request := range requests {
					read[i] = w.remembered(request.Ref)
				}
				<-time.After(100 * time.Microsecond)
				results, err := w.right.Take(ctx, member, requests)
				for i, request := range requests {
					if errors.Is(results[i].Err, ports.ErrDisowned) && read[i] < request.Token {
						results[i] = ports.TakeResult{Assignment: ports.Assignment{Ref: request.Ref}, Changed: true}
					}
				}
				return results, err
			}
		},
	}, {
		mistake: "what was taken is forgotten with the consumer group",
		where:   "StreamSource",
		text:    "The records live outside of what hands out and survive its loss",
		make: func(w *wrongSource) {
			w.take = func(ctx context.Context, member ports.Member, requests []ports.TakeRequest) ([]ports.TakeResult, error) {
				requests = append([]ports.TakeRequest(nil), requests...)
				for i := range requests {
					if w.is(&w.lostGroup) {
						requests[i].Token += 1 << 60
					}
				}
				return w.right.Take(ctx, member, requests)
			}
		},
	}, {
		mistake: "the consumer group is made when the source is opened, and never again",
		where:   "StreamSource",
		text:    "a group or stream that is missing (flushed, failed over) is made again by the call that needs it.",
		make: func(w *wrongSource) {
			w.fetch = func(ctx context.Context, member ports.Member, limit int, wait time.Duration) (ports.Fetched, error) {
				if w.is(&w.flushed) {
					return ports.Fetched{}, errors.New("NOGROUP No such consumer group")
				}
				return w.fetchGood(ctx, member, limit, wait)
			}
		},
	}, {
		mistake: "all services share one fleet",
		where:   "Set",
		text:    "Set is the ports of one service.",
		make: func(w *wrongSource) {
			w.heartbeat = func(ctx context.Context, beat ports.Beat) (ports.Fleet, error) {
				return sharedFleet().Heartbeat(ctx, beat)
			}
		},
	},
}

var sharedFleet = sync.OnceValue(func() *memory.Source {
	clock := &toyClock{now: time.UnixMilli(1_800_000_000_000)}
	source, _ := memory.NewSource(memory.Config{Now: clock.Now})
	return source
})

var wrongReaders = []sourceMistake{
	{
		mistake: "Fetch fails when it meets an entry that it cannot parse",
		where:   "StreamSource",
		text:    "An entry that is no well-formed assignment is quarantined by the adapter itself when it comes by it, with the reason, and never stops a reader.",
		make: func(w *wrongSource) {
			w.fetch = func(ctx context.Context, member ports.Member, limit int, wait time.Duration) (ports.Fetched, error) {
				fetched, err := w.right.Fetch(ctx, member, limit, wait)
				for _, assignment := range fetched.Assignments {
					if assignment.Ref.Name == poisonName {
						return ports.Fetched{}, errors.New("invalid character '☠' looking for beginning of value")
					}
				}
				return fetched, err
			}
		},
	},
}
