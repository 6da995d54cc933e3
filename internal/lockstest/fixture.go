package lockstest

import (
	"context"
	"crypto/rand"
	"io"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

const (
	// long is a TTL that no test sees the end of, short one that tests wait
	// for.
	long  = time.Hour
	short = 300 * time.Millisecond
	// patience bounds what is waited for.
	patience = time.Minute
	pause    = 5 * time.Millisecond
)

var (
	alice = ports.Member{ID: "alice of the \x00 hills", Incarnation: "incarnation-a"}
	bob   = ports.Member{ID: "bob", Incarnation: "incarnation-b"}
)

// Store is what is tested.
type Store interface {
	ports.LeaseStore
	ports.Checker
	io.Closer
}

// Notifier is what is tested with it.
type Notifier interface {
	ports.ExpiryNotifier
	ports.Checker
	io.Closer
}

// Suite is an adapter under test.
type Suite struct {
	// Servers is on how many servers it is tested.
	Servers int
	// Open makes a store for the service "orders".
	Open func(clients ...redis.UniversalClient) (Store, error)
	// Notifier makes a notifier for the service "orders".
	Notifier func(keyEvents bool, clients ...redis.UniversalClient) (Notifier, error)
	// LockKey is the key of a name's lock.
	LockKey func(name string) string
	// IndexKeys are the keys of the adapter's own, without the locks.
	IndexKeys []string
}

// fixture is a store on servers of its own.
type fixture struct {
	*testing.T
	suite   Suite
	servers []*redistest.Server
	raw     []*redis.Client
	store   Store
}

func (s Suite) start(t *testing.T, directives ...string) *fixture {
	f := &fixture{T: t, suite: s}
	for range s.Servers {
		server := redistest.Start(t, directives...)
		f.servers = append(f.servers, server)
		f.raw = append(f.raw, server.Client(t))
	}
	f.store = f.open()
	return f
}

// open makes another view of the same store.
func (f *fixture) open(change ...func(*redis.Options)) Store {
	f.Helper()
	clients := make([]redis.UniversalClient, len(f.servers))
	for i, server := range f.servers {
		clients[i] = server.Client(f.T, change...)
	}
	store, err := f.suite.Open(clients...)
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, store.Close()) })
	return store
}

// ctx ends late enough for any machine.
func (f *fixture) ctx() context.Context {
	ctx, cancel := context.WithTimeout(f.Context(), patience)
	f.Cleanup(cancel)
	return ctx
}

func newGrant() (grant ports.GrantID) {
	_, _ = rand.Read(grant[:])
	return grant
}

func ref(name string) ports.StreamRef { return ports.StreamRef{Name: name, MessageID: "1-1"} }

func opening(name string) ports.AcquireRequest {
	return ports.AcquireRequest{Ref: ref(name), Grant: newGrant(), Open: true}
}

func (f *fixture) try(member ports.Member, request ports.AcquireRequest, ttl time.Duration) ports.AcquireResult {
	f.Helper()
	results, err := f.store.Acquire(f.ctx(), member, []ports.AcquireRequest{request}, ttl)
	require.NoError(f, err)
	require.Len(f, results, 1)
	return results[0]
}

// acquire leases a name that is free.
func (f *fixture) acquire(member ports.Member, name string, ttl time.Duration) ports.Lease {
	f.Helper()
	request := opening(name)
	result := f.try(member, request, ttl)
	require.NoError(f, result.Err)
	require.Equal(f, ports.Tally{Change: 1, Count: 1}, result.Tally)
	return ports.Lease{Ref: request.Ref, Grant: request.Grant, Token: result.Token}
}

func (f *fixture) renew(grant ports.GrantID, ttl time.Duration) ports.RenewResult {
	f.Helper()
	results, err := f.store.Renew(f.ctx(), []ports.GrantID{grant}, ttl)
	require.NoError(f, err)
	require.Len(f, results, 1)
	return results[0]
}

func (f *fixture) release(lease ports.Lease) ports.ReleaseResult {
	f.Helper()
	results, err := f.store.Release(f.ctx(), []ports.ReleaseRequest{{Lease: lease, EndGrant: true}})
	require.NoError(f, err)
	require.Len(f, results, 1)
	return results[0]
}

func (f *fixture) inspect(name string) ports.InspectResult {
	f.Helper()
	results, err := f.store.Inspect(f.ctx(), []string{name})
	require.NoError(f, err)
	require.Len(f, results, 1)
	return results[0]
}

func (f *fixture) leases(grant ports.GrantID) (ports.LeasePage, error) {
	return f.store.Leases(f.ctx(), grant, "", 10)
}

// awaitFree waits until nobody has a lock on the name.
func (f *fixture) awaitFree(name string) {
	f.Helper()
	f.everywhere(func(raw *redis.Client) {
		require.Eventually(f, func() bool {
			return raw.Exists(f.ctx(), f.suite.LockKey(name)).Val() == 0
		}, patience, pause)
	})
	require.False(f, f.inspect(name).Held)
}

// everywhere does something on every server.
func (f *fixture) everywhere(do func(raw *redis.Client)) {
	for _, raw := range f.raw {
		do(raw)
	}
}
