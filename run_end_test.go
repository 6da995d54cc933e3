package streamlease_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
)

func TestAtTheEndOfRunHandlersMayFinishWithinTheGrace(t *testing.T) {
	inBubble(t, func(w *world) {
		refs := w.announce("finishes", "gives up", "fails", "panics")
		s := w.run("m1", func(ctx context.Context, s *streamlease.Stream) error {
			<-ctx.Done()
			require.ErrorIs(w.t, context.Cause(ctx), streamlease.ErrClosed)
			time.Sleep(8 * time.Second)
			switch s.Ref().Name {
			case "finishes":
				return nil
			case "gives up":
				return ctx.Err()
			case "fails":
				return fmt.Errorf("write: %w", context.Cause(ctx))
			default:
				panic("at the end")
			}
		})
		time.Sleep(3 * ttl)
		require.Equal(w.t, 4, s.Status().Owned)
		start := time.Now()
		require.NoError(w.t, s.end())
		require.Less(w.t, time.Since(start), 9*time.Second, "it ends when all is settled")

		failures := map[string]int{"gives up": 0, "fails": 0, "panics": 1}
		for name, stream := range w.join("m2").added(3) {
			require.Equal(w.t, failures[name], stream.Failures(), name)
		}
		require.True(w.t, w.gone(refs[0]))
	})
}

func TestWhatIsUnfinishedWhenTheGraceIsOverIsHandedOff(t *testing.T) {
	for name, grace := range map[string]struct{ config, lasts time.Duration }{
		"by default":   {0, 10 * time.Second},
		"as said":      {20 * ttl, 20 * ttl},
		"none is left": {-1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(w *world) {
				w.announce("s1")
				finish := make(chan struct{})
				s := w.run("m1", func(context.Context, *streamlease.Stream) error {
					<-finish
					return nil
				}, func(config *streamlease.Config) { config.Grace = grace.config })
				defer close(finish)
				time.Sleep(3 * ttl)
				second := w.join("m2")
				time.Sleep(3 * ttl)
				start := time.Now()
				s.stop()
				stream := second.added(1)["s1"]
				require.InDelta(w.t, grace.lasts, time.Since(start), float64(ttl/2))
				require.Zero(w.t, stream.Failures())
				require.ErrorIs(w.t, s.returned(), streamlease.ErrUnreturned)
			})
		})
	}
}

// outage cuts one member off, and no other.
func outage(w *world) (*faults, func(*streamlease.Config)) {
	own := newFaults()
	return own, func(config *streamlease.Config) { config.Ports = own.wrap(w.service.Ports()) }
}

func TestAHandlerThatGoesOnKeepsItsRoomAndItsStreamIsLeftToTheOthers(t *testing.T) {
	inBubble(t, func(w *world) {
		log, withLog := journalOf(slog.LevelInfo)
		own, withOutage := outage(w)
		finish := make(chan struct{})
		var calls atomic.Int32
		handler := func(ctx context.Context, s *streamlease.Stream) error {
			calls.Add(1)
			if s.Ref().Name == "s1" {
				<-finish // whatever becomes of ctx
				require.ErrorIs(w.t, context.Cause(ctx), streamlease.ErrDisowned)
				return nil
			}
			return untilCtxEnds(ctx, s)
		}
		s := w.run("m1", handler, withLog, withOutage, func(config *streamlease.Config) { config.MaxStreams = 2 })
		w.announce("s1")
		time.Sleep(3 * ttl)
		require.Equal(w.t, 1, s.Status().Owned)

		own.failing(errCut, all...)
		time.Sleep(2 * ttl)
		own.failing(nil, all...)
		w.announce("s2", "s3")
		time.Sleep(10 * ttl)
		status := s.Status()
		require.Equal(w.t, 1, status.Lingering, "%+v", status)
		require.Equal(w.t, 1, status.Owned, "of s2 and s3 one has room")
		require.Zero(w.t, status.Room)
		require.Zero(w.t, w.holder("s1"), "nobody else is there")
		require.EqualValues(w.t, 2, calls.Load())

		second := w.join("m2", func(config *streamlease.Config) { config.MaxStreams = 1 })
		time.Sleep(31 * time.Second)
		stream := second.nextOf(streamlease.StreamAdded).Stream
		require.NoError(w.t, stream.Done(w.t.Context()))
		second.added(1)
		close(finish)
		time.Sleep(3 * ttl)
		require.Zero(w.t, s.Status().Lingering)
		require.NoError(w.t, s.end())
		require.Contains(w.t, log.String(), "a handler goes on although its context has ended")
		require.Contains(w.t, log.String(), "a handler that went on for long has returned")
		require.Contains(w.t, log.String(), "came too late")
	})
}

func TestAStreamComesBackToItsMemberWhenTheHandlerHasReturned(t *testing.T) {
	inBubble(t, func(w *world) {
		own, withOutage := outage(w)
		finish := make(chan struct{})
		var running, most, calls atomic.Int32
		s := w.run("m1", func(ctx context.Context, _ *streamlease.Stream) error {
			most.Store(max(most.Load(), running.Add(1)))
			defer running.Add(-1)
			if calls.Add(1) == 1 {
				<-finish
			}
			return nil
		}, withOutage)
		ref := w.announce("s1")[0]
		time.Sleep(3 * ttl)
		own.failing(errCut, all...)
		time.Sleep(2 * ttl)
		own.failing(nil, all...)
		time.Sleep(time.Minute)
		require.EqualValues(w.t, 1, calls.Load())
		require.False(w.t, w.gone(ref))

		close(finish)
		time.Sleep(ttl)
		require.EqualValues(w.t, 2, calls.Load())
		require.EqualValues(w.t, 1, most.Load())
		require.True(w.t, w.gone(ref))
		require.NoError(w.t, s.end())
	})
}

func TestAHandlerWithoutProgressIsStuckAndAnotherMemberGoesOn(t *testing.T) {
	inBubble(t, func(w *world) {
		log, withLog := journalOf(slog.LevelInfo)
		watched := func(config *streamlease.Config) { config.StuckAfter = 10 * ttl }
		finish := make(chan struct{})
		var ended atomic.Pointer[time.Time]
		start := time.Now()
		w.announce("stuck", "slow")
		s := w.run("m1", func(ctx context.Context, s *streamlease.Stream) error {
			if s.Ref().Name == "slow" {
				for range 20 {
					time.Sleep(5 * ttl)
					require.NoError(w.t, ctx.Err(), "who makes progress is left alone")
					s.Progress()
				}
				return nil
			}
			<-ctx.Done()
			now := time.Now()
			ended.Store(&now)
			require.ErrorIs(w.t, context.Cause(ctx), streamlease.ErrStuck)
			<-finish
			return nil
		}, watched, withLog)
		time.Sleep(3 * ttl)
		require.Equal(w.t, 2, s.Status().Owned)
		second := w.join("m2")
		stream := second.added(1)["stuck"]
		require.Equal(w.t, 1, stream.Failures())
		stuck := ended.Load().Sub(start)
		require.GreaterOrEqual(w.t, stuck, 10*ttl)
		require.Less(w.t, stuck, 13*ttl)
		require.Equal(w.t, 1, s.Status().Lingering)

		close(finish)
		time.Sleep(100 * ttl)
		require.Zero(w.t, s.Status().Lingering)
		require.Zero(w.t, s.Status().Owned)
		require.NoError(w.t, s.end())
		require.Contains(w.t, log.String(), "a handler is stuck")
		require.NoError(w.t, stream.Done(w.t.Context()))
	})
}

func TestAStuckHandlersFailureIsAskedAgainWhenItWasRefused(t *testing.T) {
	inBubble(t, func(w *world) {
		w.announce("s1")
		finish := make(chan struct{})
		s := w.run("m1", func(context.Context, *streamlease.Stream) error {
			<-finish
			return errors.New("nobody listens")
		}, func(config *streamlease.Config) { config.StuckAfter = 4 * ttl })
		defer close(finish)
		w.faults.failing(&streamlease.RefusedError{Command: "SETTLE"}, "Settle")
		time.Sleep(20 * ttl)
		require.Equal(w.t, 1, s.Status().Owned)
		w.faults.failing(nil, "Settle")
		time.Sleep(2 * ttl)
		require.Zero(w.t, s.Status().Owned)
		require.Equal(w.t, 1, s.Status().Lingering)
	})
}

func TestRunEndsInTimeThoughTheStoresAreGone(t *testing.T) {
	inBubble(t, func(w *world) {
		w.announce(names(10)...)
		s := w.run("m1", untilCtxEnds)
		time.Sleep(3 * ttl)
		require.Equal(w.t, 10, s.Status().Owned)
		for _, method := range all {
			w.faults.holding(method)
		}
		start := time.Now()
		require.NoError(w.t, s.end())
		require.Less(w.t, time.Since(start), 5*ttl)
	})
}

func TestAHandlerThatMakesProgressJustOftenEnoughIsNotStuck(t *testing.T) {
	inBubble(t, func(w *world) {
		w.announce("s1")
		verdict := errors.New("the handler has not returned")
		s := w.run("m1", func(ctx context.Context, s *streamlease.Stream) error {
			for range 50 {
				time.Sleep(9 * ttl)
				s.Progress()
			}
			verdict = ctx.Err()
			return nil
		}, func(config *streamlease.Config) { config.StuckAfter = 10 * ttl })
		time.Sleep(460 * ttl)
		require.NoError(w.t, s.end())
		require.NoError(w.t, verdict)
	})
}
