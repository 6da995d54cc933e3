package memory_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	alice = ports.Member{ID: "alice", Incarnation: "alice-1"}
	bob   = ports.Member{ID: "bob", Incarnation: "bob-1"}
	carol = ports.Member{ID: "carol", Incarnation: "carol-1"}
)

// clock stands still until somebody advances it.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.UnixMilli(1_800_000_000_000)} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(by)
}

// sourceStory drives a stream source through its port; memory's own methods
// are used for what no port offers.
type sourceStory struct {
	t      *testing.T
	clock  *clock
	source interface {
		ports.StreamSource
		ports.Announcer
	}
	memory *memory.Source
}

func newSourceStory(t *testing.T) *sourceStory {
	t.Helper()
	clock := newClock()
	source, err := memory.NewSource(memory.Config{Now: clock.Now})
	require.NoError(t, err)
	return &sourceStory{t: t, clock: clock, source: source, memory: source}
}

func (s *sourceStory) announce(names ...string) []ports.StreamRef {
	s.t.Helper()
	assignments := make([]ports.Assignment, len(names))
	for i, name := range names {
		assignments[i] = ports.Assignment{
			Ref:  ports.StreamRef{Name: name},
			Info: ports.Info(fmt.Sprintf(`{"for":%q}`, name)),
		}
	}
	results, err := s.source.Announce(s.t.Context(), assignments)
	require.NoError(s.t, err)
	refs := make([]ports.StreamRef, len(results))
	for i, result := range results {
		require.NoError(s.t, result.Err)
		refs[i] = result.Ref
	}
	return refs
}

func (s *sourceStory) fetch(member ports.Member, limit int) ports.Fetched {
	s.t.Helper()
	fetched, err := s.source.Fetch(s.t.Context(), member, limit, 0)
	require.NoError(s.t, err)
	return fetched
}

// delivered announces one assignment and delivers it to member.
func (s *sourceStory) delivered(member ports.Member, name string) ports.StreamRef {
	s.t.Helper()
	ref := s.announce(name)[0]
	require.Equal(s.t, []ports.StreamRef{ref}, refsOf(s.fetch(member, 1).Assignments))
	return ref
}

// stableAfter is what every Take and Settle of a story says.
const stableAfter = time.Hour

func (s *sourceStory) take(member ports.Member, ref ports.StreamRef, token ports.Token) ports.TakeResult {
	s.t.Helper()
	results, err := s.source.Take(s.t.Context(), member, []ports.TakeRequest{{Ref: ref, Token: token, StableAfter: stableAfter}})
	require.NoError(s.t, err)
	require.Len(s.t, results, 1)
	return results[0]
}

func (s *sourceStory) taken(member ports.Member, ref ports.StreamRef, token ports.Token) ports.TakeResult {
	s.t.Helper()
	result := s.take(member, ref, token)
	require.NoError(s.t, result.Err)
	return result
}

func (s *sourceStory) settle(member ports.Member, settlement ports.Settlement) ports.SettleResult {
	s.t.Helper()
	settlement.StableAfter = stableAfter
	results, err := s.source.Settle(s.t.Context(), member, []ports.Settlement{settlement})
	require.NoError(s.t, err)
	require.Len(s.t, results, 1)
	return results[0]
}

func (s *sourceStory) settled(member ports.Member, settlement ports.Settlement) ports.SettleResult {
	s.t.Helper()
	result := s.settle(member, settlement)
	require.NoError(s.t, result.Err)
	return result
}

func (s *sourceStory) handedOff(member ports.Member, ref ports.StreamRef, token ports.Token) {
	s.t.Helper()
	s.settled(member, ports.Settlement{Ref: ref, Token: token, Outcome: ports.HandedOff})
}

func (s *sourceStory) sweep(request ports.SweepRequest) ports.SweepPage {
	s.t.Helper()
	page, err := s.source.Sweep(s.t.Context(), alice, request)
	require.NoError(s.t, err)
	return page
}

func (s *sourceStory) beat(beat ports.Beat) ports.Fleet {
	s.t.Helper()
	if beat.Expiry == 0 {
		beat.Expiry = 10 * time.Second
	}
	fleet, err := s.source.Heartbeat(s.t.Context(), beat)
	require.NoError(s.t, err)
	return fleet
}

func (s *sourceStory) deliveries(member ports.Member) []ports.Delivery {
	s.t.Helper()
	var all []ports.Delivery
	for cursor := ""; ; {
		page, err := s.source.Deliveries(s.t.Context(), member, cursor, 2)
		require.NoError(s.t, err)
		require.LessOrEqual(s.t, len(page.Deliveries), 2)
		all = append(all, page.Deliveries...)
		if cursor = page.Next; cursor == "" {
			return all
		}
	}
}

// leaseStory drives a lease store through its port.
type leaseStory struct {
	t      *testing.T
	clock  *clock
	shape  ports.GrantShape
	store  ports.LeaseStore
	memory *memory.Leases
	grants byte
}

const ttl = 10 * time.Second

// forEachShape runs a story on a store of each shape.
func forEachShape(t *testing.T, tell func(*leaseStory)) {
	for _, shape := range []ports.GrantShape{ports.GrantPerMember, ports.GrantPerLease} {
		t.Run(shape.String(), func(t *testing.T) { tell(newLeaseStory(t, shape)) })
	}
}

func newLeaseStory(t *testing.T, shape ports.GrantShape) *leaseStory {
	t.Helper()
	clock := newClock()
	store, err := memory.NewLeases(memory.Config{Shape: shape, Now: clock.Now})
	require.NoError(t, err)
	return &leaseStory{t: t, clock: clock, shape: shape, store: store, memory: store}
}

func (s *leaseStory) newGrant() ports.GrantID {
	s.grants++
	return ports.GrantID{s.grants}
}

func (s *leaseStory) acquire(member ports.Member, request ports.AcquireRequest) ports.AcquireResult {
	s.t.Helper()
	results, err := s.store.Acquire(s.t.Context(), member, []ports.AcquireRequest{request}, ttl)
	require.NoError(s.t, err)
	require.Len(s.t, results, 1)
	return results[0]
}

// acquired leases name under a grant that it opens.
func (s *leaseStory) acquired(member ports.Member, name string) ports.Lease {
	s.t.Helper()
	request := ports.AcquireRequest{Ref: ref(name), Grant: s.newGrant(), Open: true}
	result := s.acquire(member, request)
	require.NoError(s.t, result.Err)
	return ports.Lease{Ref: request.Ref, Grant: request.Grant, Token: result.Token}
}

// joined leases name under a grant that lives.
func (s *leaseStory) joined(member ports.Member, name string, grant ports.GrantID) ports.Lease {
	s.t.Helper()
	result := s.acquire(member, ports.AcquireRequest{Ref: ref(name), Grant: grant})
	require.NoError(s.t, result.Err)
	return ports.Lease{Ref: ref(name), Grant: grant, Token: result.Token}
}

func (s *leaseStory) renew(grant ports.GrantID) ports.RenewResult {
	s.t.Helper()
	results, err := s.store.Renew(s.t.Context(), []ports.GrantID{grant}, ttl)
	require.NoError(s.t, err)
	require.Len(s.t, results, 1)
	return results[0]
}

func (s *leaseStory) release(request ports.ReleaseRequest) ports.ReleaseResult {
	s.t.Helper()
	results, err := s.store.Release(s.t.Context(), []ports.ReleaseRequest{request})
	require.NoError(s.t, err)
	require.Len(s.t, results, 1)
	require.NoError(s.t, results[0].Err)
	return results[0]
}

func (s *leaseStory) inspect(name string) ports.InspectResult {
	s.t.Helper()
	results, err := s.store.Inspect(s.t.Context(), []string{name})
	require.NoError(s.t, err)
	require.Len(s.t, results, 1)
	require.NoError(s.t, results[0].Err)
	return results[0]
}

func (s *leaseStory) page(grant ports.GrantID) ports.LeasePage {
	s.t.Helper()
	page, err := s.store.Leases(s.t.Context(), grant, "", 100)
	require.NoError(s.t, err)
	return page
}

func ref(name string) ports.StreamRef { return ports.StreamRef{Name: name, MessageID: "1-0"} }

func refsOf(assignments []ports.Assignment) []ports.StreamRef {
	var refs []ports.StreamRef
	for _, assignment := range assignments {
		refs = append(refs, assignment.Ref)
	}
	return refs
}

func sweptRefs(swept []ports.Swept) []ports.StreamRef {
	var refs []ports.StreamRef
	for _, found := range swept {
		refs = append(refs, found.Assignment.Ref)
	}
	return refs
}

func ended() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
