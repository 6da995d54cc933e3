package redislock_test

import (
	"context"
	"testing"
	"time"

	"github.com/bsm/redislock"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	adapter "github.com/streamlease/streamlease/adapters/redislock"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

// This is all that the adapter relies on of the library. If it fails after an
// update of the library, Inspect, Renew and the notifier are wrong.
func TestALockIsAStringWithTheValueThatExpiresWithIt(t *testing.T) {
	client := redistest.Start(t).Client(t)
	value := ports.GrantID{1, 2, 3}.String()
	lock, err := redislock.New(client).Obtain(t.Context(), "the key", time.Hour, &redislock.Options{Token: value})
	require.NoError(t, err)
	require.Equal(t, value, client.Get(t.Context(), "the key").Val())
	require.InDelta(t, time.Hour, client.PTTL(t.Context(), "the key").Val(), float64(time.Minute))
	require.NoError(t, lock.Refresh(t.Context(), 2*time.Hour, nil))
	require.InDelta(t, 2*time.Hour, client.PTTL(t.Context(), "the key").Val(), float64(time.Minute))
	require.NoError(t, lock.Release(t.Context()))
	require.Zero(t, client.Exists(t.Context(), "the key").Val())
}

// Whoever has such locks already sees ours, and the other way round.
func TestALeaseIsALockOfTheLibrary(t *testing.T) {
	client := redistest.Start(t).Client(t)
	leases, err := adapter.NewLeases(client, "orders")
	require.NoError(t, err)
	defer leases.Close()
	request := ports.AcquireRequest{Ref: ports.StreamRef{Name: "a", MessageID: "1-1"}, Grant: ports.GrantID{1}, Open: true}
	acquire := func(ttl time.Duration) error {
		results, err := leases.Acquire(t.Context(), ports.Member{ID: "alice", Incarnation: "a"}, []ports.AcquireRequest{request}, ttl)
		require.NoError(t, err)
		return results[0].Err
	}
	foreign, err := redislock.New(client).Obtain(t.Context(), lockKey("a"), time.Hour, nil)
	require.NoError(t, err)
	require.ErrorIs(t, acquire(time.Hour), ports.ErrHeld)
	held, err := leases.Inspect(t.Context(), []string{"a"})
	require.NoError(t, err)
	require.True(t, held[0].Held)
	require.NoError(t, foreign.Release(context.Background()))
	require.NoError(t, acquire(time.Hour))
	_, err = redislock.New(client).Obtain(t.Context(), lockKey("a"), time.Hour, nil)
	require.ErrorIs(t, err, redislock.ErrNotObtained)
	require.Equal(t, request.Grant.String(), client.Get(t.Context(), lockKey("a")).Val())
}

func TestWhatCannotWorkIsRefused(t *testing.T) {
	_, err := adapter.NewLeases(struct{ redis.UniversalClient }{}, "orders")
	require.ErrorIs(t, err, ports.ErrInvalid)
	client := redis.NewClient(&redis.Options{})
	defer client.Close()
	_, err = adapter.NewNotifier(client, "orders", adapter.NotifierConfig{PollEvery: -1, PingAfter: -1})
	require.ErrorIs(t, err, ports.ErrInvalid)
	require.ErrorContains(t, err, "PingAfter")
}
