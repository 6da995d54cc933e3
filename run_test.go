package streamlease_test

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/ports"
)

// service is a client under Run.
type service struct {
	*streamlease.Client
	t     *testing.T
	stop  context.CancelFunc
	ended chan struct{}
	err   error // what Run returned
}

// run runs a client; it is stopped when the test ends.
func (w *world) run(id string, handler streamlease.Handler, change ...func(*streamlease.Config)) *service {
	w.t.Helper()
	ctx, stop := context.WithCancel(w.t.Context())
	s := &service{Client: w.client(id, change...), t: w.t, stop: stop, ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		s.err = s.Run(ctx, handler)
	}()
	w.t.Cleanup(func() { _ = s.end() })
	synctest.Wait()
	return s
}

// end stops the service and returns what Run did.
func (s *service) end() error {
	s.t.Helper()
	s.stop()
	return s.returned()
}

// returned waits for the end of Run for an hour of virtual time.
func (s *service) returned() error {
	s.t.Helper()
	select {
	case <-s.ended:
		return s.err
	case <-time.After(time.Hour):
		require.Fail(s.t, "Run did not return")
		return nil
	}
}

// untilCtxEnds is a handler that works until it must stop.
func untilCtxEnds(ctx context.Context, _ *streamlease.Stream) error {
	<-ctx.Done()
	return ctx.Err()
}

func TestRunProcessesWhatIsAnnouncedUntilItsContextEnds(t *testing.T) {
	inBubble(t, func(w *world) {
		refs := w.announce(names(20)...)
		var mu sync.Mutex
		processed := make(map[string]int)
		s := w.run("m1", func(ctx context.Context, s *streamlease.Stream) error {
			mu.Lock()
			defer mu.Unlock()
			processed[s.Ref().Name]++
			return ctx.Err()
		})
		refs = append(refs, w.announce("late")...)
		time.Sleep(5 * ttl)
		require.Equal(w.t, 0, s.Status().Owned)
		require.NoError(w.t, s.end())
		require.Len(w.t, processed, 21)
		for _, ref := range refs {
			require.Equal(w.t, 1, processed[ref.Name])
			require.True(w.t, w.gone(ref), "%v is not done", ref)
		}
	})
}

func TestAHandlersErrorIsAFailureThatIsTriedAgainLaterAndLater(t *testing.T) {
	inBubble(t, func(w *world) {
		ref := w.announce("s1")[0]
		var tries []time.Time
		s := w.run("m1", func(_ context.Context, s *streamlease.Stream) error {
			require.Equal(w.t, len(tries), s.Failures())
			tries = append(tries, time.Now())
			return errors.New("the bank is closed")
		}, func(config *streamlease.Config) {
			config.MaxFailures, config.BackoffMin, config.BackoffMax = 5, 10*ttl, 40*ttl
		})
		time.Sleep(300 * ttl)
		require.NoError(w.t, s.end())
		require.Len(w.t, tries, 5)
		for i, backoff := range []time.Duration{10 * ttl, 20 * ttl, 40 * ttl, 40 * ttl} {
			require.InEpsilon(w.t, backoff, tries[i+1].Sub(tries[i]), 0.3, "the backoff after try %d", i+1)
		}
		require.True(w.t, w.gone(ref))
		quarantined := w.service.Source.Quarantine()
		require.Len(w.t, quarantined, 1)
		require.Equal(w.t, 5, quarantined[0].Failures)
		for _, ending := range quarantined[0].Endings[:4] { // the last is the quarantine itself
			require.Equal(w.t, "the bank is closed", ending.Reason)
		}
	})
}

func TestAPanicIsAFailureWhoseStackIsLogged(t *testing.T) {
	inBubble(t, func(w *world) {
		w.announce("s1")
		log, withLog := journalOf(slog.LevelInfo)
		tries := 0
		s := w.run("m1", func(_ context.Context, s *streamlease.Stream) error {
			if tries++; tries == 1 {
				panic("no such account")
			}
			require.Equal(w.t, 1, s.Failures())
			return nil
		}, withLog)
		time.Sleep(5 * time.Second)
		require.NoError(w.t, s.end())
		require.Equal(w.t, 2, tries)
		require.Contains(w.t, log.String(), "panic: no such account")
		require.Contains(w.t, log.String(), "TestAPanicIsAFailureWhoseStackIsLogged")
	})
}

func TestAHandlerThatEndsItsGoroutineHasFailed(t *testing.T) {
	inBubble(t, func(w *world) {
		w.announce("s1")
		tries := 0
		s := w.run("m1", func(_ context.Context, s *streamlease.Stream) error {
			if tries++; tries == 1 {
				runtime.Goexit()
			}
			require.Equal(w.t, 1, s.Failures())
			return nil
		})
		time.Sleep(5 * time.Second)
		require.NoError(w.t, s.end())
		require.Equal(w.t, 2, tries)
	})
}

func TestNoMoreHandlersRunThanMaxStreams(t *testing.T) {
	inBubble(t, func(w *world) {
		w.announce(names(30)...)
		var running, most, total atomic.Int32
		s := w.run("m1", func(context.Context, *streamlease.Stream) error {
			most.Store(max(most.Load(), running.Add(1)))
			time.Sleep(ttl / 10)
			running.Add(-1)
			total.Add(1)
			return nil
		}, func(config *streamlease.Config) { config.MaxStreams = 3 })
		time.Sleep(time.Minute)
		require.NoError(w.t, s.end())
		require.EqualValues(w.t, 30, total.Load())
		require.EqualValues(w.t, 3, most.Load())
	})
}

func TestAHandlerMaySettleItsStreamItself(t *testing.T) {
	inBubble(t, func(w *world) {
		refs := w.announce("done", "handed off", "failed")
		tries := make(map[string]int)
		var mu sync.Mutex
		s := w.run("m1", func(ctx context.Context, s *streamlease.Stream) error {
			mu.Lock()
			tries[s.Ref().Name]++
			first := tries[s.Ref().Name] == 1
			mu.Unlock()
			switch {
			case s.Ref().Name == "done":
				require.NoError(w.t, s.Done(ctx))
				return errors.New("too late to fail")
			case s.Ref().Name == "handed off" && first:
				require.NoError(w.t, s.HandOff(ctx))
			case first:
				require.NoError(w.t, s.Fail(ctx, errors.New("once")))
			}
			return nil
		})
		time.Sleep(10 * ttl)
		require.NoError(w.t, s.end())
		require.Equal(w.t, map[string]int{"done": 1, "handed off": 2, "failed": 2}, tries)
		for _, ref := range refs {
			require.True(w.t, w.gone(ref), "%v", ref)
		}
	})
}

type key struct{}

func TestAHandlersContextEndsWithTheTenureAndHasTheValuesOfRuns(t *testing.T) {
	inBubble(t, func(w *world) {
		w.announce("s1")
		ctx, stop := context.WithCancel(context.WithValue(w.t.Context(), key{}, "mine"))
		client := w.client("m1")
		causes := make(chan error, 1)
		ended := make(chan error, 1)
		go func() {
			ended <- client.Run(ctx, func(ctx context.Context, _ *streamlease.Stream) error {
				require.Equal(w.t, "mine", ctx.Value(key{}))
				below, cancel := context.WithTimeout(ctx, time.Hour)
				defer cancel()
				<-below.Done()
				causes <- context.Cause(below)
				return below.Err()
			})
		}()
		time.Sleep(3 * ttl)
		stop()
		require.ErrorIs(w.t, <-causes, streamlease.ErrClosed)
		require.NoError(w.t, <-ended)
	})
}

func TestARefusedSettlementIsAskedAgain(t *testing.T) {
	inBubble(t, func(w *world) {
		ref := w.announce("s1")[0]
		began, finish := make(chan struct{}), make(chan struct{})
		s := w.run("m1", func(context.Context, *streamlease.Stream) error {
			close(began)
			<-finish
			return nil
		})
		<-began
		w.faults.failing(&streamlease.RefusedError{Command: "SETTLE"}, "Settle")
		close(finish)
		time.Sleep(5 * ttl)
		require.Equal(w.t, 1, s.Status().Owned)
		w.faults.failing(nil, "Settle")
		time.Sleep(ttl)
		require.True(w.t, w.gone(ref))
		require.NoError(w.t, s.end())
	})
}

func TestRunIsRefusedWhereItCannotWork(t *testing.T) {
	inBubble(t, func(w *world) {
		ctx := w.t.Context()
		require.ErrorIs(w.t, w.client("m1").Run(ctx, nil), streamlease.ErrInvalid)
		require.ErrorIs(w.t, w.client("m1", manual).Run(ctx, untilCtxEnds), streamlease.ErrInvalid)

		m := w.join("m2")
		require.ErrorIs(w.t, m.Run(ctx, untilCtxEnds), streamlease.ErrAlreadyInitialized)
		stream := w.one(m, "s1")
		require.NoError(w.t, stream.Context().Err(), "the client that was in use goes on")
		m.end()
		require.ErrorIs(w.t, m.Run(ctx, untilCtxEnds), streamlease.ErrClosed)
	})
}

func TestRunThatCannotJoinClosesTheClient(t *testing.T) {
	inBubble(t, func(w *world) {
		w.faults.failing(errCut, all...)
		client := w.client("m1")
		require.ErrorIs(w.t, client.Run(w.t.Context(), untilCtxEnds), errCut)
		require.ErrorIs(w.t, client.Run(w.t.Context(), untilCtxEnds), streamlease.ErrClosed)
	})
}

func TestRunThatIsStoppedWhileItJoinsEndsWell(t *testing.T) {
	inBubble(t, func(w *world) {
		w.faults.holding("Heartbeat")
		s := w.run("m1", untilCtxEnds)
		require.NoError(w.t, s.end())
	})
}

func TestRunReturnsWhyTheClientStoppedByItself(t *testing.T) {
	inBubble(t, func(w *world) {
		w.announce("s1")
		var cause error
		s := w.run("m1", func(ctx context.Context, _ *streamlease.Stream) error {
			<-ctx.Done()
			cause = context.Cause(ctx)
			return ctx.Err()
		})
		time.Sleep(3 * ttl)
		w.faults.failing(&ports.RefusedError{Command: "HEARTBEAT", Lasting: true}, all...)
		require.ErrorIs(w.t, s.returned(), streamlease.ErrRefused)
		require.Error(w.t, cause)
	})
}

func TestRunReturnsErrClosedWhenAnotherGoroutineCloses(t *testing.T) {
	inBubble(t, func(w *world) {
		s := w.run("m1", untilCtxEnds)
		require.NoError(w.t, s.Close(w.within(time.Minute)))
		require.ErrorIs(w.t, s.returned(), streamlease.ErrClosed)
	})
}
