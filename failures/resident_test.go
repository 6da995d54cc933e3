package failures_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
)

// resident is a client in the test's own process. All residents of a scenario
// share the test's connection to Redis. It does nothing with its streams.
type resident struct {
	scenario *scenario
	client   *streamlease.Client
	ended    chan struct{} // closed when the channel of notifications is

	mu       sync.Mutex
	disowned []streamlease.StreamRef
}

// startResident returns when the client has joined the fleet.
func (s *scenario) startResident() *resident {
	s.t.Helper()
	ports, err := goredis.New(s.keys.client, s.keys.service)
	require.NoError(s.t, err)
	client, err := streamlease.New(streamlease.Config{
		Ports: ports, ID: "resident", TTL: s.settings.TTL, SweepInterval: s.settings.SweepInterval,
	})
	require.NoError(s.t, err)
	r := &resident{scenario: s, client: client, ended: make(chan struct{})}
	ctx, cancel := context.WithTimeout(s.t.Context(), patience)
	defer cancel()
	notifications, err := join(ctx, client)
	require.NoError(s.t, err)
	go r.listen(notifications)
	s.t.Cleanup(r.close)
	return r
}

func (r *resident) listen(notifications <-chan streamlease.Notification) {
	defer close(r.ended)
	for n := range notifications {
		if n.Kind == streamlease.StreamDisowned {
			r.mu.Lock()
			r.disowned = append(r.disowned, n.Ref)
			r.mu.Unlock()
		}
	}
}

// losses are the streams of which it heard StreamDisowned.
func (r *resident) losses() []streamlease.StreamRef {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.disowned)
}

// owned are the streams that the client owns by its own word.
func (r *resident) owned() map[streamlease.StreamRef]*streamlease.Stream {
	owned := map[streamlease.StreamRef]*streamlease.Stream{}
	for _, stream := range r.client.Owned() {
		owned[stream.Ref()] = stream
	}
	return owned
}

// close may be called again.
func (r *resident) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	assert.NoError(r.scenario.t, r.client.Close(ctx))
	<-r.ended
}
