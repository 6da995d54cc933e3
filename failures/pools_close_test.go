package failures_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/redistest"
)

func TestCloseHasABoundThoughTheServerIsFrozen(t *testing.T) {
	t.Parallel()
	const ttl = 2 * time.Second
	server := redistest.Start(t)
	producer := newProducer(t, server.Client(t))
	client, _ := newClient(t, server.Client(t), streamlease.Config{TTL: ttl})
	notifications, err := client.Init(t.Context())
	require.NoError(t, err)
	_, err = producer.Announce(t.Context(), streamlease.Assignment{Ref: streamlease.StreamRef{Name: "a"}})
	require.NoError(t, err)
	stream := receiveStreams(t, notifications, 1)["a"]

	server.Freeze()
	began := time.Now()
	closed := make(chan error, 1)
	go func() { closed <- client.Close(context.Background()) }()
	var kinds []streamlease.NotificationKind
	for n := range notifications {
		kinds = append(kinds, n.Kind)
	}
	select {
	case err := <-closed:
		require.NoError(t, err)
	case <-time.After(patience):
		require.Fail(t, "Close has no bound")
	}
	took := time.Since(began)
	t.Logf("Close took %v; TTL %v", took.Round(time.Millisecond), ttl)
	assert.Less(t, took, slowness*ttl)
	assert.Equal(t, streamlease.StreamTerminated, kinds[len(kinds)-1])
	assert.Error(t, stream.Context().Err(), "the stream's context goes on after Close")
	server.Thaw()
}

func TestCloseWithoutAReaderEndsWithItsContextThoughTheServerIsFrozen(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client, _ := newClient(t, server.Client(t), streamlease.Config{TTL: 2 * time.Second})
	_, err := client.Init(t.Context())
	require.NoError(t, err)
	server.Freeze()
	ctx, cancel := context.WithTimeout(t.Context(), cancelledWithin)
	defer cancel()
	began := time.Now()
	require.ErrorIs(t, client.Close(ctx), context.DeadlineExceeded)
	t.Logf("Close with a ctx of %v took %v", cancelledWithin, time.Since(began).Round(time.Millisecond))
	assert.Less(t, time.Since(began), slowness*2*cancelledWithin)

	began = time.Now()
	require.NoError(t, client.Close(t.Context()), "waits for the rest, which has a bound")
	t.Logf("the rest took %v", time.Since(began).Round(time.Millisecond))
	server.Thaw()
}
