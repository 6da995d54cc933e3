package streamlease_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/ports"
)

// drain reads until the channel closes and returns what it heard.
func (m *member) drain() <-chan []streamlease.Notification {
	heard := make(chan []streamlease.Notification, 1)
	go func() {
		var all []streamlease.Notification
		for notification := range m.notifications {
			all = append(all, notification)
		}
		heard <- all
	}()
	return heard
}

func TestCloseHandsEverythingOnWithoutALeaseWait(t *testing.T) {
	inBubble(t, func(w *world) {
		first := w.join("m1")
		w.announce(names(50)...)
		streams := first.added(50)
		contexts := make(map[string]context.Context)
		for name, stream := range streams {
			contexts[name] = stream.Context()
		}
		second := w.join("m2")
		time.Sleep(3 * ttl)

		heard := first.drain()
		start := time.Now()
		require.NoError(w.t, first.Close(w.within(time.Minute)))
		for name, stream := range second.added(50) {
			require.Greater(w.t, stream.Token(), streams[name].Token())
		}
		require.Less(w.t, time.Since(start), ttl/2)

		last := <-heard
		require.Len(w.t, last, 1)
		require.Equal(w.t, streamlease.StreamTerminated, last[0].Kind)
		require.ErrorIs(w.t, last[0].Err, streamlease.ErrClosed)
		for _, ctx := range contexts {
			require.ErrorIs(w.t, context.Cause(ctx), streamlease.ErrClosed)
		}
	})
}

func TestAfterCloseEverythingIsErrClosed(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		done, live := w.one(m, "s1"), w.one(m, "s2")
		require.NoError(w.t, done.Done(w.t.Context()))
		m.end()

		_, err := m.Claim(w.t.Context(), live.Ref())
		require.ErrorIs(w.t, err, streamlease.ErrClosed)
		_, err = m.Init(w.t.Context())
		require.ErrorIs(w.t, err, streamlease.ErrClosed)
		require.ErrorIs(w.t, m.DoneStream(w.t.Context(), "s2"), streamlease.ErrClosed)
		require.Empty(w.t, m.Owned())
		require.Equal(w.t, "m1", m.ID())
		require.NoError(w.t, m.Close(w.t.Context()))
		require.NoError(w.t, m.Done(w.t.Context()))

		err = live.Done(w.t.Context())
		require.ErrorIs(w.t, err, streamlease.ErrClosed)
		require.ErrorIs(w.t, err, streamlease.ErrNotOwned)
		require.NoError(w.t, done.Done(w.t.Context()), "a second Done is nil for ever")
		require.False(w.t, w.gone(live.Ref()))
	})
}

func TestCloseMayBeCalledByMany(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		w.one(m, "s1")
		heard := m.drain()
		results := make(chan error, 10)
		for range 10 {
			go func() { results <- m.Close(w.within(time.Minute)) }()
		}
		for range 10 {
			require.NoError(w.t, <-results)
		}
		require.Len(w.t, <-heard, 1)
	})
}

func TestCloseBeforeInitWaitsForNothing(t *testing.T) {
	inBubble(t, func(w *world) {
		client := w.client("m1")
		require.NoError(w.t, client.Close(context.Background()))
		require.NoError(w.t, client.Close(context.Background()))
		_, err := client.Init(w.t.Context())
		require.ErrorIs(w.t, err, streamlease.ErrClosed)
	})
}

func TestCloseWaitsForTheReaderUntilItsCtxEnds(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		w.announce("s1")
		time.Sleep(3 * ttl)
		start := time.Now()
		require.NoError(w.t, m.Close(w.within(20*ttl)), "everything was handed off; only the reader was missing")
		require.Equal(w.t, 20*ttl, time.Since(start))
		_, open := <-m.notifications
		require.False(w.t, open)
		require.Zero(w.t, w.holder("s1"))
	})
}

func TestCloseLeavesTheApplicationItsGrace(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", func(config *streamlease.Config) { config.Grace = 5 * ttl })
		w.announce("s1", "s2", "s3")
		streams := m.added(3)
		ctx := streams["s1"].Context()
		heard := m.drain()
		start := time.Now()
		closed := make(chan error, 1)
		go func() { closed <- m.Close(w.within(time.Minute)) }()
		<-ctx.Done()
		require.Zero(w.t, time.Since(start))
		require.ErrorIs(w.t, context.Cause(ctx), streamlease.ErrClosed)

		time.Sleep(3 * ttl)
		_, err := m.Claim(w.t.Context(), streams["s1"].Ref())
		require.ErrorIs(w.t, err, streamlease.ErrClosed)
		require.NoError(w.t, streams["s1"].Done(w.t.Context()))
		require.NoError(w.t, m.DoneStream(w.t.Context(), "s2"))
		require.NotZero(w.t, w.holder("s3"))
		require.NoError(w.t, <-closed)
		require.GreaterOrEqual(w.t, time.Since(start), 5*ttl)
		require.Less(w.t, time.Since(start), 6*ttl)
		<-heard
		require.True(w.t, w.gone(streams["s1"].Ref()))
		require.True(w.t, w.gone(streams["s2"].Ref()))
		require.False(w.t, w.gone(streams["s3"].Ref()))
		require.Zero(w.t, w.holder("s3"))
	})
}

func TestCloseEndsAtOnceWhenAllIsSettledWithinTheGrace(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", func(config *streamlease.Config) { config.Grace = time.Hour })
		stream := w.one(m, "s1")
		heard := m.drain()
		context.AfterFunc(stream.Context(), func() { _ = stream.HandOff(context.Background()) })
		start := time.Now()
		require.NoError(w.t, m.Close(w.within(time.Minute)))
		require.Less(w.t, time.Since(start), ttl)
		<-heard
	})
}

func TestACtxThatEndsForcesTheHandOff(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", func(config *streamlease.Config) { config.Grace = time.Hour })
		stream := w.one(m, "s1")
		heard := m.drain()
		start := time.Now()
		require.ErrorIs(w.t, m.Close(w.within(2*ttl)), context.DeadlineExceeded)
		require.Equal(w.t, 2*ttl, time.Since(start))
		require.NoError(w.t, m.Close(w.within(time.Minute)), "a further Close waits for the rest")
		require.Less(w.t, time.Since(start), 3*ttl)
		<-heard
		require.ErrorIs(w.t, stream.Done(w.t.Context()), streamlease.ErrNotOwned)
		require.Zero(w.t, w.holder("s1"))
	})
}

func TestCloseWithACtxThatHasEndedHandsOffAllTheSame(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		heard := m.drain()
		synctest.Wait()
		release := w.faults.holding("Settle")
		start := time.Now()
		require.ErrorIs(w.t, m.Close(w.cancelled()), context.Canceled)
		require.Zero(w.t, time.Since(start))
		release()
		last := <-heard
		require.Len(w.t, last, 1, "a reader that waits is told")
		require.Equal(w.t, streamlease.StreamTerminated, last[0].Kind)
		require.NoError(w.t, m.Close(w.t.Context()))
		require.Zero(w.t, w.holder("s1"))
		require.False(w.t, w.gone(stream.Ref()))
	})
}

func TestACloseThatWasForcedEndsWithoutAReader(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		w.one(m, "s1")
		w.faults.holding("Settle")
		require.ErrorIs(w.t, m.Close(w.cancelled()), context.Canceled)
		start := time.Now()
		require.NoError(w.t, m.Close(context.Background()))
		require.Less(w.t, time.Since(start), ttl)
		_, open := <-m.notifications
		require.False(w.t, open)
	})
}

func TestNobodyIsLeftWaitingWhenTheClientTerminates(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		ctx := stream.Context()
		w.faults.failing(&streamlease.RefusedError{Command: "HEARTBEAT", Lasting: true}, all...)
		w.faults.failing(errCut, "Settle")
		done := make(chan error)
		go func() { done <- stream.Done(context.Background()) }()
		require.Error(w.t, <-done, "nobody reads StreamTerminated yet")
		time.Sleep(10 * ttl)
		require.Error(w.t, ctx.Err())
		require.Empty(w.t, m.Owned())
		require.ErrorIs(w.t, m.DoneStream(w.t.Context(), "nobody's"), streamlease.ErrClosed)
		_, err := m.Claim(w.t.Context(), stream.Ref())
		require.ErrorIs(w.t, err, streamlease.ErrClosed)
	})
}

func TestCloseIsBoundedWhenTheStoresAreGone(t *testing.T) {
	for name, cut := range map[string]func(*faults){
		"refused": func(f *faults) { f.failing(errCut, all...) },
		"black hole": func(f *faults) {
			for _, method := range all {
				f.holding(method)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			inBubble(t, func(w *world) {
				m := w.join("m1")
				stream := w.one(m, "s1")
				cut(w.faults)
				heard := m.drain()
				start := time.Now()
				_ = m.Close(w.within(3 * ttl)) // whether it was in time for an orderly end does not matter here
				require.NoError(w.t, m.Close(context.Background()))
				require.Less(w.t, time.Since(start), 5*ttl)
				<-heard
				require.Error(w.t, stream.Context().Err())
				require.Error(w.t, stream.Done(w.t.Context()))
			})
		})
	}
}

// closable is a lease store that notes its end.
type closable struct {
	ports.LeaseStore
	closes *atomic.Int32
}

func (c closable) Close() error {
	c.closes.Add(1)
	return nil
}

func TestThePortsAreClosedOnceAtTheEnd(t *testing.T) {
	inBubble(t, func(w *world) {
		var closes atomic.Int32
		withClosable := func(config *streamlease.Config) {
			config.Ports.Leases = closable{config.Ports.Leases, &closes}
		}
		m := w.join("m1", withClosable)
		require.Zero(w.t, closes.Load())
		m.end()
		m.end()
		require.EqualValues(w.t, 1, closes.Load())

		client := w.client("m2", withClosable)
		require.NoError(w.t, client.Close(w.t.Context()))
		require.NoError(w.t, client.Close(w.t.Context()))
		require.EqualValues(w.t, 2, closes.Load(), "a client that was never initialized")
	})
}

func TestAnInitThatFailedLeavesThePortsOpen(t *testing.T) {
	inBubble(t, func(w *world) {
		var closes atomic.Int32
		client := w.client("m1", func(config *streamlease.Config) {
			config.Ports.Leases = closable{config.Ports.Leases, &closes}
		})
		w.faults.failing(errCut, "Heartbeat")
		_, err := client.Init(w.within(ttl))
		require.Error(w.t, err)
		synctest.Wait()
		require.Zero(w.t, closes.Load())
		require.NoError(w.t, client.Close(w.t.Context()))
		require.EqualValues(w.t, 1, closes.Load())
	})
}

func TestALastingRefusalTerminatesTheClient(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		refusal := &streamlease.RefusedError{Server: "redis:6379", Command: "HEARTBEAT", Advice: "upgrade this program", Lasting: true}
		w.faults.failing(refusal, "Heartbeat")
		var last streamlease.Notification
		for notification := range m.notifications {
			last = notification
		}
		require.Equal(w.t, streamlease.StreamTerminated, last.Kind)
		require.ErrorIs(w.t, last.Err, streamlease.ErrRefused)
		require.NotErrorIs(w.t, last.Err, streamlease.ErrClosed)
		require.ErrorContains(w.t, last.Err, "upgrade this program")

		_, err := m.Claim(w.t.Context(), stream.Ref())
		require.ErrorIs(w.t, err, streamlease.ErrClosed)
		require.ErrorIs(w.t, err, streamlease.ErrRefused)
		require.Error(w.t, stream.Context().Err())
		require.NoError(w.t, m.Close(w.t.Context()))
	})
}

func TestARefusalBeforeTheMemberHasJoinedIsTheErrorOfInit(t *testing.T) {
	inBubble(t, func(w *world) {
		refusal := &streamlease.RefusedError{Server: "redis:6379", Command: "HEARTBEAT", Lasting: true}
		w.faults.failing(refusal, "Heartbeat")
		start := time.Now()
		_, err := w.client("m1").Init(w.within(time.Hour))
		require.ErrorIs(w.t, err, streamlease.ErrRefused)
		require.Less(w.t, time.Since(start), time.Minute)
	})
}

func TestDoneFinishesWhatWasReceivedAndHandsOnTheRest(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		refs := w.announce("s1", "s2", "s3")
		received := m.added(2)
		done := make(chan error)
		go func() { done <- m.Done(w.within(time.Minute)) }()
		time.Sleep(ttl)
		last := m.nextOf(streamlease.StreamTerminated)
		require.ErrorIs(w.t, last.Err, streamlease.ErrClosed)
		require.NoError(w.t, <-done)
		for _, ref := range refs {
			require.Equal(w.t, received[ref.Name] != nil, w.gone(ref), "%v", ref)
			require.Zero(w.t, w.holder(ref.Name))
		}
	})
}

func TestDoneGoesOnAfterAnErrorAndReturnsAll(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		w.announce(names(3)...)
		streams := m.added(3)
		refusal := &streamlease.RefusedError{Server: "redis:6379", Command: "SETTLE"}
		w.faults.failing(refusal, "Settle")
		heard := m.drain()
		err := m.Done(w.within(3 * ttl))
		require.ErrorIs(w.t, err, streamlease.ErrRefused)
		for name := range streams {
			require.ErrorContains(w.t, err, name)
		}
		<-heard
		require.Empty(w.t, m.Owned())
	})
}

func TestDoneWithACtxThatHasEndedNamesEveryStream(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		refs := w.announce(names(3)...)
		m.added(3)
		heard := m.drain()
		err := m.Done(w.cancelled())
		require.ErrorIs(w.t, err, context.Canceled)
		for _, ref := range refs {
			require.ErrorContains(w.t, err, ref.String())
		}
		<-heard
		require.False(w.t, w.gone(refs[0]), "it is handed on")
	})
}
