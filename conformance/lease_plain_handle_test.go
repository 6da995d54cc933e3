package conformance

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// plainHandle is the way to a plain store: what goes wrong between the two, and
// the mistakes of those who translate.
type plainHandle struct {
	store *plainLeases

	mu     sync.Mutex
	mishap Mishap
	cache  map[string]ports.InspectResult
	asked  int
	// counter is what countsInEachHandle counts with.
	counter ports.Token
}

var errCut = errors.New("the connection was cut")

// send has a call executed. Its error leaves the outcome unknown, or is a
// refusal.
func (h *plainHandle) send(ctx context.Context, execute func()) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	locked := func() {
		h.store.mu.Lock()
		defer h.store.mu.Unlock()
		if h.store.realTime {
			h.store.now = time.Now()
		}
		if h.store.has(countsInEachHandle) {
			h.store.counter = h.counter
			defer func() { h.counter = h.store.counter }()
		}
		execute()
	}
	<-time.After(h.store.delay / 2)
	defer func() { <-time.After(h.store.delay / 2) }()
	h.mu.Lock()
	mishap := h.mishap
	h.mishap = 0
	h.mu.Unlock()
	if mishap != 0 {
		return h.meets(ctx, mishap, locked)
	}
	if h.store.isRefusing() {
		if h.store.has(doesWhatIsRefused) {
			locked()
		}
		if h.store.has(refusalsAreUnknown) {
			return errors.New("no")
		}
		return refusal("it was told to")
	}
	locked()
	return nil
}

func (h *plainHandle) meets(ctx context.Context, mishap Mishap, execute func()) error {
	switch mishap {
	case ReplyLost:
		execute()
		if h.store.has(repeatsAfterACut) {
			execute()
			return nil
		}
	case ExecutedLate:
		h.store.hold(execute)
	}
	if mishap == ExecutedLate || mishap == Silence {
		<-ctx.Done()
	}
	if h.store.has(takesUnknownForNo) {
		return refusal("cut")
	}
	return errCut
}

func (s *plainLeases) isRefusing() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.refuses
}

func (s *plainLeases) hold(execute func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.late = append(s.late, execute)
}

func (h *plainHandle) Shape() ports.GrantShape {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.asked++
	if h.store.has(changesItsShape) && h.asked > 1 {
		return ports.GrantPerMember + ports.GrantPerLease - h.store.shape
	}
	return h.store.shape
}

func (h *plainHandle) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) (results []ports.AcquireResult, err error) {
	if h.store.has(answersInOrderOfNames) {
		requests = sorted(requests, func(r ports.AcquireRequest) string { return r.Ref.Name })
	}
	err = h.send(ctx, func() {
		for i, request := range requests {
			if i >= 1000 && h.store.has(cutsHugeBatches) {
				results = append(results, ports.AcquireResult{Err: expiredGrant(request.Grant)})
				continue
			}
			results = append(results, h.store.acquire(member, request, ttl))
		}
		if last := len(results) - 1; h.store.has(answersTheLastTally) && last >= 0 {
			for i := range results {
				results[i].Tally = results[last].Tally
			}
		}
	})
	return results, err
}

func (h *plainHandle) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) (results []ports.RenewResult, err error) {
	err = h.send(ctx, func() {
		for _, grant := range grants {
			results = append(results, h.store.renew(grant, ttl))
		}
		for i, result := range results {
			if h.store.has(oneDeadGrantFailsAll) && result.Err != nil {
				results[0].Err = result.Err
			}
			if h.store.has(renewAnswersOneTally) {
				results[i].Tally = results[0].Tally
			}
		}
	})
	if err != nil && h.store.has(outstaysItsCtx) {
		<-time.After(1200 * time.Millisecond)
	}
	return results, err
}

func (h *plainHandle) Leases(ctx context.Context, grant ports.GrantID, cursor string, limit int) (page ports.LeasePage, err error) {
	sent := h.send(ctx, func() { page, err = h.store.page(grant, cursor, limit) })
	return page, errors.Join(sent, err)
}

func (h *plainHandle) Release(ctx context.Context, requests []ports.ReleaseRequest) (results []ports.ReleaseResult, err error) {
	err = h.send(ctx, func() {
		for i, request := range requests {
			if i > 0 && h.store.has(releasesOne) {
				results = append(results, ports.ReleaseResult{})
				continue
			}
			if i > 0 && h.store.has(endsOneGrantOfACall) && requests[0].EndGrant {
				request.EndGrant = false
			}
			results = append(results, h.store.release(request))
		}
	})
	return results, err
}

func (h *plainHandle) Inspect(ctx context.Context, names []string) (results []ports.InspectResult, err error) {
	err = h.send(ctx, func() {
		for _, name := range names {
			cached, known := h.cache[name]
			if !known || !h.store.has(cachesInspections) {
				cached = h.store.inspect(name)
				h.cache[name] = cached
			}
			if h.store.has(looksOnceForEachName) && slices.Contains(names[:len(results)], name) {
				cached = ports.InspectResult{}
			}
			results = append(results, cached)
		}
	})
	return results, err
}
