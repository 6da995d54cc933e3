package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// leaseHandle makes the calls of one handle, and writes them into the journal.
// An error for a whole call becomes that of each of its items, as it does in
// the client. Its methods may be called concurrently.
type leaseHandle struct {
	bench *leaseBench
	port  ports.LeaseStore
	name  string
}

func (h *leaseHandle) acquire(member ports.Member, ttl time.Duration, requests ...ports.AcquireRequest) (results []ports.AcquireResult, when span) {
	what := fmt.Sprintf("%s: Acquire(%s, ttl %v, %s)", h.name, member.Incarnation, ttl, listed(requests, h.bench.requestText))
	when = h.bench.call(h.bench.pace, what, func(ctx context.Context) string {
		var err error
		results, err = h.port.Acquire(ctx, member, requests, ttl)
		results = spread(results, err, len(requests), func(err error) ports.AcquireResult { return ports.AcquireResult{Err: err} })
		return listed(results, h.bench.acquiredText)
	})
	h.bench.sameNumber("Acquire", len(requests), len(results))
	return results, when
}

func (h *leaseHandle) renew(ttl time.Duration, grants ...ports.GrantID) (results []ports.RenewResult, when span) {
	what := fmt.Sprintf("%s: Renew(%s, ttl %v)", h.name, listed(grants, h.bench.labels.of), ttl)
	when = h.bench.call(h.bench.pace, what, func(ctx context.Context) string {
		var err error
		results, err = h.port.Renew(ctx, grants, ttl)
		results = spread(results, err, len(grants), func(err error) ports.RenewResult { return ports.RenewResult{Err: err} })
		return listed(results, renewedText)
	})
	h.bench.sameNumber("Renew", len(grants), len(results))
	return results, when
}

func (h *leaseHandle) release(requests ...ports.ReleaseRequest) (results []ports.ReleaseResult, when span) {
	what := fmt.Sprintf("%s: Release(%s)", h.name, listed(requests, h.bench.releaseText))
	when = h.bench.call(h.bench.pace, what, func(ctx context.Context) string {
		var err error
		results, err = h.port.Release(ctx, requests)
		results = spread(results, err, len(requests), func(err error) ports.ReleaseResult { return ports.ReleaseResult{Err: err} })
		return listed(results, releasedText)
	})
	h.bench.sameNumber("Release", len(requests), len(results))
	return results, when
}

func (h *leaseHandle) inspect(names ...string) (results []ports.InspectResult, when span) {
	what := fmt.Sprintf("%s: Inspect(%s)", h.name, listed(names, shortName))
	when = h.bench.call(h.bench.pace, what, func(ctx context.Context) string {
		var err error
		results, err = h.port.Inspect(ctx, names)
		results = spread(results, err, len(names), func(err error) ports.InspectResult { return ports.InspectResult{Err: err} })
		return listed(results, h.bench.inspectedText)
	})
	h.bench.sameNumber("Inspect", len(names), len(results))
	return results, when
}

func (h *leaseHandle) leases(grant ports.GrantID, cursor string, limit int) (page ports.LeasePage, err error) {
	what := fmt.Sprintf("%s: Leases(%s, cursor %.50q, limit %d)", h.name, h.bench.labels.of(grant), cursor, limit)
	h.bench.call(h.bench.pace, what, func(ctx context.Context) string {
		page, err = h.port.Leases(ctx, grant, cursor, limit)
		if err != nil {
			return err.Error()
		}
		return h.bench.pageText(page)
	})
	return page, err
}

// spread gives each item the error of the whole call.
func spread[R any](results []R, err error, count int, failed func(error) R) []R {
	if err == nil {
		return results
	}
	results = make([]R, count)
	for i := range results {
		results[i] = failed(err)
	}
	return results
}

func (b *leaseBench) sameNumber(call string, asked, answered int) {
	if asked != answered {
		b.stop("%s of %d items answered %d results; there is one for each item, in the same order", call, asked, answered)
	}
}
