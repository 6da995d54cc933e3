package failures_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/redistest"
)

// Consumers of another library on the same consumer group were stopped, and left
// what they had been given: pending, and on no record of ours.
func TestWhatAnOldConsumerLeftPendingIsTakenOver(t *testing.T) {
	server := redistest.Start(t)
	rdb := server.Client(t)
	const stream, group = "legacy-input", "legacy-group"
	require.NoError(t, rdb.XGroupCreateMkStream(t.Context(), stream, group, "$").Err())
	entry := []string{"lbs-input", `{"DataStreamName": "left-behind", "Info": {"of": "old"}}`}
	require.NoError(t, rdb.XAdd(t.Context(), &redis.XAddArgs{Stream: stream, Values: entry}).Err())
	given, err := rdb.XReadGroup(t.Context(), &redis.XReadGroupArgs{Group: group, Consumer: "old", Streams: []string{stream, ">"}}).Result()
	require.NoError(t, err)
	require.Len(t, given[0].Messages, 1)

	set, err := goredis.New(rdb, "legacy")
	require.NoError(t, err)
	client, err := streamlease.New(streamlease.Config{Ports: set, ID: "new", TTL: time.Second, SweepInterval: time.Second})
	require.NoError(t, err)
	began := time.Now()
	notifications, err := client.Init(t.Context())
	require.NoError(t, err)
	select {
	case n := <-notifications:
		require.Equal(t, streamlease.StreamAdded, n.Kind)
		require.Equal(t, "left-behind", n.Ref.Name)
		require.Contains(t, string(n.Info), "old")
		t.Logf("taken over after %v", time.Since(began))
		require.NoError(t, n.Stream.Done(t.Context()))
	case <-time.After(time.Minute):
		require.Fail(t, "nobody took it over in a minute")
	}
	pending, err := rdb.XPending(t.Context(), stream, group).Result()
	require.NoError(t, err)
	require.Zero(t, pending.Count)
	go func() {
		for range notifications {
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(t, client.Close(ctx))
}
