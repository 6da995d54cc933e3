package streamlease_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
)

var errHandler = errors.New("the upstream said 500")

func TestAStreamSaysWhatItIs(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		ref := w.announce("order:7")[0]
		n := m.nextOf(streamlease.StreamAdded)
		require.Equal(w.t, ref, n.Ref)
		require.Equal(w.t, ref, n.Stream.Ref())
		require.Equal(w.t, w.holder("order:7"), n.Token)
		require.Equal(w.t, n.Token, n.Stream.Token())
		require.JSONEq(w.t, `{"of":"order:7"}`, string(n.Info))
		require.Equal(w.t, n.Info, n.Stream.Info())
		require.Zero(w.t, n.Stream.Failures())
		require.Zero(w.t, n.Stream.Crashes())
	})
}

func TestDoneRemovesTheStreamForGood(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		ctx := stream.Context()
		require.NoError(w.t, ctx.Err())
		require.NoError(w.t, stream.Done(w.t.Context()))
		require.ErrorIs(w.t, context.Cause(ctx), streamlease.ErrDone)
		require.ErrorContains(w.t, context.Cause(ctx), "s1:")
		require.True(w.t, w.gone(stream.Ref()))
		require.NoError(w.t, stream.Done(w.t.Context()), "a second Done")
		require.ErrorIs(w.t, stream.HandOff(w.t.Context()), streamlease.ErrDone)
		require.ErrorIs(w.t, stream.Fail(w.t.Context(), errHandler), streamlease.ErrDone)
		require.Empty(w.t, m.Owned())
		m.hearsNothing(100 * ttl)
		require.Zero(w.t, w.holder("s1"))
	})
}

func TestDoneAfterTheStreamWasGivenBackIsErrNotOwned(t *testing.T) {
	for name, giveBack := range map[string]func(*streamlease.Stream, context.Context) error{
		"HandOff": (*streamlease.Stream).HandOff,
		"Fail": func(s *streamlease.Stream, ctx context.Context) error {
			return s.Fail(ctx, errHandler)
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(w *world) {
				m := w.join("m1", manual)
				stream := w.one(m, "s1")
				require.NoError(w.t, giveBack(stream, w.t.Context()))
				require.ErrorIs(w.t, context.Cause(stream.Context()), streamlease.ErrNotOwned)
				err := stream.Done(w.t.Context())
				require.ErrorIs(w.t, err, streamlease.ErrNotOwned)
				require.ErrorContains(w.t, err, stream.Ref().String())
				require.ErrorIs(w.t, m.DoneStream(w.t.Context(), "s1"), streamlease.ErrNotOwned)
				require.False(w.t, w.gone(stream.Ref()))
			})
		})
	}
}

func TestAHandOffReachesAnotherMemberAtOnce(t *testing.T) {
	inBubble(t, func(w *world) {
		first := w.join("m1")
		stream := w.one(first, "s1")
		second := w.join("m2", func(config *streamlease.Config) { config.MaxStreams = 10 })
		time.Sleep(3 * ttl)
		start := time.Now()
		require.NoError(w.t, stream.HandOff(w.t.Context()))
		var next streamlease.Notification
		select {
		case next = <-first.notifications:
		case next = <-second.notifications:
		case <-time.After(time.Hour):
		}
		require.Equal(w.t, streamlease.StreamAdded, next.Kind)
		require.Greater(w.t, next.Token, stream.Token())
		require.Less(w.t, time.Since(start), ttl/2)
		require.ErrorIs(w.t, stream.Done(w.t.Context()), streamlease.ErrNotOwned, "the old tenure cannot finish the new one")
		require.False(w.t, w.gone(stream.Ref()))
	})
}

func TestAStreamThatFailsIsTriedAgainAndThenQuarantined(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", func(config *streamlease.Config) { config.MaxFailures = 3 })
		w.announce("s1")
		for failures := range 3 {
			stream := m.nextOf(streamlease.StreamAdded).Stream
			require.Equal(w.t, failures, stream.Failures())
			require.NoError(w.t, stream.Fail(w.t.Context(), errHandler))
		}
		m.hearsNothing(100 * ttl)
		quarantine := w.service.Source.Quarantine()
		require.Len(w.t, quarantine, 1)
		require.Equal(w.t, 3, quarantine[0].Failures)
		require.Equal(w.t, errHandler.Error(), quarantine[0].Endings[0].Reason)
	})
}

func TestFailNeedsAReason(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		require.ErrorIs(w.t, stream.Fail(w.t.Context(), nil), streamlease.ErrInvalid)
		require.NoError(w.t, stream.Context().Err())
	})
}

func TestAReasonOfAnySizeAndAnyBytesIsCut(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", func(config *streamlease.Config) { config.MaxFailures = 1 })
		stream := w.one(m, "s1")
		require.NoError(w.t, stream.Fail(w.t.Context(), errors.New(strings.Repeat("é\xff", 1<<20))))
		time.Sleep(100 * ttl)
		quarantine := w.service.Source.Quarantine()
		require.Len(w.t, quarantine, 1)
		require.LessOrEqual(w.t, len(quarantine[0].Endings[0].Reason), 1<<10)
	})
}

func TestWhatIsCalledAfterALossIsErrDisowned(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", manual)
		stream := w.one(m, "s1")
		ctx := stream.Context()
		other := w.quiet("m2")
		w.lose(m, stream)
		require.ErrorIs(w.t, context.Cause(ctx), streamlease.ErrDisowned)
		next := other.nextOf(streamlease.StreamAdded).Stream
		require.Greater(w.t, next.Token(), stream.Token())

		require.ErrorIs(w.t, stream.Done(w.t.Context()), streamlease.ErrDisowned)
		require.ErrorIs(w.t, stream.HandOff(w.t.Context()), streamlease.ErrDisowned)
		require.ErrorIs(w.t, stream.Fail(w.t.Context(), errHandler), streamlease.ErrDisowned)
		require.ErrorIs(w.t, m.DoneStream(w.t.Context(), "s1"), streamlease.ErrDisowned)
		require.False(w.t, w.gone(stream.Ref()))
		require.NoError(w.t, next.Context().Err())
		require.NoError(w.t, next.Done(w.t.Context()))
		w.faults.failing(nil, all...)
		m.hearsNothing(10 * ttl)
	})
}

func TestAContextThatIsAskedForLateHasEndedToo(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		require.NoError(w.t, stream.Done(w.t.Context()))
		require.ErrorIs(w.t, stream.Context().Err(), context.Canceled)
		require.ErrorIs(w.t, context.Cause(stream.Context()), streamlease.ErrDone)
	})
}

func TestADoneWhoseReplyIsLostIsRepeatedUntilItIsKnown(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		w.faults.losing("Settle", true)
		done := make(chan error)
		go func() { done <- stream.Done(w.t.Context()) }()
		time.Sleep(3 * ttl)
		require.Equal(w.t, stream.Token(), w.holder("s1"), "the lease is kept while the outcome is unknown")
		w.faults.losing("Settle", false)
		require.NoError(w.t, <-done)
		require.True(w.t, w.gone(stream.Ref()))
	})
}

func TestASettlementWhoseCtxEndsReturnsAtOnceAndGoesOn(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		release := w.faults.holding("Settle")
		start := time.Now()
		err := stream.Done(w.within(50 * time.Millisecond))
		require.ErrorIs(w.t, err, context.DeadlineExceeded)
		require.ErrorIs(w.t, err, streamlease.ErrUnknownOutcome)
		require.Equal(w.t, 50*time.Millisecond, time.Since(start))
		release()
		require.NoError(w.t, stream.Done(w.t.Context()), "asked again, it says what became of it")
		require.True(w.t, w.gone(stream.Ref()))
	})
}

func TestConcurrentDonesAreAllNil(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		release := w.faults.holding("Settle")
		results := make(chan error, 20)
		for range 10 {
			go func() { results <- stream.Done(w.t.Context()) }()
			go func() { results <- m.DoneStream(w.t.Context(), "s1") }()
		}
		synctest.Wait()
		release()
		for range 20 {
			require.NoError(w.t, <-results)
		}
	})
}

func TestDoneStreamIsForWhatTheApplicationReceivedLast(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		require.ErrorIs(w.t, m.DoneStream(w.t.Context(), "nobody's"), streamlease.ErrNotOwned)
		refs := w.announce("s1", "s1")
		first := m.nextOf(streamlease.StreamAdded)
		require.Equal(w.t, refs[0], first.Ref)
		require.NoError(w.t, m.DoneStream(w.t.Context(), "s1"))
		time.Sleep(3 * ttl) // the second tenure begins, unread
		require.NotZero(w.t, w.holder("s1"))
		require.NoError(w.t, m.DoneStream(w.t.Context(), "s1"), "the first again")
		require.NotZero(w.t, w.holder("s1"), "what nobody has received cannot be finished")

		second := m.nextOf(streamlease.StreamAdded)
		require.Equal(w.t, refs[1], second.Ref)
		require.NoError(w.t, m.DoneStream(w.t.Context(), "s1"))
		require.True(w.t, w.gone(refs[1]))
	})
}

// The stream's context ends with the settlement that it bounds.
func TestAStreamMayBeSettledWithItsOwnContext(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		w.announce(names(500)...)
		settle := []func(*streamlease.Stream) error{
			func(s *streamlease.Stream) error { return s.Done(s.Context()) },
			func(s *streamlease.Stream) error { return s.HandOff(s.Context()) },
			func(s *streamlease.Stream) error { return s.Fail(s.Context(), errors.New("because")) },
		}
		results := make(chan error, 500)
		for i := range 500 {
			stream := m.nextOf(streamlease.StreamAdded).Stream
			go func() { results <- settle[i%len(settle)](stream) }()
		}
		for range 500 {
			require.NoError(w.t, <-results)
		}
	})
}
