package member

import (
	"context"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// leaseCounts is what the members of a process ask of their lease stores.
type leaseCounts struct {
	attempts, acquired atomic.Int64
	renewals           renewals
}

// count makes a store that is the same, and is counted.
func (c *leaseCounts) count(store ports.LeaseStore) ports.LeaseStore {
	return countedLeases{LeaseStore: store, Checker: store.(ports.Checker), Closer: store.(io.Closer), counts: c, pause: new(pause)}
}

type countedLeases struct {
	ports.LeaseStore
	ports.Checker
	io.Closer
	counts *leaseCounts
	pause  *pause
}

func (s countedLeases) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	s.counts.attempts.Add(int64(len(requests)))
	results, err := s.LeaseStore.Acquire(ctx, member, requests, ttl)
	for _, result := range results {
		if result.Err == nil {
			s.counts.acquired.Add(1)
		}
	}
	return results, err
}

func (s countedLeases) Renew(ctx context.Context, grants []ports.GrantID, ttl time.Duration) ([]ports.RenewResult, error) {
	begun := time.Now()
	results, err := s.LeaseStore.Renew(ctx, grants, ttl)
	ended := time.Now()
	s.counts.renewals.note(len(grants), ended.Sub(begun), s.pause.end(ended))
	return results, err
}

// renewals are those of all members of a process, since it was last asked.
type renewals struct {
	mu    sync.Mutex
	noted Renewals
}

func (r *renewals) note(grants int, call, pause time.Duration) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.noted.Calls++
	r.noted.Grants += int64(grants)
	r.noted.LongestCall = max(r.noted.LongestCall, call)
	r.noted.LongestPause = max(r.noted.LongestPause, pause)
}

// take answers what was noted, and begins anew.
func (r *renewals) take() Renewals {
	r.mu.Lock()
	defer r.mu.Unlock()
	taken := r.noted
	r.noted = Renewals{}
	return taken
}

// pause is the time since one member's renewal before.
type pause struct {
	mu     sync.Mutex
	before time.Time
}

func (p *pause) end(now time.Time) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	before := p.before
	p.before = now
	if before.IsZero() {
		return 0
	}
	return now.Sub(before)
}
