package telemetrytest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/memory"
)

const ttl = 10 * time.Second

var errCut = errors.New("connection reset by peer")

// world is a service in a synctest bubble, and a real SDK that measures all its
// members.
type world struct {
	t       *testing.T
	service *memory.Service
	reader  *metric.ManualReader
	meters  *metric.MeterProvider
	spans   *tracetest.SpanRecorder
	tracers *trace.TracerProvider
}

func inBubble(t *testing.T, test func(t *testing.T, w *world)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		service, err := memory.New(memory.Config{})
		require.NoError(t, err)
		w := &world{t: t, service: service, reader: metric.NewManualReader(), spans: tracetest.NewSpanRecorder()}
		w.meters = metric.NewMeterProvider(metric.WithReader(w.reader))
		w.tracers = trace.NewTracerProvider(trace.WithSpanProcessor(w.spans))
		test(t, w)
	})
}

// member is a client that hands what it hears to the test.
type member struct {
	*streamlease.Client
	t      *testing.T
	line   *line
	heard  <-chan streamlease.Notification
	closed bool
	ctx    context.Context // of what the test asks for
}

// join makes a member whose calls go over a line of its own.
func (w *world) join(id string, change ...func(*streamlease.Config)) *member {
	w.t.Helper()
	line := &line{}
	config := streamlease.Config{
		Ports: line.wrap(w.service.Ports()), ID: id, TTL: ttl,
		MeterProvider: w.meters, TracerProvider: w.tracers,
	}
	for _, adjust := range change {
		adjust(&config)
	}
	client, err := streamlease.New(config)
	require.NoError(w.t, err)
	heard, err := client.Init(w.t.Context())
	require.NoError(w.t, err)
	m := &member{Client: client, t: w.t, line: line, heard: heard}
	w.t.Cleanup(m.end)
	return m
}

// end closes the client, whatever waits to be heard.
func (m *member) end() {
	if m.closed {
		return
	}
	m.closed = true
	go func() {
		for range m.heard {
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(m.t, m.Close(ctx))
}

// next is the next notification, of that kind.
func (m *member) next(kind streamlease.NotificationKind) streamlease.Notification {
	m.t.Helper()
	select {
	case notification := <-m.heard:
		require.Equal(m.t, kind, notification.Kind, "%+v", notification)
		return notification
	case <-time.After(time.Hour):
		require.Fail(m.t, "nothing was heard in an hour")
		return streamlease.Notification{}
	}
}

// added reads so many StreamAdded.
func (m *member) added(count int) (streams []*streamlease.Stream) {
	m.t.Helper()
	for range count {
		streams = append(streams, m.next(streamlease.StreamAdded).Stream)
	}
	return streams
}

func (w *world) announce(count int) []streamlease.StreamRef {
	w.t.Helper()
	assignments := make([]streamlease.Assignment, count)
	for i := range assignments {
		assignments[i] = streamlease.Assignment{
			Ref:  streamlease.StreamRef{Name: fmt.Sprintf("name-of-stream-%04d", i)},
			Info: streamlease.Info(`{"card": "4242"}`),
		}
	}
	publisher := streamlease.NewPublisher(w.service.Source)
	refs, err := publisher.Announce(w.t.Context(), assignments...)
	require.NoError(w.t, err)
	return refs
}
