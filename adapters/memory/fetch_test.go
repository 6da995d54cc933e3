package memory_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

func TestAnnounceAddsInOrderWithGrowingMessageIDs(t *testing.T) {
	s := newSourceStory(t)
	first := s.announce("a", "b")
	s.clock.Advance(-time.Minute)
	second := s.announce("c")
	s.clock.Advance(time.Hour)
	third := s.announce("d")
	require.Equal(t, "1800000000000-0", first[0].MessageID)
	require.Equal(t, "1800000000000-1", first[1].MessageID)
	require.Equal(t, "1800000000000-2", second[0].MessageID, "the clock went back; message IDs must not")
	require.Equal(t, "1800003540000-0", third[0].MessageID)
	require.Equal(t, append(append(first, second...), third...), refsOf(s.fetch(alice, 10).Assignments))
}

func TestAnnounceRefusesWhatBreaksTheRulesAndAddsTheRest(t *testing.T) {
	s := newSourceStory(t)
	results, err := s.source.Announce(t.Context(), []ports.Assignment{
		{Ref: ports.StreamRef{Name: ""}},
		{Ref: ports.StreamRef{Name: "a\xff"}},
		{Ref: ports.StreamRef{Name: strings.Repeat("x", ports.MaxNameBytes+1)}},
		{Ref: ports.StreamRef{Name: "info"}, Info: ports.Info(`[1]`)},
		{Ref: ports.StreamRef{Name: "good: \x00\n*"}, Info: ports.Info{}},
	})
	require.NoError(t, err)
	for _, refused := range results[:4] {
		require.ErrorIs(t, refused.Err, ports.ErrInvalid)
	}
	require.NoError(t, results[4].Err)
	require.Equal(t, []ports.Assignment{{Ref: results[4].Ref}}, s.fetch(alice, 10).Assignments)
}

func TestAnnounceKeepsItsOwnCopyOfTheInfo(t *testing.T) {
	s := newSourceStory(t)
	info := ports.Info(`{"a":1}`)
	_, err := s.source.Announce(t.Context(), []ports.Assignment{{Ref: ports.StreamRef{Name: "a"}, Info: info}})
	require.NoError(t, err)
	copy(info, `XXXXXXX`)
	require.Equal(t, `{"a":1}`, string(s.fetch(alice, 1).Assignments[0].Info))
}

func TestFetchHandsEachAssignmentToOneMemberInOrder(t *testing.T) {
	s := newSourceStory(t)
	refs := s.announce("a", "b", "c", "d", "e")
	first := s.fetch(alice, 2)
	second := s.fetch(bob, 2)
	third := s.fetch(alice, 2)
	require.Equal(t, refs[:2], refsOf(first.Assignments))
	require.Equal(t, refs[2:4], refsOf(second.Assignments))
	require.Equal(t, refs[4:], refsOf(third.Assignments))
	require.Equal(t, []int64{3, 1, 0}, []int64{first.Left, second.Left, third.Left})
	require.Equal(t, `{"for":"a"}`, string(first.Assignments[0].Info))
}

func TestFetchWithNothingThereIsNoError(t *testing.T) {
	s := newSourceStory(t)
	require.Equal(t, ports.Fetched{}, s.fetch(alice, 10))
}

func TestFetchWithNoRoomOnlySaysHowManyAreLeft(t *testing.T) {
	s := newSourceStory(t)
	refs := s.announce("a")
	require.Equal(t, ports.Fetched{Left: 1}, s.fetch(alice, 0))
	require.Equal(t, refs, refsOf(s.fetch(bob, 1).Assignments))
}

// liveSource runs in a bubble of testing/synctest, whose clock is time.Now.
func liveSource(t *testing.T) *memory.Source {
	t.Helper()
	source, err := memory.NewSource(memory.Config{})
	require.NoError(t, err)
	return source
}

func TestFetchWaitsForTheFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := liveSource(t)
		began := time.Now()
		go func() {
			time.Sleep(3 * time.Second)
			_, _ = source.Announce(t.Context(), []ports.Assignment{{Ref: ports.StreamRef{Name: "late"}}})
		}()
		fetched, err := source.Fetch(t.Context(), alice, 10, time.Minute)
		require.NoError(t, err)
		require.Len(t, fetched.Assignments, 1)
		require.Equal(t, 3*time.Second, time.Since(began))
	})
}

func TestFetchWaitsNoLongerThanItMay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := liveSource(t)
		began := time.Now()
		fetched, err := source.Fetch(t.Context(), alice, 10, 5*time.Second)
		require.NoError(t, err)
		require.Empty(t, fetched.Assignments)
		require.Equal(t, 5*time.Second, time.Since(began))
	})
}

func TestFetchEndsAtOnceWhenItsContextIsCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		source := liveSource(t)
		ctx, cancel := context.WithCancel(t.Context())
		began := time.Now()
		go func() {
			time.Sleep(time.Second)
			cancel()
		}()
		_, err := source.Fetch(ctx, alice, 10, time.Hour)
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, time.Second, time.Since(began))
	})
}

func TestACancelledFetchLosesNothing(t *testing.T) {
	s := newSourceStory(t)
	refs := s.announce("a")
	_, err := s.source.Fetch(ended(), alice, 10, time.Hour)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, refs, refsOf(s.fetch(bob, 10).Assignments))
}

func TestDeliveriesListsWhatWasDeliveredOrTakenAndIsNotSettled(t *testing.T) {
	s := newSourceStory(t)
	delivered := s.delivered(alice, "delivered")
	taken := s.delivered(alice, "taken")
	stolen := s.delivered(alice, "stolen")
	handedOff := s.delivered(alice, "handed off")
	done := s.delivered(alice, "done")
	claimed := s.delivered(bob, "claimed")
	s.taken(alice, taken, 10)
	s.taken(alice, stolen, 11)
	s.taken(bob, stolen, 12)
	s.taken(alice, handedOff, 13)
	s.handedOff(alice, handedOff, 13)
	s.taken(alice, done, 14)
	s.settled(alice, ports.Settlement{Ref: done, Token: 14, Outcome: ports.Done})
	s.taken(alice, claimed, 15)

	type seen struct {
		ref   ports.StreamRef
		token ports.Token
		taken bool
	}
	var listed []seen
	for _, d := range s.deliveries(alice) {
		listed = append(listed, seen{d.Assignment.Ref, d.Token, d.Taken})
	}
	require.Equal(t, []seen{{delivered, 0, false}, {taken, 10, true}, {claimed, 15, true}}, listed)
	bobs := s.deliveries(bob)
	require.Len(t, bobs, 1)
	require.Equal(t, stolen, bobs[0].Assignment.Ref)
	require.Equal(t, `{"for":"stolen"}`, string(bobs[0].Assignment.Info))
}

func TestDeliveriesBeginAfterAMessageID(t *testing.T) {
	s := newSourceStory(t)
	refs := s.announce("a", "b", "c")
	s.fetch(alice, 3)
	page, err := s.source.Deliveries(t.Context(), alice, refs[0].MessageID, 1)
	require.NoError(t, err)
	require.Equal(t, refs[1], page.Deliveries[0].Assignment.Ref)
	page, err = s.source.Deliveries(t.Context(), alice, page.Next, 1)
	require.NoError(t, err)
	require.Equal(t, refs[2], page.Deliveries[0].Assignment.Ref)
	require.Empty(t, page.Next)
}

func TestDeliveriesCompareMessageIDsByNumber(t *testing.T) {
	s := newSourceStory(t)
	names := strings.Split(strings.Repeat("s,", 11)+"s", ",")
	refs := s.announce(names...)
	s.fetch(alice, len(refs))
	page, err := s.source.Deliveries(t.Context(), alice, refs[9].MessageID, 100)
	require.NoError(t, err)
	require.Len(t, page.Deliveries, 2, "-10 and -11 come after -9")
}

func TestDeliveriesRefusesACursorThatIsNone(t *testing.T) {
	s := newSourceStory(t)
	_, err := s.source.Deliveries(t.Context(), alice, "junk", 1)
	require.ErrorIs(t, err, ports.ErrRefused)
	require.ErrorIs(t, err, ports.ErrInvalid)
}

func TestDeliveriesKeepsNothingUndeliveredFromFetch(t *testing.T) {
	s := newSourceStory(t)
	ref := s.announce("claimed before it was delivered")[0]
	s.taken(alice, ref, 10)
	require.Len(t, s.deliveries(alice), 1)
	require.Equal(t, []ports.StreamRef{ref}, refsOf(s.fetch(bob, 1).Assignments))
	require.Len(t, s.deliveries(bob), 1, "a lost answer of Fetch is found here")
	require.True(t, s.deliveries(alice)[0].Taken)
}
