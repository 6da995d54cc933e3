package leases_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/adapters/goredis/internal/leases"
	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	// long is a TTL that no test sees the end of, short one that tests wait
	// for.
	long  = time.Hour
	short = 100 * time.Millisecond
	// patience bounds what is waited for.
	patience = time.Minute
)

var alice = ports.Member{ID: "alice of the \x00 hills", Incarnation: "incarnation-a"}

// fixture is a lease store on a server of its own.
type fixture struct {
	t      *testing.T
	server *redistest.Server
	raw    *redis.Client
	keys   conn.Keys
	store  *leases.Store
}

func start(t *testing.T, directives ...string) *fixture {
	server := redistest.Start(t, directives...)
	f := &fixture{t: t, server: server, raw: server.Client(t)}
	f.store, f.keys = open(t, f.raw)
	return f
}

func open(t *testing.T, client redis.UniversalClient) (*leases.Store, conn.Keys) {
	c, err := conn.Open(client, "orders")
	require.NoError(t, err)
	store := leases.New(c, leases.Config{})
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store, c.Keys
}

func newGrant() (grant ports.GrantID) {
	_, _ = rand.Read(grant[:])
	return grant
}

func ref(name string) ports.StreamRef { return ports.StreamRef{Name: name, MessageID: "1-1"} }

// ctx ends late enough for any machine.
func (f *fixture) ctx() context.Context {
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	f.t.Cleanup(cancel)
	return ctx
}

func (f *fixture) acquireAll(ttl time.Duration, requests ...ports.AcquireRequest) []ports.AcquireResult {
	f.t.Helper()
	results, err := f.store.Acquire(f.ctx(), alice, requests, ttl)
	require.NoError(f.t, err)
	require.Len(f.t, results, len(requests))
	return results
}

func (f *fixture) acquire(grant ports.GrantID, name string, ttl time.Duration) ports.AcquireResult {
	f.t.Helper()
	return f.acquireAll(ttl, ports.AcquireRequest{Ref: ref(name), Grant: grant})[0]
}

// open acquires name as the first lease of a new grant.
func (f *fixture) open(name string, ttl time.Duration) (ports.GrantID, ports.AcquireResult) {
	f.t.Helper()
	grant := newGrant()
	result := f.acquireAll(ttl, ports.AcquireRequest{Ref: ref(name), Grant: grant, Open: true})[0]
	require.NoError(f.t, result.Err)
	return grant, result
}

func (f *fixture) renew(grant ports.GrantID, ttl time.Duration) ports.RenewResult {
	f.t.Helper()
	results, err := f.store.Renew(f.ctx(), []ports.GrantID{grant}, ttl)
	require.NoError(f.t, err)
	require.Len(f.t, results, 1)
	return results[0]
}

func (f *fixture) release(request ports.ReleaseRequest) ports.ReleaseResult {
	f.t.Helper()
	results, err := f.store.Release(f.ctx(), []ports.ReleaseRequest{request})
	require.NoError(f.t, err)
	require.Len(f.t, results, 1)
	require.NoError(f.t, results[0].Err)
	return results[0]
}

func (f *fixture) inspect(name string) ports.InspectResult {
	f.t.Helper()
	results, err := f.store.Inspect(f.ctx(), []string{name})
	require.NoError(f.t, err)
	require.Len(f.t, results, 1)
	require.NoError(f.t, results[0].Err)
	return results[0]
}

func (f *fixture) page(grant ports.GrantID) ports.LeasePage {
	f.t.Helper()
	page, err := f.store.Leases(f.ctx(), grant, "", 100)
	require.NoError(f.t, err)
	return page
}

// awaitExpiry waits until no live lease holds name.
func (f *fixture) awaitExpiry(name string) {
	f.t.Helper()
	require.Eventually(f.t, func() bool { return !f.inspect(name).Held }, patience, 5*time.Millisecond,
		"the lease on %q does not expire", name)
}

// keysLeft are the keys of the service, apart from what a service has for ever.
func (f *fixture) keysLeft() []string {
	f.t.Helper()
	keys, err := f.raw.Keys(f.ctx(), "*").Result()
	require.NoError(f.t, err)
	var left []string
	for _, key := range keys {
		if key != f.keys.TokenCounter() && key != f.keys.Leases() {
			left = append(left, key)
		}
	}
	return left
}

func lease(name string, grant ports.GrantID, token ports.Token) ports.Lease {
	return ports.Lease{Ref: ref(name), Grant: grant, Token: token}
}

func numbered(prefix string, count int) []string {
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%d", prefix, i)
	}
	return names
}

func requestsFor(grant ports.GrantID, names []string) []ports.AcquireRequest {
	requests := make([]ports.AcquireRequest, len(names))
	for i, name := range names {
		requests[i] = ports.AcquireRequest{Ref: ref(name), Grant: grant}
	}
	return requests
}
