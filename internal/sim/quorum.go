package sim

import (
	"strconv"
	"time"

	"github.com/streamlease/streamlease/core"
)

// The store over several servers, as redsync has it: a lease is held when a
// majority has its value. The members' view, so only reached servers count.

func (s *leaseStore) majority() int { return len(s.servers)/2 + 1 }

// acquireByQuorum obtains the lock everywhere, draws the token on every
// server, writes the largest back, and so raises them all.
func (s *leaseStore) acquireByQuorum(member core.Member, r core.AcquireRequest, ttl time.Duration) core.AcquireResult {
	var obtained []*leaseServer
	reached := 0
	var holder core.Holder
	for at, server := range s.servers {
		if !s.reached(at) {
			continue
		}
		reached++
		result := server.acquire(member, r, ttl)
		switch {
		case result.Err == nil:
			obtained = append(obtained, server)
		case result.Holder.Member.ID != "":
			holder = result.Holder
		}
	}
	switch {
	case len(obtained) >= s.majority():
		return s.agree(obtained, r, reached)
	case reached < s.majority():
		return core.AcquireResult{Err: errNoQuorum} // what was obtained stays: the outcome is unknown
	}
	for _, server := range obtained {
		if l := server.names[r.Ref.Name]; l != nil {
			server.remove(l)
		}
	}
	if holder.Member.ID == "" {
		return core.AcquireResult{Err: core.ErrExpired}
	}
	return core.AcquireResult{Err: core.ErrHeld, Holder: holder}
}

func (s *leaseStore) agree(obtained []*leaseServer, r core.AcquireRequest, _ int) core.AcquireResult {
	var token core.Token
	for at, server := range s.servers {
		if s.reached(at) {
			token = max(token, server.counter)
		}
	}
	token = max(token, r.Floor+1)
	for at, server := range s.servers {
		if s.reached(at) {
			server.counter = max(server.counter, token)
		}
	}
	var tally core.Tally
	for _, server := range obtained {
		l := server.names[r.Ref.Name]
		l.token = token
		tally = l.grant.tally
	}
	return core.AcquireResult{Token: token, Tally: tally}
}

func (s *leaseStore) renewByQuorum(id core.GrantID, ttl time.Duration) core.RenewResult {
	reached, renewed := 0, 0
	var tally core.Tally
	for at, server := range s.servers {
		if !s.reached(at) {
			continue
		}
		reached++
		if result := server.renew(id, ttl); result.Err == nil {
			renewed++
			tally = result.Tally
		}
	}
	switch {
	case renewed >= s.majority():
		return core.RenewResult{Tally: tally}
	case renewed+len(s.servers)-reached >= s.majority():
		return core.RenewResult{Err: errNoQuorum}
	default:
		return core.RenewResult{Err: core.ErrExpired}
	}
}

// pageByQuorum lists what any server has of a grant: of a grant of one lease
// there is little to page through.
func (s *leaseStore) pageByQuorum(id core.GrantID, cursor core.Token, limit int) (core.LeasePage, error) {
	var page core.LeasePage
	reached, known, alive := 0, 0, 0
	for at, server := range s.servers {
		if !s.reached(at) {
			continue
		}
		reached++
		listed, next, err := server.page(id, cursor, limit)
		if err != nil {
			continue
		}
		known++
		if !listed.Expired {
			alive++
		}
		if len(listed.Leases) > len(page.Leases) {
			page = listed
			if next != 0 {
				page.Next = strconv.FormatInt(int64(next), 10)
			}
		}
	}
	switch {
	case reached < s.majority():
		return core.LeasePage{}, errNoQuorum
	case known == 0:
		return core.LeasePage{}, core.ErrExpired
	}
	page.Expired = alive == 0
	return page, nil
}

func (s *leaseStore) releaseByQuorum(r core.ReleaseRequest) core.ReleaseResult {
	var result core.ReleaseResult
	reached := 0
	for at, server := range s.servers {
		if !s.reached(at) {
			continue
		}
		reached++
		released := server.release(core.ReleaseRequest{Lease: r.Lease, EndGrant: r.EndGrant})
		result.Changed = result.Changed || released.Changed
		result.Tally = released.Tally
	}
	if reached < s.majority() {
		return core.ReleaseResult{Err: errNoQuorum}
	}
	return result
}
