package telemetrytest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
)

// turmoil is a service in which everything happens that has a metric: work that
// is done, handed off, claimed, that fails until it is quarantined; members that
// are cut off, refused, deaf to hints and without room.
func turmoil(t *testing.T, w *world) {
	limited := func(config *streamlease.Config) { config.MaxStreams, config.MaxFailures = 300, 2 }
	first := w.join("first", limited)
	w.announce(200)
	streams := first.added(200)
	require.NoError(t, streams[0].SaveCheckpoint(t.Context(), "5"))
	require.NoError(t, streams[0].Done(t.Context()))
	require.NoError(t, streams[1].HandOff(t.Context()))
	streams[1] = first.added(1)[0]
	require.NoError(t, streams[2].Fail(t.Context(), errors.New("no use")))
	time.Sleep(ttl)
	require.NoError(t, first.added(1)[0].Fail(t.Context(), errors.New("no use again")))
	time.Sleep(time.Minute) // until it is quarantined
	_, err := first.Claim(t.Context(), streams[3].Ref())
	require.NoError(t, err)

	second := w.join("second", limited)
	time.Sleep(ttl)
	first.line.cut.Store(true)
	second.added(198)
	first.line.cut.Store(false)
	for range 198 {
		first.next(streamlease.StreamDisowned)
	}
	time.Sleep(ttl)
	first.line.deaf.Store(true)
	second.line.refuses.Store(true)
	first.added(198)
	time.Sleep(ttl / 2)
}
