package streamlease_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/ports"
)

// deafSource ends its calls by the deadline of their ctx, not when that is
// cancelled, as ports may.
type deafSource struct {
	ports.StreamSource
	method string // that does not answer
}

func (s deafSource) Check(ctx context.Context) ([]string, error) {
	return nil, s.answer(ctx, "Check")
}

func (s deafSource) Heartbeat(ctx context.Context, _ ports.Beat) (ports.Fleet, error) {
	return ports.Fleet{}, s.answer(ctx, "Heartbeat")
}

func (s deafSource) answer(ctx context.Context, method string) error {
	if method != s.method {
		return nil
	}
	deadline, _ := ctx.Deadline()
	time.Sleep(time.Until(deadline))
	return context.DeadlineExceeded
}

func TestInitEndsAtOnceWhenItIsCancelledAndCloseWaitsForWhatItLeft(t *testing.T) {
	for method, deadline := range map[string]time.Duration{"Check": 6 * (ttl / 6), "Heartbeat": ttl / 6} {
		t.Run(method, func(t *testing.T) {
			inBubble(t, func(w *world) {
				client := w.client("m1", func(config *streamlease.Config) {
					config.Ports.Source = deafSource{config.Ports.Source, method}
				})
				ctx, cancel := context.WithCancel(w.t.Context())
				time.AfterFunc(time.Millisecond, cancel)
				began := time.Now()
				_, err := client.Init(ctx)
				require.ErrorIs(w.t, err, context.Canceled)
				require.Equal(w.t, time.Millisecond, time.Since(began))

				require.ErrorIs(w.t, client.Close(w.within(time.Millisecond)), context.DeadlineExceeded)
				require.NoError(w.t, client.Close(w.within(time.Minute)))
				require.Equal(w.t, deadline, time.Since(began), "the call ended by its deadline")
			})
		})
	}
}
