package telemetrytest_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/streamlease/streamlease"
)

// ended lists the spans with that name that have ended.
func (w *world) ended(name string) (found []trace.ReadOnlySpan) {
	for _, span := range w.spans.Ended() {
		if span.Name() == name {
			found = append(found, span)
		}
	}
	return found
}

func (w *world) theOnly(name string) trace.ReadOnlySpan {
	w.t.Helper()
	found := w.ended(name)
	require.Len(w.t, found, 1, name)
	return found[0]
}

func attributeOf(t *testing.T, span trace.ReadOnlySpan, key attribute.Key) attribute.Value {
	t.Helper()
	for _, attribute := range span.Attributes() {
		if attribute.Key == key {
			return attribute.Value
		}
	}
	require.Fail(t, "the span lacks an attribute", "%s of %s", key, span.Name())
	return attribute.Value{}
}

func TestWhatTheApplicationAsksForIsASpanUnderItsOwn(t *testing.T) {
	for method, ask := range map[string]func(*member, *streamlease.Stream) error{
		"Done":    func(m *member, s *streamlease.Stream) error { return s.Done(m.ctx) },
		"Fail":    func(m *member, s *streamlease.Stream) error { return s.Fail(m.ctx, errors.New("no use")) },
		"HandOff": func(m *member, s *streamlease.Stream) error { return s.HandOff(m.ctx) },
	} {
		t.Run(method, func(t *testing.T) {
			inBubble(t, func(t *testing.T, w *world) {
				m := w.join("m1")
				w.announce(1)
				stream := m.added(1)[0]
				ctx, parent := w.tracers.Tracer("application").Start(t.Context(), "request")
				m.ctx = ctx
				require.NoError(t, ask(m, stream))
				parent.End()

				span := w.theOnly("streamlease." + method)
				require.Equal(t, parent.SpanContext().SpanID(), span.Parent().SpanID())
				require.EqualValues(t, stream.Token(), attributeOf(t, span, "streamlease.token").AsInt64())
				require.Equal(t, stream.Ref().Name, attributeOf(t, span, "streamlease.stream").AsString())
				require.Equal(t, stream.Ref().MessageID, attributeOf(t, span, "streamlease.message_id").AsString())
				require.Equal(t, codes.Unset, span.Status().Code)
			})
		})
	}
}

func TestDoneByNameIsASpanWithTheToken(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		m := w.join("m1")
		w.announce(2)
		streams := m.added(2)
		require.NoError(t, m.DoneStream(t.Context(), streams[0].Ref().Name))
		span := w.theOnly("streamlease.Done")
		require.EqualValues(t, streams[0].Token(), attributeOf(t, span, "streamlease.token").AsInt64())
		go func() {
			for range m.heard {
			}
		}()
		require.NoError(t, m.Done(t.Context()))
		m.closed = true
		span = w.ended("streamlease.Done")[1]
		require.EqualValues(t, streams[1].Token(), attributeOf(t, span, "streamlease.token").AsInt64())
	})
}

func TestAClaimIsASpanThatSaysWhoWasFirst(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		first := w.join("first")
		refs := w.announce(1)
		first.added(1)
		second := w.join("second", func(config *streamlease.Config) { config.ManualClaim = true })
		_, err := second.Claim(t.Context(), refs[0])
		require.ErrorIs(t, err, streamlease.ErrHeld)
		span := w.theOnly("streamlease.Claim")
		require.Equal(t, codes.Error, span.Status().Code)
		require.Contains(t, span.Status().Description, "first")

		first.line.cut.Store(true)
		ctx, parent := w.tracers.Tracer("application").Start(t.Context(), "request")
		stream, err := second.Claim(ctx, second.next(streamlease.StreamExpired).Ref)
		require.NoError(t, err)
		span = w.ended("streamlease.Claim")[1]
		require.Equal(t, parent.SpanContext().SpanID(), span.Parent().SpanID())
		require.EqualValues(t, stream.Token(), attributeOf(t, span, "streamlease.token").AsInt64())
		first.line.cut.Store(false)
	})
}

func TestEachCallToAPortIsASpanWithItsTokens(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		m := w.join("m1")
		w.announce(1)
		stream := m.added(1)[0]
		require.NoError(t, stream.SaveCheckpoint(t.Context(), "5"))
		require.NoError(t, stream.Done(t.Context()))
		time.Sleep(time.Second)
		for _, name := range []string{"leases.Acquire", "source.Take", "checkpoints.Save", "source.Settle", "leases.Release"} {
			span := w.theOnly("streamlease." + name)
			require.Equal(t, []int64{int64(stream.Token())}, attributeOf(t, span, "streamlease.tokens").AsInt64Slice(), name)
			require.EqualValues(t, 1, attributeOf(t, span, "streamlease.items").AsInt64(), name)
		}
		require.NotEmpty(t, w.ended("streamlease.source.Heartbeat"))
		m.line.cut.Store(true)
		time.Sleep(ttl)
		beats := w.ended("streamlease.source.Heartbeat")
		last := beats[len(beats)-1]
		require.Equal(t, codes.Error, last.Status().Code)
		require.Contains(t, last.Status().Description, errCut.Error())
		m.line.cut.Store(false)
	})
}

// A span is sent when it ends: one as long as a tenure would be seen too late,
// or never.
func TestNoSpanLivesAsLongAsATenure(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		m := w.join("m1")
		w.announce(1)
		m.added(1)
		time.Sleep(time.Hour)
		started := make(map[string]bool)
		for _, span := range w.spans.Started() {
			started[span.Name()] = true
		}
		require.NotEmpty(t, started)
		for _, span := range w.spans.Ended() {
			require.Less(t, span.EndTime().Sub(span.StartTime()), time.Minute, span.Name())
		}
		require.LessOrEqual(t, len(w.spans.Started())-len(w.spans.Ended()), 2, "a Fetch and a heartbeat may be under way")
	})
}

func TestNoSpanHasAnInfo(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		m := w.join("m1")
		w.announce(3)
		require.NoError(t, m.added(3)[0].Done(t.Context()))
		for _, span := range w.spans.Ended() {
			for _, attribute := range span.Attributes() {
				require.False(t, strings.Contains(attribute.Value.String(), "4242"), "%s: %v", span.Name(), attribute)
			}
		}
	})
}
