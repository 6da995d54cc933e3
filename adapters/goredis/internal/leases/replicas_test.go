package leases_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis/internal/leases"
	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

// startReplicated is start with a store whose leases wait for one replica.
func startReplicated(t *testing.T, directives ...string) (f *fixture, replica *redistest.Server) {
	server := redistest.Start(t, directives...)
	replica = redistest.StartReplica(t, server)
	f = &fixture{t: t, server: server, raw: server.Client(t)}
	f.store, f.keys = openReplicated(t, f.raw)
	return f, replica
}

func openReplicated(t testing.TB, client redis.UniversalClient) (*leases.Store, conn.Keys) {
	c, err := conn.Open(client, "orders")
	require.NoError(t, err)
	store := leases.New(c, leases.Config{Replicas: 1})
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store, c.Keys
}

// brief ends soon: it is for what is not going to be answered.
func brief(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// requireUnknown wants an error that says neither yes nor no.
func requireUnknown(t *testing.T, err error) {
	t.Helper()
	require.Error(t, err)
	for _, definite := range []error{ports.ErrRefused, ports.ErrHeld, ports.ErrExpired} {
		require.False(t, errors.Is(err, definite), "%v says %v, and the outcome is unknown", err, definite)
	}
}

func TestALeaseThatWaitsForAReplicaIsThereWhenItIsAnswered(t *testing.T) {
	f, replica := startReplicated(t)
	copied := replica.Client(t)
	grant, _ := f.open("s", long)
	for _, name := range numbered("s", 50) {
		require.NoError(t, f.acquire(grant, name, long).Err)
		require.True(t, copied.HExists(f.ctx(), f.keys.Leases(), name).Val(), "the replica does not know %q", name)
	}
	require.NoError(t, f.raw.ScriptFlush(f.ctx()).Err())
	require.NoError(t, f.renew(grant, 2*long).Err)
	inReplica := copied.ZScore(f.ctx(), f.keys.Sessions(), grant.String()).Val()
	require.Equal(t, f.raw.ZScore(f.ctx(), f.keys.Sessions(), grant.String()).Val(), inReplica)
}

func TestALeaseThatNoReplicaHasIsUnknownAndNeverTakenForHeldOrRenewed(t *testing.T) {
	f, replica := startReplicated(t)
	grant, _ := f.open("s", long)
	replica.Freeze()
	request := ports.AcquireRequest{Ref: ref("t"), Grant: grant}
	acquired, err := f.store.Acquire(brief(t), alice, []ports.AcquireRequest{request}, long)
	require.NoError(t, err)
	requireUnknown(t, acquired[0].Err)
	require.ErrorContains(t, acquired[0].Err, "0 of 1 replicas")
	renewed, err := f.store.Renew(brief(t), []ports.GrantID{grant}, long)
	require.NoError(t, err)
	requireUnknown(t, renewed[0].Err)
	require.True(t, f.inspect("t").Held, "it was done all the same")

	replica.Thaw()
	require.NoError(t, f.renew(grant, long).Err)
	again := f.acquire(grant, "t", long)
	require.ErrorIs(t, again.Err, ports.ErrHeld)
}

func TestAReleaseWaitsForNoReplica(t *testing.T) {
	f, replica := startReplicated(t)
	grant, opened := f.open("s", long)
	replica.Freeze()
	require.True(t, f.release(ports.ReleaseRequest{Lease: lease("s", grant, opened.Token)}).Changed)
	replica.Thaw()
}

func TestAServerThatRefusesForLackOfReplicasDidNothing(t *testing.T) {
	server := redistest.Start(t, "min-replicas-to-write 1")
	store, _ := openReplicated(t, server.Client(t))
	request := ports.AcquireRequest{Ref: ref("s"), Grant: newGrant(), Open: true}
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	results, err := store.Acquire(ctx, alice, []ports.AcquireRequest{request}, long)
	if err == nil {
		err = results[0].Err
	}
	require.ErrorIs(t, err, ports.ErrRefused)
	require.ErrorContains(t, err, "NOREPLICAS")
}

func TestCheckWarnsOfTooFewReplicasAndRefusesWhoMayNotAskThem(t *testing.T) {
	f, _ := startReplicated(t)
	// A replica that is late to acknowledge is not counted for a moment.
	require.Eventually(t, func() bool {
		warnings, err := f.store.Check(f.ctx())
		return err == nil && len(warnings) == 0
	}, patience, time.Millisecond)

	alone := redistest.Start(t)
	store, _ := openReplicated(t, alone.Client(t))
	warnings, err := store.Check(f.ctx())
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "0 replicas and leases wait for 1")

	require.NoError(t, f.raw.ACLSetUser(f.ctx(), "short", "on", ">secret", "~*", "&*", "+@all", "-wait").Err())
	store, _ = openReplicated(t, f.server.Client(t, func(o *redis.Options) { o.Username, o.Password = "short", "secret" }))
	_, err = store.Check(f.ctx())
	require.ErrorIs(t, err, ports.ErrRefused)
	require.ErrorContains(t, err, "WAIT")
	acquired, err := store.Acquire(f.ctx(), alice, []ports.AcquireRequest{{Ref: ref("s"), Grant: newGrant(), Open: true}}, long)
	require.NoError(t, err)
	requireUnknown(t, acquired[0].Err)
}

// BenchmarkReplicas shows what the wait costs, with server and replica on one
// machine: a round trip between them.
func BenchmarkReplicas(b *testing.B) {
	server := redistest.Start(b)
	redistest.StartReplica(b, server)
	for _, replicas := range []int{0, 1} {
		b.Run(map[int]string{0: "none", 1: "one"}[replicas], func(b *testing.B) {
			c, err := conn.Open(server.Client(b), "bench")
			require.NoError(b, err)
			store := leases.New(c, leases.Config{Replicas: replicas})
			defer store.Close()
			grant := newGrant()
			ctx, cancel := context.WithTimeout(b.Context(), time.Hour)
			defer cancel()
			opened, err := store.Acquire(ctx, alice, []ports.AcquireRequest{{Ref: ref(grant.String()), Grant: grant, Open: true}}, long)
			require.NoError(b, err)
			require.NoError(b, opened[0].Err)
			for b.Loop() {
				renewed, err := store.Renew(ctx, []ports.GrantID{grant}, long)
				require.NoError(b, err)
				require.NoError(b, renewed[0].Err)
			}
		})
	}
}
