package streamlease_test

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/ports"
)

// lose cuts the member off, waits until it has heard that it lost the stream,
// and leaves it cut off.
func (w *world) lose(m *member, stream *streamlease.Stream) {
	w.t.Helper()
	w.faults.failing(errCut, all...)
	lost := m.nextOf(streamlease.StreamDisowned)
	require.Same(w.t, stream, lost.Stream)
}

// quiet is a member whose calls meet no faults.
func (w *world) quiet(id string, change ...func(*streamlease.Config)) *member {
	return w.join(id, append(change, func(config *streamlease.Config) { config.Ports = w.service.Ports() })...)
}

func TestWithManualClaimTheApplicationClaims(t *testing.T) {
	inBubble(t, func(w *world) {
		first := w.join("m1", manual)
		stream := w.one(first, "s1")
		second := w.quiet("m2", manual)
		w.lose(first, stream)

		expired := second.nextOf(streamlease.StreamExpired)
		require.Equal(w.t, stream.Ref(), expired.Ref)
		require.Nil(w.t, expired.Stream)
		claimed, err := second.Claim(w.t.Context(), expired.Ref)
		require.NoError(w.t, err)
		require.Greater(w.t, claimed.Token(), stream.Token())
		require.Equal(w.t, stream.Info(), claimed.Info())
		require.Equal(w.t, []*streamlease.Stream{claimed}, second.Owned())
		second.hearsNothing(100 * ttl)
		require.NoError(w.t, second.DoneStream(w.t.Context(), "s1"))
		require.True(w.t, w.gone(stream.Ref()))
	})
}

func TestEachEndOfTenuresThatWereClaimedNamesItsOwnStream(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", manual)
		claimed := []*streamlease.Stream{w.one(m, "s1")}
		ref := claimed[0].Ref()
		wish := []ports.Hint{{Kind: ports.HintHandOff, Ref: ref}}
		for range 2 {
			require.NoError(w.t, w.service.Notifier.Publish(w.t.Context(), wish))
			<-claimed[len(claimed)-1].Context().Done()
			again, err := m.Claim(w.t.Context(), ref)
			require.NoError(w.t, err)
			claimed = append(claimed, again)
		}
		for _, ended := range claimed[:2] {
			require.Same(w.t, ended, m.nextOf(streamlease.StreamDisowned).Stream)
		}
		m.hearsNothing(100 * ttl)
	})
}

func TestAClaimThatCameTooLateSaysWhoWasFirst(t *testing.T) {
	inBubble(t, func(w *world) {
		stream := w.one(w.join("m1"), "s1")
		_, err := w.join("m2").Claim(w.t.Context(), stream.Ref())
		require.ErrorIs(w.t, err, streamlease.ErrHeld)
		require.ErrorContains(w.t, err, "m1")
		require.ErrorContains(w.t, err, "s1")
	})
}

func TestAClaimOfAFinishedStreamIsErrDone(t *testing.T) {
	inBubble(t, func(w *world) {
		first := w.join("m1")
		stream := w.one(first, "s1")
		require.NoError(w.t, stream.Done(w.t.Context()))
		synctest.Wait() // the lease is released after the settlement
		for _, m := range []*member{first, w.join("m2")} {
			_, err := m.Claim(w.t.Context(), stream.Ref())
			require.ErrorIs(w.t, err, streamlease.ErrDone)
		}
	})
}

func TestAClaimOfAnInvalidRefIsRefused(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		for _, ref := range []streamlease.StreamRef{{}, {Name: "s1"}, {MessageID: "1-0"}, {Name: "a\xff", MessageID: "1-0"}} {
			_, err := m.Claim(w.t.Context(), ref)
			require.ErrorIs(w.t, err, streamlease.ErrInvalid, "%+v", ref)
		}
	})
}

func TestAClaimBeyondMaxStreamsIsErrFull(t *testing.T) {
	inBubble(t, func(w *world) {
		refs := w.given(w.quiet("m2", manual), 2)
		m := w.join("m1", manual, func(config *streamlease.Config) { config.MaxStreams = 1 })
		_, err := m.Claim(w.t.Context(), refs[0])
		require.NoError(w.t, err)
		_, err = m.Claim(w.t.Context(), refs[1])
		require.ErrorIs(w.t, err, streamlease.ErrFull)
	})
}

// given leaves so many streams free: they were delivered, taken and given
// back, and no member that claims by itself is there.
func (w *world) given(m *member, count int) []streamlease.StreamRef {
	w.t.Helper()
	refs := w.announce(names(count)...)
	for _, stream := range m.added(count) {
		require.NoError(w.t, stream.HandOff(w.t.Context()))
	}
	time.Sleep(ttl / 10) // the leases are released after the settlement
	return refs
}

func TestClaimsThatWaitTogetherGoOutInFewBatches(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", manual)
		refs := w.given(m, 400)
		before := w.faults.calls("Acquire")
		release := w.faults.holding("Acquire")
		var claims sync.WaitGroup
		for _, ref := range refs {
			claims.Go(func() {
				_, err := m.Claim(w.t.Context(), ref)
				require.NoError(w.t, err)
			})
		}
		synctest.Wait()
		release()
		claims.Wait()
		require.Len(w.t, m.Owned(), 400)
		require.LessOrEqual(w.t, w.faults.calls("Acquire")-before, 7, "four that were out, and what had gathered")
	})
}

func TestAClaimWhoseCtxEndsReturnsAtOnceAndLeavesNoLease(t *testing.T) {
	for _, method := range []string{"Acquire", "Take"} {
		t.Run(method, func(t *testing.T) {
			inBubble(t, func(w *world) {
				ref := w.given(w.join("m1", manual), 1)[0]
				m := w.join("m2", manual)
				release := w.faults.holding(method)
				ctx, cancel := context.WithCancel(w.t.Context())
				failed := make(chan error)
				go func() {
					_, err := m.Claim(ctx, ref)
					failed <- err
				}()
				synctest.Wait()
				start := time.Now()
				cancel()
				err := <-failed
				require.ErrorIs(w.t, err, context.Canceled)
				require.ErrorIs(w.t, err, streamlease.ErrUnknownOutcome)
				require.Zero(w.t, time.Since(start))
				release()
				time.Sleep(ttl / 2)
				require.Zero(w.t, w.holder("s0000"))
				require.Empty(w.t, m.Owned())
			})
		})
	}
}

func TestACtxThatHasEndedBeforeTheCallAsksForNothing(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", manual)
		ref := w.given(m, 1)[0]
		before := w.faults.calls("Acquire")
		_, err := m.Claim(w.cancelled(), ref)
		require.ErrorIs(w.t, err, context.Canceled)
		require.NotErrorIs(w.t, err, streamlease.ErrUnknownOutcome)
		synctest.Wait()
		require.Equal(w.t, before, w.faults.calls("Acquire"))
	})
}

func TestAClaimOfWhatTheMemberOwnsIsTheSameTenure(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		again, err := m.Claim(w.t.Context(), stream.Ref())
		require.NoError(w.t, err)
		require.Same(w.t, stream, again)
	})
}

func TestAClaimOfAnUnreadTenureIsItsAnnouncement(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		ref := w.announce("s1")[0]
		time.Sleep(3 * ttl)
		stream, err := m.Claim(w.t.Context(), ref)
		require.NoError(w.t, err)
		m.hearsNothing(10 * ttl)
		require.NoError(w.t, m.DoneStream(w.t.Context(), "s1"))
		require.ErrorIs(w.t, context.Cause(stream.Context()), streamlease.ErrDone)
	})
}

func TestWithManualClaimAnOutageIsNoReasonToClaimByItself(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", manual)
		stream := w.one(m, "s1")
		w.lose(m, stream)
		w.faults.failing(nil, all...)
		require.Equal(w.t, stream.Ref(), m.nextOf(streamlease.StreamExpired).Ref)
		again, err := m.Claim(w.t.Context(), stream.Ref())
		require.NoError(w.t, err)
		require.Greater(w.t, again.Token(), stream.Token())
	})
}
