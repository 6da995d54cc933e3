package streamlease_test

import (
	"context"
	"io"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
)

func TestAnAbsentReaderStopsNoRenewal(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		w.announce(names(10)...)
		time.Sleep(3 * ttl)
		tokens := make(map[string]streamlease.Token)
		for _, name := range names(10) {
			tokens[name] = w.holder(name)
			require.NotZero(w.t, tokens[name])
		}
		other := w.join("m2")
		other.hearsNothing(200 * ttl)
		for name, stream := range m.added(10) {
			require.Equal(w.t, tokens[name], stream.Token())
			require.Equal(w.t, tokens[name], w.holder(name))
			require.NoError(w.t, stream.Done(w.t.Context()))
		}
	})
}

func TestASlowReaderStopsNoRenewal(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		w.announce(names(20)...)
		time.Sleep(3 * ttl)
		other := w.join("m2", manual)
		for range 20 {
			stream := m.nextOf(streamlease.StreamAdded).Stream
			time.Sleep(5 * ttl)
			require.NoError(w.t, stream.Context().Err())
			require.NoError(w.t, stream.Done(w.t.Context()))
		}
		other.hearsNothing(0)
	})
}

func TestWhatEndedUnreadIsNotHeardOf(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", manual)
		w.announce("s1", "s2")
		time.Sleep(3 * ttl)
		w.faults.failing(errCut, all...)
		time.Sleep(3 * ttl) // the leases expire, unread
		w.faults.failing(nil, all...)
		time.Sleep(3 * ttl)
		for range 2 {
			require.NotEqual(w.t, streamlease.StreamDisowned, m.next().Kind)
		}
	})
}

// stuck is a log handler that never returns until it is released.
type stuck struct {
	slog.Handler
	released chan struct{}
}

func (s stuck) Handle(context.Context, slog.Record) error {
	<-s.released
	return nil
}

func (s stuck) WithAttrs([]slog.Attr) slog.Handler { return s }

func TestALogHandlerThatHangsStopsNoRenewal(t *testing.T) {
	inBubble(t, func(w *world) {
		released := make(chan struct{})
		m := w.join("m1", func(config *streamlease.Config) {
			config.Logger = slog.New(stuck{slog.NewTextHandler(io.Discard, nil), released})
		})
		stream := w.one(m, "s1")
		time.Sleep(100 * ttl)
		require.NoError(w.t, stream.Context().Err())
		require.Equal(w.t, stream.Token(), w.holder("s1"))
		close(released)
	})
}

func TestAPortThatHangsDoesNotStopTheLoop(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		release := w.faults.holding("Renew")
		start := time.Now()
		<-stream.Context().Done()
		require.LessOrEqual(w.t, time.Since(start), ttl, "the member gives up what it cannot renew")
		require.ErrorIs(w.t, context.Cause(stream.Context()), streamlease.ErrDisowned)
		lost := m.nextOf(streamlease.StreamDisowned)
		require.Same(w.t, stream, lost.Stream)
		require.ErrorIs(w.t, lost.Err, streamlease.ErrDisowned)
		release()
	})
}

func TestAContextHasEndedBeforeItsStreamDisownedIsReceived(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		w.announce(names(50)...)
		streams := m.added(50)
		contexts := make(map[*streamlease.Stream]context.Context)
		for _, stream := range streams {
			contexts[stream] = stream.Context()
		}
		w.faults.failing(errCut, all...)
		for range 50 {
			lost := m.nextOf(streamlease.StreamDisowned)
			require.Error(w.t, contexts[lost.Stream].Err())
			require.Equal(w.t, lost.Token, lost.Stream.Token())
			require.ErrorIs(w.t, lost.Stream.Done(w.t.Context()), streamlease.ErrDisowned)
		}
		w.faults.failing(nil, all...)
	})
}

func TestReceivedMeansReceived(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		w.announce("s1")
		synctest.Wait()
		time.Sleep(ttl)
		require.ErrorIs(w.t, m.DoneStream(w.t.Context(), "s1"), streamlease.ErrNotOwned, "nobody has received it")
		require.Empty(w.t, m.Owned())
		m.nextOf(streamlease.StreamAdded)
		require.Len(w.t, m.Owned(), 1)
		require.NoError(w.t, m.DoneStream(w.t.Context(), "s1"))
	})
}
