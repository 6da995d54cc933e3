package failures_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/redistest"
)

const (
	// cancelledWithin is how soon a call ends that was cancelled.
	cancelledWithin = 100 * time.Millisecond
	// slowness is by how much more a slow machine may take.
	slowness = 10
)

func TestACancelledContextEndsEveryCallAtOnceThoughTheServerIsFrozen(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	closed := joinWithStreams(t, server, 0, "a", "b", "c", "d")
	finished := joinWithStreams(t, server, 1, "e")
	late, _ := newClient(t, server.Client(t), patient)
	claimed, err := streamlease.ParseStreamRef("somebody's:1-1")
	require.NoError(t, err)
	server.Freeze()

	for _, call := range []struct {
		name string
		make func(ctx context.Context) error
	}{
		{"Init", func(ctx context.Context) error { _, err := late.Init(ctx); return err }},
		{"Claim", func(ctx context.Context) error { _, err := closed.client.Claim(ctx, claimed); return err }},
		{"Stream.Done", func(ctx context.Context) error { return closed.streams["a"].Done(ctx) }},
		{"Stream.Fail", func(ctx context.Context) error { return closed.streams["b"].Fail(ctx, errors.New("x")) }},
		{"Stream.HandOff", func(ctx context.Context) error { return closed.streams["c"].HandOff(ctx) }},
		{"DoneStream", func(ctx context.Context) error { return closed.client.DoneStream(ctx, "d") }},
		{"Publisher.Announce", func(ctx context.Context) error {
			_, err := closed.producer.Announce(ctx, streamlease.Assignment{Ref: streamlease.StreamRef{Name: "f"}})
			return err
		}},
		{"Client.Done", finished.client.Done},
		{"Close", closed.client.Close},
	} {
		ended := cancelMidway(t, call.name, call.make)
		assert.Less(t, ended, slowness*cancelledWithin, call.name)
	}

	server.Thaw()
	for _, member := range []*streamlease.Client{closed.client, finished.client, late} {
		require.NoError(t, member.Close(t.Context()))
	}
}

// cancelMidway cancels a call that waits, and returns how long it took to end.
func cancelMidway(t *testing.T, name string, call func(ctx context.Context) error) time.Duration {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- call(ctx) }()
	select {
	case err := <-ended:
		require.Fail(t, "nothing to cancel", "%s did not wait for the server: %v", name, err)
	case <-time.After(cancelledWithin):
	}
	cancelled := time.Now()
	cancel()
	select {
	case err := <-ended:
		took := time.Since(cancelled)
		t.Logf("%-18s ended %v after it was cancelled: %v", name, took.Round(time.Microsecond), err)
		assert.ErrorIs(t, err, context.Canceled, name)
		return took
	case <-time.After(patience):
		require.Fail(t, "a call does not end", "%s has not ended %v after it was cancelled", name, patience)
		return 0
	}
}

// patient is the config of clients that give up nothing during a test.
var patient = streamlease.Config{TTL: 10 * time.Minute, CallTimeout: 5 * time.Second, HeartbeatEvery: time.Second}

// joined is a client in this process, what it owns, and who announced that.
type joined struct {
	client   *streamlease.Client
	streams  map[string]*streamlease.Stream
	producer *streamlease.Publisher
}

// joinWithStreams joins alone in the database, announces the streams and waits
// until it owns them. Then it reads on and does nothing.
func joinWithStreams(t *testing.T, server *redistest.Server, database int, names ...string) joined {
	t.Helper()
	handedIn := server.Client(t, func(o *redis.Options) { o.DB = database })
	client, _ := newClient(t, handedIn, patient)
	notifications, err := client.Init(t.Context())
	require.NoError(t, err)
	producer := newProducer(t, handedIn)
	for _, name := range names {
		_, err := producer.Announce(t.Context(), streamlease.Assignment{Ref: streamlease.StreamRef{Name: name}})
		require.NoError(t, err)
	}
	streams := receiveStreams(t, notifications, len(names))
	go readOn(notifications)
	return joined{client, streams, producer}
}

// readOn is an application that does nothing, until its client has ended.
func readOn(notifications <-chan streamlease.Notification) {
	for range notifications {
	}
}

func receiveStreams(t *testing.T, notifications <-chan streamlease.Notification, count int) map[string]*streamlease.Stream {
	t.Helper()
	streams := map[string]*streamlease.Stream{}
	for len(streams) < count {
		select {
		case n := <-notifications:
			require.Equal(t, streamlease.StreamAdded, n.Kind)
			streams[n.Ref.Name] = n.Stream
		case <-time.After(patience):
			require.Fail(t, "streams do not come", "%d of %d have come", len(streams), count)
		}
	}
	return streams
}
