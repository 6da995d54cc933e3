package streamlease_test

import (
	"bytes"
	"context"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/ports"
)

func TestASecondInitIsRefused(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		_, err := m.Init(w.t.Context())
		require.ErrorIs(w.t, err, streamlease.ErrAlreadyInitialized)
		w.one(m, "s1")
	})
}

func TestAnInitBesideAnotherIsRefused(t *testing.T) {
	inBubble(t, func(w *world) {
		release := w.faults.holding("Heartbeat")
		client := w.client("m1")
		first := make(chan error)
		go func() {
			_, err := client.Init(w.t.Context())
			first <- err
		}()
		synctest.Wait()
		_, err := client.Init(w.t.Context())
		require.ErrorIs(w.t, err, streamlease.ErrAlreadyInitialized)
		release()
		require.NoError(w.t, <-first)
		require.NoError(w.t, client.Close(w.within(time.Minute)))
	})
}

func TestInitFailsWhenACheckDoesAndMayBeRepeated(t *testing.T) {
	inBubble(t, func(w *world) {
		refusal := &streamlease.RefusedError{Server: "redis:6379", Command: "CONFIG", Advice: "allow it"}
		w.faults.failing(refusal, "Check")
		client := w.client("m1")
		_, err := client.Init(w.t.Context())
		require.ErrorIs(w.t, err, streamlease.ErrRefused)
		require.ErrorContains(w.t, err, "allow it")
		require.Zero(w.t, w.faults.calls("Heartbeat"), "nothing was started")

		w.faults.failing(nil, "Check")
		_, err = client.Init(w.t.Context())
		require.NoError(w.t, err)
		require.NoError(w.t, client.Close(w.within(time.Minute)))
	})
}

func TestInitEndsWithinSixCallTimeoutsWhenAPortDoesNotAnswerItsCheck(t *testing.T) {
	inBubble(t, func(w *world) {
		w.faults.holding("Check")
		start := time.Now()
		_, err := w.client("m1").Init(w.t.Context())
		require.ErrorIs(w.t, err, context.DeadlineExceeded)
		require.Equal(w.t, 6*(ttl/6), time.Since(start))
	})
}

func TestInitSaysWhyItsCtxEndedBeforeItHadJoined(t *testing.T) {
	inBubble(t, func(w *world) {
		w.faults.failing(errCut, "Heartbeat")
		client := w.client("m1")
		start := time.Now()
		_, err := client.Init(w.within(5 * time.Second))
		require.ErrorIs(w.t, err, context.DeadlineExceeded)
		require.ErrorIs(w.t, err, errCut)
		require.Equal(w.t, 5*time.Second, time.Since(start))
		require.Greater(w.t, w.faults.calls("Heartbeat"), 1, "it tried again")

		_, err = client.Init(w.cancelled())
		require.ErrorIs(w.t, err, context.Canceled)
	})
}

func TestInitWithoutADeadlineGivesUpAfterTheTTL(t *testing.T) {
	inBubble(t, func(w *world) {
		w.faults.failing(errCut, "Heartbeat")
		start := time.Now()
		_, err := w.client("m1").Init(context.Background())
		require.ErrorIs(w.t, err, context.DeadlineExceeded)
		require.Equal(w.t, ttl, time.Since(start))
	})
}

func TestAnInitThatFailedLeavesNoLeaseBehind(t *testing.T) {
	inBubble(t, func(w *world) {
		w.announce("s1")
		release := w.faults.holding("Heartbeat")
		client := w.client("m1")
		_, err := client.Init(w.within(100 * time.Millisecond))
		require.ErrorIs(w.t, err, context.DeadlineExceeded)
		release()
		time.Sleep(10 * ttl)
		require.Zero(w.t, w.holder("s1"))
		require.Zero(w.t, w.faults.calls("Fetch"))
	})
}

func TestCloseEndsAnInitThatIsUnderWay(t *testing.T) {
	inBubble(t, func(w *world) {
		w.faults.failing(errCut, "Heartbeat")
		client := w.client("m1")
		failed := make(chan error)
		go func() {
			_, err := client.Init(w.within(time.Hour))
			failed <- err
		}()
		time.Sleep(5 * time.Second)
		require.NoError(w.t, client.Close(w.within(time.Minute)))
		require.ErrorIs(w.t, <-failed, streamlease.ErrClosed)
	})
}

func TestCallsBeforeInitSayWhatToDo(t *testing.T) {
	inBubble(t, func(w *world) {
		client := w.client("m1")
		ref := w.announce("s1")[0]
		_, err := client.Claim(w.t.Context(), ref)
		require.ErrorIs(w.t, err, streamlease.ErrInvalid)
		require.ErrorContains(w.t, err, "Init")
		require.ErrorIs(w.t, client.DoneStream(w.t.Context(), "s1"), streamlease.ErrInvalid)
		require.Empty(w.t, client.Owned())
		require.Zero(w.t, client.Status())
		require.Equal(w.t, "m1", client.ID())
	})
}

func TestTheWarningsOfACheckAreLogged(t *testing.T) {
	inBubble(t, func(w *world) {
		var log bytes.Buffer
		m := w.join("m1", func(config *streamlease.Config) {
			config.Logger = slog.New(slog.NewTextHandler(&log, nil))
		})
		m.end()
		require.Contains(w.t, log.String(), `level=WARN msg="the server forgets when it restarts" member=m1/`)
	})
}

// panicking is a lease store whose Check panics.
type panicking struct{ ports.LeaseStore }

func (panicking) Check(context.Context) ([]string, error) { panic("index out of range") }

func TestAPortThatPanicsInItsCheckIsAnError(t *testing.T) {
	inBubble(t, func(w *world) {
		client := w.client("m1", func(config *streamlease.Config) {
			config.Ports.Leases = panicking{config.Ports.Leases}
		})
		_, err := client.Init(w.t.Context())
		require.ErrorContains(w.t, err, "index out of range")
	})
}
