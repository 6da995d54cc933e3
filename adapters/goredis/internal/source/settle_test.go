package source

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestDoneRemovesTheAssignmentForGood(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	f.end(alice, ref, 7, ports.Failed)
	f.take(alice, ref, 8)
	result := f.end(alice, ref, 8, ports.Done)
	require.NoError(t, result.Err)
	require.True(t, result.Gone)
	require.True(t, result.Changed)
	require.Zero(t, result.Taken.Count)

	require.Zero(t, f.redis.XLen(f.ctx, f.conn.Stream()).Val())
	require.Zero(t, f.redis.XPending(f.ctx, f.conn.Stream(), f.conn.Group()).Val().Count)
	require.Zero(t, f.redis.Exists(f.ctx, f.conn.Endings(), f.conn.Due()).Val())
	require.Equal(t, []string{"taken:alice"}, f.redis.HKeys(f.ctx, f.conn.Records()).Val())

	again := f.end(alice, ref, 8, ports.Done)
	require.NoError(t, again.Err)
	require.True(t, again.Gone)
	require.False(t, again.Changed)
}

func TestHandedOffGivesTheAssignmentBackAtNoCost(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	for range 2 {
		result := f.end(alice, ref, 7, ports.HandedOff)
		require.NoError(t, result.Err)
		require.False(t, result.Gone)
		require.Equal(t, ports.Tally{Change: 2, Count: 0}, result.Taken)
	}
	taken := f.take(bob, ref, 8)
	require.NoError(t, taken.Err)
	require.Zero(t, taken.Failures)
	require.Zero(t, taken.Crashes)
	require.Zero(t, f.redis.Exists(f.ctx, f.conn.Endings()).Val())
}

func TestFailedGivesTheAssignmentBackAndCountsOnce(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.True(t, f.end(alice, ref, 7, ports.Failed).Changed)
	again := f.end(alice, ref, 7, ports.Failed)
	require.NoError(t, again.Err)
	require.False(t, again.Changed)
	require.Equal(t, 1, f.take(bob, ref, 8).Failures)
	f.end(bob, ref, 8, ports.Failed)
	require.Equal(t, 2, f.take(alice, ref, 9).Failures)
}

func TestAnotherSettlementOfATenureThatIsSettledIsDisowned(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	f.end(alice, ref, 7, ports.HandedOff)
	for _, outcome := range []ports.Outcome{ports.Done, ports.Failed, ports.Quarantined} {
		result := f.end(alice, ref, 7, outcome)
		require.ErrorIs(t, result.Err, ports.ErrDisowned, outcome.String())
		require.Equal(t, ports.Token(7), result.Remembered)
	}
	require.Zero(t, f.take(bob, ref, 8).Failures)
}

func TestASettlementOfAnotherTenureIsDisownedAndChangesNothing(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.NoError(t, f.take(bob, ref, 9).Err)
	for _, attempt := range []struct {
		who   ports.Member
		token ports.Token
	}{{alice, 7}, {alice, 9}, {bob, 7}, {bob, 8}, {bob, 10}, {carol, 9}} {
		for _, outcome := range []ports.Outcome{ports.Done, ports.HandedOff, ports.Failed, ports.Quarantined} {
			result := f.end(attempt.who, ref, attempt.token, outcome)
			require.ErrorIs(t, result.Err, ports.ErrDisowned, "%v with token %d: %v", attempt.who, attempt.token, outcome)
			require.Equal(t, ports.Token(9), result.Remembered)
			require.False(t, result.Changed)
		}
	}
	again := f.take(bob, ref, 9)
	require.NoError(t, again.Err)
	require.Zero(t, again.Failures)
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, again.Taken)
}

func TestASettlementWithoutARecordIsDisownedWhileTheEntryIsThere(t *testing.T) {
	f := newFixture(t)
	ref := f.announce("s")[0]
	require.ErrorIs(t, f.end(alice, ref, 7, ports.Done).Err, ports.ErrDisowned)
	require.Equal(t, []ports.StreamRef{ref}, refsOf(f.fetch(alice, 5).Assignments))
}

func TestASettlementOfWhatIsGoneIsASuccess(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.NoError(t, f.redis.FlushAll(f.ctx).Err())
	for _, outcome := range []ports.Outcome{ports.Done, ports.HandedOff, ports.Failed, ports.Quarantined} {
		result := f.end(alice, ref, 7, outcome)
		require.NoError(t, result.Err)
		require.True(t, result.Gone)
		require.False(t, result.Changed)
		require.NoError(t, f.end(alice, ports.StreamRef{Name: "s", MessageID: "nonsense"}, 7, outcome).Err)
	}
}

func TestTheSameSettlementTwiceInOneBatchIsASuccess(t *testing.T) {
	f := newFixture(t)
	for _, outcome := range []ports.Outcome{ports.Done, ports.HandedOff, ports.Failed, ports.Quarantined} {
		ref := f.owned(alice, outcome.String(), 7)
		settlement := ports.Settlement{Ref: ref, Token: 7, Outcome: outcome}
		results, err := f.Settle(f.ctx, alice, []ports.Settlement{settlement, settlement})
		require.NoError(t, err)
		for i, result := range results {
			require.NoError(t, result.Err, outcome.String())
			require.Equal(t, i == 0, result.Changed)
			require.Zero(t, result.Taken.Count)
		}
	}
}

func TestAnUnknownOutcomeIsRefused(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.ErrorIs(t, f.end(alice, ref, 7, 0).Err, ports.ErrRefused)
	require.ErrorIs(t, f.end(alice, ref, 7, 99).Err, ports.ErrRefused)
	require.NoError(t, f.end(alice, ref, 7, ports.Done).Err)
}

func TestQuarantinedMovesTheAssignmentWithItsEvidence(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	f.end(alice, ref, 7, ports.Failed)
	f.take(bob, ref, 8)
	result := f.settle(bob, ports.Settlement{Ref: ref, Token: 8, Outcome: ports.Quarantined, Reason: "no \xff more " + strings.Repeat("é", 1000)})
	require.NoError(t, result.Err)
	require.True(t, result.Gone)
	require.True(t, result.Changed)
	require.ErrorIs(t, f.take(alice, ref, 9).Err, ports.ErrDone)
	require.Zero(t, f.redis.XLen(f.ctx, f.conn.Stream()).Val())

	text, payload := f.quarantined(ref.MessageID)
	require.Equal(t, `{"DataStreamName":"s","Info":{"n":1}}`, payload)
	var evidence struct {
		Name, Reason, Failures, Crashes, Token, Taker, Size string
		Endings                                             []struct{ Member, Incarnation, Token, Outcome, Reason string }
	}
	require.NoError(t, json.Unmarshal([]byte(text), &evidence))
	require.Equal(t, "s", evidence.Name)
	require.True(t, strings.HasPrefix(evidence.Reason, "no  more éé"), evidence.Reason)
	require.LessOrEqual(t, len(evidence.Reason), ports.MaxReasonBytes)
	require.Equal(t, "1", evidence.Failures)
	require.Equal(t, "8", evidence.Token)
	require.Equal(t, fmt.Sprint(len(payload)), evidence.Size)
	require.Len(t, evidence.Endings, 2)
	require.Equal(t, "pod alice", evidence.Endings[0].Member)
	require.Equal(t, "Failed", evidence.Endings[0].Outcome)
	require.Equal(t, "because", evidence.Endings[0].Reason)
	require.Equal(t, "Quarantined", evidence.Endings[1].Outcome)
}

func TestTheLastFiveEndingsAreKeptFromTheFirstFailureOn(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 1)
	f.end(alice, ref, 1, ports.HandedOff)
	for token := ports.Token(2); token <= 7; token++ {
		require.NoError(t, f.take(bob, ref, token).Err)
		outcome := ports.Failed
		if token%2 == 1 {
			outcome = ports.HandedOff
		}
		f.end(bob, ref, token, outcome)
	}
	var endings []struct{ Token, Outcome string }
	require.NoError(t, json.Unmarshal([]byte(f.redis.HGet(f.ctx, f.conn.Endings(), ref.MessageID).Val()), &endings))
	require.Len(t, endings, 5)
	for i, ending := range endings {
		require.Equal(t, fmt.Sprint(3+i), ending.Token)
	}
	require.Equal(t, "HandedOff", endings[0].Outcome)
	require.Equal(t, "Failed", endings[1].Outcome)
}

// What a suspicion comes to.

func TestASuspicionThatStandsAtTheNextTakeIsACrash(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.Zero(t, f.take(bob, ref, 8).Crashes, "a takeover alone is no crash")
	taken := f.take(carol, ref, 9)
	require.Equal(t, 1, taken.Crashes, "alice was not heard of since")
	require.Equal(t, 1, f.take(carol, ref, 9).Crashes, "the same Take again counts nothing")
	require.Equal(t, 2, f.take(alice, ref, 10).Crashes)

	endings := f.redis.HGet(f.ctx, f.conn.Endings(), ref.MessageID).Val()
	var crashes []struct{ Member, Incarnation, Token, Outcome string }
	require.NoError(t, json.Unmarshal([]byte(endings), &crashes))
	require.Len(t, crashes, 2)
	require.Equal(t, "pod_alice", crashes[0].Member)
	require.Equal(t, "alice", crashes[0].Incarnation)
	require.Equal(t, "7", crashes[0].Token)
	require.Equal(t, "Crashed", crashes[0].Outcome)
}

func TestASuspicionThatStandsAtTheNextSettlementIsACrash(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	f.take(bob, ref, 8)
	f.end(bob, ref, 8, ports.HandedOff)
	require.ErrorIs(t, f.end(alice, ref, 7, ports.HandedOff).Err, ports.ErrDisowned)
	require.Equal(t, 1, f.take(carol, ref, 9).Crashes, "alice is heard of too late")
}

func TestALateSettlementOfTheSuspectClearsTheSuspicion(t *testing.T) {
	for _, outcome := range []ports.Outcome{ports.Done, ports.HandedOff, ports.Failed, ports.Quarantined} {
		f := newFixture(t)
		ref := f.owned(alice, "s", 7)
		f.take(bob, ref, 8)
		require.ErrorIs(t, f.end(carol, ref, 7, outcome).Err, ports.ErrDisowned, "somebody else's clears nothing")
		require.ErrorIs(t, f.end(alice, ref, 7, outcome).Err, ports.ErrDisowned)
		taken := f.take(carol, ref, 9)
		require.Zero(t, taken.Crashes, outcome.String())
		require.Zero(t, taken.Failures)
		require.Equal(t, 1, f.take(alice, ref, 10).Crashes, "bob was not heard of")
	}
}

func TestATenureThatLastedSetsTheCountsToZeroWhenItEnds(t *testing.T) {
	const stable = 5 * time.Millisecond
	long := func(f *fixture) {
		start := f.serverNow()
		f.eventually(func() bool { return f.serverNow().Sub(start) > 2*stable }, "the clock stands")
	}
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	f.end(alice, ref, 7, ports.Failed)
	require.Equal(t, 1, f.take(bob, ref, 8).Failures)
	require.Zero(t, f.take(alice, ref, 9).Crashes)
	require.Equal(t, 1, f.take(alice, ref, 10).Crashes)

	// At the end by a settlement: the failure that ends it counts anew.
	f.settle(alice, ports.Settlement{Ref: ref, Token: 10, Outcome: ports.Failed, StableAfter: time.Hour})
	taken := f.take(bob, ref, 11)
	require.Equal(t, 2, taken.Failures)
	require.Equal(t, 1, taken.Crashes, "alice took it again after token 9: she lived")
	long(f)
	f.settle(bob, ports.Settlement{Ref: ref, Token: 11, Outcome: ports.Failed, StableAfter: stable})
	taken = f.take(alice, ref, 12)
	require.Equal(t, 1, taken.Failures)
	require.Zero(t, taken.Crashes)

	// At the end by a Take of somebody else.
	long(f)
	results, err := f.Take(f.ctx, bob, []ports.TakeRequest{{Ref: ref, Token: 13, StableAfter: stable}})
	require.NoError(t, err)
	require.Zero(t, results[0].Failures)
	require.Zero(t, f.redis.Exists(f.ctx, f.conn.Endings()).Val())
	require.Equal(t, 1, f.take(carol, ref, 14).Crashes, "alice may have crashed all the same")
}

func TestWhoTakesAnAssignmentAgainIsNotItsOwnSuspect(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.Zero(t, f.take(alice, ref, 8).Crashes)
	require.Zero(t, f.take(alice, ref, 9).Crashes)
	require.Zero(t, f.take(bob, ref, 10).Crashes)
	require.Equal(t, 1, f.take(carol, ref, 11).Crashes, "alice was not heard of")
}

func TestSettleWorksWhenTheServerIsOutOfMemory(t *testing.T) {
	f := newFixture(t, "maxmemory-policy noeviction")
	refs := f.announce("a", "b", "c", "d", "new")
	f.fetch(alice, 4)
	for _, ref := range refs[:4] {
		require.NoError(t, f.take(alice, ref, 7).Err)
	}
	require.NoError(t, f.redis.ConfigSet(f.ctx, "maxmemory", "1").Err())
	_, err := f.Take(f.ctx, bob, []ports.TakeRequest{{Ref: refs[0], Token: 8}})
	require.ErrorIs(t, err, ports.ErrRefused)
	_, err = f.Fetch(f.ctx, bob, 1, 0)
	require.ErrorIs(t, err, ports.ErrRefused)
	results, err := f.Announce(f.ctx, []ports.Assignment{{Ref: ports.StreamRef{Name: "x"}}})
	require.NoError(t, err)
	require.ErrorIs(t, results[0].Err, ports.ErrRefused)

	require.NoError(t, f.end(alice, refs[0], 7, ports.Done).Err)
	require.NoError(t, f.end(alice, refs[1], 7, ports.HandedOff).Err)
	require.NoError(t, f.end(alice, refs[2], 7, ports.Failed).Err)
	require.NoError(t, f.end(alice, refs[3], 7, ports.Quarantined).Err)
	require.Equal(t, ports.Tally{Change: 8, Count: 0}, f.beat(alice).Taken)
	require.Empty(t, f.deliveries(alice).Deliveries)
}

func TestTheTallyFollowsTakesSettlementsAndSteals(t *testing.T) {
	f := newFixture(t)
	refs := f.announce("a", "b", "c")
	f.fetch(alice, 3)
	require.Equal(t, ports.Tally{}, f.beat(alice).Taken)
	for i, ref := range refs {
		require.Equal(t, ports.Tally{Change: int64(i + 1), Count: int64(i + 1)}, f.take(alice, ref, 7).Taken)
	}
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, f.take(bob, refs[0], 8).Taken)
	require.Equal(t, ports.Tally{Change: 4, Count: 2}, f.beat(alice).Taken)
	again := f.take(alice, refs[1], 9)
	require.NoError(t, again.Err)
	require.False(t, again.Changed, "it was among what alice had taken already")
	require.Equal(t, ports.Tally{Change: 4, Count: 2}, again.Taken)
	require.Equal(t, ports.Tally{Change: 5, Count: 1}, f.end(alice, refs[1], 9, ports.Failed).Taken)
	require.Equal(t, ports.Tally{Change: 6, Count: 0}, f.end(alice, refs[2], 7, ports.Done).Taken)
	require.Equal(t, ports.Tally{Change: 6, Count: 0}, f.deliveries(alice).Taken)
}
