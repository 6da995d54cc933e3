package sim

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/ports"
)

// leaseStore is the lease store that members see: one server, or a quorum.
type leaseStore struct {
	servers []*leaseServer
	reached func(server int) bool
	pages   int // how long a page is at most; 0: as long as is asked for
}

var _ ports.LeaseStore = (*leaseStore)(nil)

var errNoQuorum = errors.New("too few servers answered")

func (s *leaseStore) Shape() core.GrantShape { return s.servers[0].shape }

func (s *leaseStore) Acquire(_ context.Context, member core.Member, requests []core.AcquireRequest, ttl time.Duration) ([]core.AcquireResult, error) {
	results := make([]core.AcquireResult, len(requests))
	for i, request := range requests {
		if len(s.servers) > 1 {
			results[i] = s.acquireByQuorum(member, request, ttl)
			continue
		}
		results[i] = s.servers[0].acquire(member, request, ttl)
	}
	return results, nil
}

func (s *leaseStore) Renew(_ context.Context, grants []core.GrantID, ttl time.Duration) ([]core.RenewResult, error) {
	results := make([]core.RenewResult, len(grants))
	for i, id := range grants {
		if len(s.servers) > 1 {
			results[i] = s.renewByQuorum(id, ttl)
			continue
		}
		results[i] = s.servers[0].renew(id, ttl)
	}
	return results, nil
}

func (s *leaseStore) Leases(_ context.Context, grant core.GrantID, cursor string, limit int) (core.LeasePage, error) {
	limit = shorter(limit, s.pages)
	var from int64
	if cursor != "" {
		var err error
		if from, err = strconv.ParseInt(cursor, 10, 64); err != nil {
			return core.LeasePage{}, &core.RefusedError{Command: "Leases", Cause: errCursor}
		}
	}
	if len(s.servers) > 1 {
		return s.pageByQuorum(grant, core.Token(from), limit)
	}
	page, next, err := s.servers[0].page(grant, core.Token(from), limit)
	if next != 0 {
		page.Next = strconv.FormatInt(int64(next), 10)
	}
	return page, err
}

func (s *leaseStore) Release(_ context.Context, requests []core.ReleaseRequest) ([]core.ReleaseResult, error) {
	results := make([]core.ReleaseResult, len(requests))
	for i, request := range requests {
		if len(s.servers) > 1 {
			results[i] = s.releaseByQuorum(request)
			continue
		}
		results[i] = s.servers[0].release(request)
	}
	return results, nil
}

func (s *leaseStore) Inspect(_ context.Context, names []string) ([]core.InspectResult, error) {
	results := make([]core.InspectResult, len(names))
	for i, name := range names {
		if holder := s.holderOf(name); holder != nil {
			results[i] = core.InspectResult{Held: true, Holder: holder.grant.server.holder(holder)}
		}
	}
	return results, nil
}

// isLost: the store does not have the lease of a tenure, or will end it before
// its owner's validity is over.
func (s *leaseStore) isLost(t *tenure) bool {
	l := s.holderOf(t.ref.Name)
	ends, lives := s.ends(t.grant)
	return l == nil || l.token != t.token || !lives || ends < t.process.belief.until(t.process, t.grant)
}

// ends is the true instant at which a grant ends on so many servers that no
// majority is left.
func (s *leaseStore) ends(id core.GrantID) (at time.Duration, lives bool) {
	var ends []time.Duration
	for _, server := range s.servers {
		if g := server.grants[id]; g != nil && !g.lost {
			ends = append(ends, server.clock.when(g.deadline, server.now()))
		}
	}
	majority := len(s.servers)/2 + 1
	if len(ends) < majority {
		return 0, false
	}
	slices.Sort(ends)
	return ends[len(ends)-majority], true
}

// allGrants are those of each server, as they are now.
func (s *leaseStore) allGrants() (grants []map[core.GrantID]*grant) {
	for _, server := range s.servers {
		grants = append(grants, server.grants)
	}
	return grants
}

// holderOf is the live lease on a name, on a majority of the servers, whether
// or not they can be reached; nil: there is none. It is the truth.
func (s *leaseStore) holderOf(name string) *lease {
	majority := len(s.servers)/2 + 1
	for at, server := range s.servers[:len(s.servers)-majority+1] {
		live, _ := server.held(name)
		if live == nil {
			continue
		}
		votes := 1
		for _, other := range s.servers[at+1:] {
			if same, _ := other.held(name); same != nil && same.grant.id == live.grant.id {
				votes++
			}
		}
		if votes >= majority {
			return live
		}
	}
	return nil
}

// blocked: nobody holds the name, and nobody can get a majority of its locks.
// What a late server did after it was told to take it back ends by itself.
func (s *leaseStore) blocked(name string) bool {
	free := 0
	for _, server := range s.servers {
		if live, _ := server.held(name); live == nil {
			free++
		}
	}
	return free < len(s.servers)/2+1
}

// shorter is how long a page is, of a store whose pages have their own limit.
func shorter(asked, pages int) int {
	if pages == 0 {
		return asked
	}
	return min(asked, pages)
}
