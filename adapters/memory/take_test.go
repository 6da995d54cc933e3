package memory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestTakeAnswersTheAssignment(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	result := s.taken(alice, ref, 10)
	require.Equal(t, ref, result.Assignment.Ref)
	require.Equal(t, `{"for":"s"}`, string(result.Assignment.Info))
	require.Zero(t, result.Failures)
	require.Zero(t, result.Crashes)
	require.True(t, result.Changed)
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, result.Taken)
}

func TestTakeIsIdempotentUntilItIsSettled(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	again := s.taken(alice, ref, 10)
	require.False(t, again.Changed)
	require.Equal(t, ref, again.Assignment.Ref)
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, again.Taken)

	s.handedOff(alice, ref, 10)
	settled := s.take(alice, ref, 10)
	require.ErrorIs(t, settled.Err, ports.ErrDisowned)
	require.Equal(t, ports.Token(10), settled.Remembered)
}

func TestTakeWithALowerTokenIsDisowned(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	for _, member := range []ports.Member{alice, bob} {
		lower := s.take(member, ref, 9)
		require.ErrorIs(t, lower.Err, ports.ErrDisowned)
		require.ErrorContains(t, lower.Err, ref.String())
		require.Equal(t, ports.Token(10), lower.Remembered)
		require.False(t, lower.Changed)
	}
}

func TestTakeOfTheSameTokenFromAnotherIncarnationIsDisowned(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	twin := ports.Member{ID: alice.ID, Incarnation: "alice-2"}
	same := s.take(twin, ref, 10)
	require.ErrorIs(t, same.Err, ports.ErrDisowned)
	require.Equal(t, ports.Token(10), same.Remembered)
}

func TestTakeWithAHigherTokenMovesTheAssignment(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	result := s.taken(bob, ref, 11)
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, result.Taken)
	require.Equal(t, ports.Tally{Change: 2, Count: 0}, s.beat(ports.Beat{Member: alice}).Taken,
		"a Take by another member is a change of the earlier taker's set")
	require.ErrorIs(t, s.take(alice, ref, 10).Err, ports.ErrDisowned)
}

func TestTakeByTheTakerWithAHigherTokenChangesNoTally(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	result := s.taken(alice, ref, 11)
	require.False(t, result.Changed)
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, result.Taken)
}

func TestTakeOfWhatIsGoneIsDone(t *testing.T) {
	s := newSourceStory(t)
	live := s.delivered(alice, "live")
	done := s.delivered(alice, "done")
	s.taken(alice, done, 10)
	s.settled(alice, ports.Settlement{Ref: done, Token: 10, Outcome: ports.Done})
	for _, gone := range []ports.StreamRef{
		done,
		{Name: "never was", MessageID: "5-0"},
		{Name: "never was", MessageID: live.MessageID},
		{Name: "never was", MessageID: "not even an ID"},
	} {
		require.ErrorIs(t, s.take(bob, gone, 99).Err, ports.ErrDone)
	}
}

func TestTakeOfATrimmedEntryIsLostAndItsRecordQuarantined(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	s.settled(alice, ports.Settlement{Ref: ref, Token: 10, Outcome: ports.Failed, Reason: "no luck"})
	s.memory.Trim(ref)

	require.Equal(t, []ports.StreamRef{ref}, sweptRefs(s.sweep(ports.SweepRequest{Limit: 10}).Due))
	lost := s.take(bob, ref, 11)
	require.ErrorIs(t, lost.Err, ports.ErrLost)
	require.NotErrorIs(t, lost.Err, ports.ErrDone)
	quarantined := s.memory.Quarantine()
	require.Len(t, quarantined, 1)
	require.Equal(t, ref, quarantined[0].Ref)
	require.Equal(t, 1, quarantined[0].Failures)
	require.Equal(t, ports.ErrLost.Error(), quarantined[0].Reason)
	require.Equal(t, "no luck", quarantined[0].Endings[0].Reason)
	require.ErrorIs(t, s.take(bob, ref, 12).Err, ports.ErrDone)
}

func TestTheOwnerOfATrimmedEntryLosesItWithItsTally(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	s.memory.Trim(ref)
	lost := s.take(alice, ref, 10)
	require.ErrorIs(t, lost.Err, ports.ErrLost)
	require.Equal(t, ports.Tally{Change: 2, Count: 0}, lost.Taken)
}

func TestATrimmedEntryThatWasNeverDeliveredIsGone(t *testing.T) {
	s := newSourceStory(t)
	refs := s.announce("trimmed", "kept")
	s.memory.Trim(refs[0])
	fetched := s.fetch(alice, 10)
	require.Equal(t, refs[1:], refsOf(fetched.Assignments))
	require.Zero(t, fetched.Left)
	require.ErrorIs(t, s.take(alice, refs[0], 1).Err, ports.ErrDone)
}

func TestTakeBeforeTheRetryTimeIsNotYet(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	s.settled(alice, ports.Settlement{Ref: ref, Token: 10, Outcome: ports.Failed, RetryIn: time.Minute})

	s.clock.Advance(20 * time.Second)
	early := s.take(bob, ref, 11)
	require.ErrorIs(t, early.Err, ports.ErrNotYet)
	require.Equal(t, 40*time.Second, early.RetryIn)

	s.clock.Advance(40 * time.Second)
	require.Equal(t, 1, s.taken(bob, ref, 11).Failures)
}

func TestTakeOfABatchAnswersEachItemInOrder(t *testing.T) {
	s := newSourceStory(t)
	free := s.delivered(alice, "free")
	held := s.delivered(alice, "held")
	s.taken(bob, held, 50)
	results, err := s.source.Take(t.Context(), alice, []ports.TakeRequest{
		{Ref: held, Token: 40},
		{Ref: ports.StreamRef{Name: "gone", MessageID: "1-1"}, Token: 41},
		{Ref: free, Token: 42},
		{Ref: free, Token: 42},
	})
	require.NoError(t, err)
	require.Len(t, results, 4)
	require.ErrorIs(t, results[0].Err, ports.ErrDisowned)
	require.ErrorIs(t, results[1].Err, ports.ErrDone)
	require.NoError(t, results[2].Err)
	require.NoError(t, results[3].Err)
	require.Equal(t, []int64{0, 0, 1, 1}, []int64{
		results[0].Taken.Count, results[1].Taken.Count, results[2].Taken.Count, results[3].Taken.Count,
	})
}

// tenure is a Take whose owner then settles, or is never heard of.
type tenure struct {
	member  ports.Member
	lasts   time.Duration
	outcome ports.Outcome
}

func TestCrashesAreCountedOnlyByASuspicionThatStands(t *testing.T) {
	silent := ports.Outcome(0)
	for _, row := range []struct {
		story             string
		tenures           []tenure
		failures, crashes int
	}{
		{"a hand-off costs nothing",
			[]tenure{{alice, 0, ports.HandedOff}, {bob, 0, ports.HandedOff}}, 0, 0},
		{"a failure is counted",
			[]tenure{{alice, 0, ports.Failed}, {bob, 0, ports.Failed}}, 2, 0},
		{"one silent loss is only a suspicion",
			[]tenure{{alice, 0, silent}}, 0, 0},
		{"a suspicion that stands at the next Take is a crash",
			[]tenure{{alice, 0, silent}, {bob, 0, silent}}, 0, 1},
		{"a suspicion that stands at the next Settle is a crash",
			[]tenure{{alice, 0, silent}, {bob, 0, ports.HandedOff}}, 0, 1},
		{"each silent loss is counted once",
			[]tenure{{alice, 0, silent}, {bob, 0, silent}, {carol, 0, silent}, {alice, 0, ports.Failed}}, 1, 3},
		{"a stable tenure that is settled sets the counts to zero",
			[]tenure{{alice, 0, ports.Failed}, {bob, stableAfter, ports.HandedOff}}, 0, 0},
		{"a stable tenure that fails counts only itself",
			[]tenure{{alice, 0, ports.Failed}, {bob, stableAfter, ports.Failed}}, 1, 0},
		{"a stable tenure that is lost sets the counts to zero",
			[]tenure{{alice, 0, ports.Failed}, {bob, stableAfter, silent}}, 0, 0},
		{"a tenure just short of stable does not",
			[]tenure{{alice, 0, ports.Failed}, {bob, stableAfter - 1, ports.HandedOff}}, 1, 0},
	} {
		t.Run(row.story, func(t *testing.T) {
			s := newSourceStory(t)
			ref := s.delivered(alice, "s")
			token := ports.Token(1)
			for _, tenure := range row.tenures {
				s.taken(tenure.member, ref, token)
				s.clock.Advance(tenure.lasts)
				if tenure.outcome != silent {
					s.settled(tenure.member, ports.Settlement{Ref: ref, Token: token, Outcome: tenure.outcome})
				}
				token++
			}
			result := s.taken(carol, ref, token)
			require.Equal(t, row.failures, result.Failures, "failures")
			require.Equal(t, row.crashes, result.Crashes, "crashes")
		})
	}
}

func TestWhoTakesAnAssignmentAgainIsNotItsOwnSuspect(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	require.Zero(t, s.taken(alice, ref, 11).Crashes)
	require.Zero(t, s.taken(alice, ref, 12).Crashes)
	require.Zero(t, s.taken(bob, ref, 13).Crashes)
	require.Equal(t, 1, s.taken(carol, ref, 14).Crashes, "alice was not heard of")
}

func TestTheSuspectsOwnLateSettlementClearsIt(t *testing.T) {
	for _, outcome := range []ports.Outcome{ports.Done, ports.HandedOff, ports.Failed, ports.Quarantined} {
		t.Run(outcome.String(), func(t *testing.T) {
			s := newSourceStory(t)
			ref := s.delivered(alice, "s")
			s.taken(alice, ref, 10)
			s.taken(bob, ref, 11)
			late := s.settle(alice, ports.Settlement{Ref: ref, Token: 10, Outcome: outcome})
			require.ErrorIs(t, late.Err, ports.ErrDisowned)
			require.Equal(t, ports.Token(11), late.Remembered)
			require.Zero(t, s.taken(bob, ref, 11).Crashes)
			s.handedOff(bob, ref, 11)
			require.Zero(t, s.taken(carol, ref, 12).Crashes)
		})
	}
}

func TestASettlementOfSomebodyElseClearsNoSuspicion(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	s.taken(bob, ref, 11)
	require.ErrorIs(t, s.settle(carol, ports.Settlement{Ref: ref, Token: 5, Outcome: ports.HandedOff}).Err, ports.ErrDisowned)
	require.Equal(t, 1, s.taken(carol, ref, 12).Crashes)
}
