package redsync_test

import (
	"testing"
	"time"

	"github.com/go-redsync/redsync/v4"
	"github.com/go-redsync/redsync/v4/redis/goredis/v9"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	adapter "github.com/streamlease/streamlease/adapters/redsync"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

// This is all that the adapter relies on of the library. If it fails after an
// update of the library, Inspect, Renew and the notifier are wrong.
func TestAMutexIsAStringWithTheValueThatExpiresWithIt(t *testing.T) {
	client := redistest.Start(t).Client(t)
	value := ports.GrantID{1, 2, 3}.String()
	mutex := redsync.New(goredis.NewPool(client)).NewMutex("the key", redsync.WithExpiry(time.Hour),
		redsync.WithGenValueFunc(func() (string, error) { return value, nil }))
	require.NoError(t, mutex.LockContext(t.Context()))
	require.Equal(t, value, client.Get(t.Context(), "the key").Val())
	require.InDelta(t, time.Hour, client.PTTL(t.Context(), "the key").Val(), float64(time.Minute))
	extended, err := mutex.ExtendContext(t.Context())
	require.NoError(t, err)
	require.True(t, extended)
	unlocked, err := mutex.UnlockContext(t.Context())
	require.NoError(t, err)
	require.True(t, unlocked)
	require.Zero(t, client.Exists(t.Context(), "the key").Val())
}

// Whoever has such mutexes already sees ours, and the other way round.
func TestALeaseIsAMutexOfTheLibrary(t *testing.T) {
	client := redistest.Start(t).Client(t)
	leases, err := adapter.NewLeases("orders", client)
	require.NoError(t, err)
	defer leases.Close()
	foreign := redsync.New(goredis.NewPool(client)).NewMutex(lockKey("a"), redsync.WithExpiry(time.Hour))
	require.NoError(t, foreign.TryLockContext(t.Context()))
	acquire := func() error {
		request := ports.AcquireRequest{Ref: ports.StreamRef{Name: "a", MessageID: "1-1"}, Grant: ports.GrantID{1}, Open: true}
		results, err := leases.Acquire(t.Context(), ports.Member{ID: "alice", Incarnation: "a"}, []ports.AcquireRequest{request}, time.Hour)
		require.NoError(t, err)
		return results[0].Err
	}
	require.ErrorIs(t, acquire(), ports.ErrHeld)
	unlocked, err := foreign.UnlockContext(t.Context())
	require.NoError(t, err)
	require.True(t, unlocked)
	require.NoError(t, acquire())
	require.Error(t, foreign.TryLockContext(t.Context()))
}

func TestAQuorumHasOneServerOrAtLeastThree(t *testing.T) {
	client := redis.NewClient(&redis.Options{})
	defer client.Close()
	for _, clients := range [][]redis.UniversalClient{nil, {client, client}, {client, client, nil}} {
		_, err := adapter.NewLeases("orders", clients...)
		require.ErrorIs(t, err, ports.ErrInvalid)
		_, err = adapter.NewNotifier("orders", adapter.NotifierConfig{}, clients...)
		require.ErrorIs(t, err, ports.ErrInvalid)
	}
}
