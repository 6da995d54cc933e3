package source

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestTakeAnswersTheAssignmentWithItsInfo(t *testing.T) {
	f := newFixture(t)
	ref := f.announce("s")[0]
	f.fetch(alice, 1)
	result := f.take(alice, ref, 7)
	require.NoError(t, result.Err)
	require.Equal(t, ports.Assignment{Ref: ref, Info: ports.Info(`{"n":1}`)}, result.Assignment)
	require.True(t, result.Changed)
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, result.Taken)
}

func TestTakeWithAHigherTokenTakesOver(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.NoError(t, f.take(bob, ref, 8).Err)
	require.ErrorIs(t, f.end(alice, ref, 7, ports.Done).Err, ports.ErrDisowned)
	require.NoError(t, f.end(bob, ref, 8, ports.Done).Err)
}

func TestTheSameTokenFromTheSameIncarnationIsASuccessUntilItIsSettled(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	again := f.take(alice, ref, 7)
	require.NoError(t, again.Err)
	require.False(t, again.Changed)
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, again.Taken)
	require.Equal(t, ports.Info(`{"n":1}`), again.Assignment.Info)

	require.NoError(t, f.end(alice, ref, 7, ports.HandedOff).Err)
	settled := f.take(alice, ref, 7)
	require.ErrorIs(t, settled.Err, ports.ErrDisowned)
	require.Equal(t, ports.Token(7), settled.Remembered)
}

func TestTheSameTokenFromAnotherIncarnationOrALowerOneIsDisowned(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	for _, attempt := range []struct {
		who   ports.Member
		token ports.Token
	}{{bob, 7}, {bob, 6}, {alice, 6}, {ports.Member{ID: alice.ID, Incarnation: "alice2"}, 7}} {
		result := f.take(attempt.who, ref, attempt.token)
		require.ErrorIs(t, result.Err, ports.ErrDisowned, "%v with token %d", attempt.who, attempt.token)
		require.Equal(t, ports.Token(7), result.Remembered)
		require.False(t, result.Changed)
	}
	require.NoError(t, f.end(alice, ref, 7, ports.Done).Err)
}

func TestTokensKeepEveryDigit(t *testing.T) {
	f := newFixture(t)
	for _, token := range []ports.Token{1795440022506123, 1<<53 - 1, 1<<53 + 1, math.MaxInt64 - 1} {
		ref := f.owned(alice, fmt.Sprint(token), token)
		result := f.take(bob, ref, token-1)
		require.ErrorIs(t, result.Err, ports.ErrDisowned)
		require.Equal(t, token, result.Remembered)
		require.ErrorIs(t, f.take(bob, ref, token).Err, ports.ErrDisowned)
		require.NoError(t, f.take(bob, ref, token+1).Err)
		require.Equal(t, token+1, f.end(alice, ref, token, ports.Done).Remembered)
	}
	require.NoError(t, f.take(alice, f.announce("short")[0], 9).Err)
}

func TestTakeOfWhatIsGoneIsDone(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.NoError(t, f.end(alice, ref, 7, ports.Done).Err)
	require.ErrorIs(t, f.take(bob, ref, 8).Err, ports.ErrDone)

	lost := f.owned(alice, "t", 9)
	require.NoError(t, f.redis.FlushAll(f.ctx).Err())
	require.ErrorIs(t, f.take(alice, lost, 9).Err, ports.ErrDone)
	require.Equal(t, ports.Tally{}, f.take(alice, lost, 9).Taken)
}

func TestTakeOfAMessageIDThatCannotBeIsDone(t *testing.T) {
	f := newFixture(t)
	f.owned(alice, "s", 7)
	for _, id := range []string{"", "x", "-", "1", "1-", "1-1-1", "01-1", "+", "(1-1", "1-99999999999999999999", "taken:alice"} {
		result := f.take(alice, ports.StreamRef{Name: "s", MessageID: id}, 8)
		require.ErrorIs(t, result.Err, ports.ErrDone, "%q", id)
		require.Equal(t, ports.Tally{Change: 1, Count: 1}, result.Taken, "%q", id)
	}
}

func TestTakeByARefWithAnotherNameTakesNothing(t *testing.T) {
	f := newFixture(t)
	ref := f.announce("s")[0]
	wrong := ports.StreamRef{Name: "t", MessageID: ref.MessageID}
	require.ErrorIs(t, f.take(alice, wrong, 8).Err, ports.ErrDone)
	require.NoError(t, f.take(alice, ref, 7).Err)
	require.ErrorIs(t, f.take(bob, wrong, 8).Err, ports.ErrDone)
	require.NoError(t, f.end(alice, ref, 7, ports.Done).Err)
}

func TestTakeOfATrimmedEntryIsLostAndItsRecordIsQuarantined(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.NoError(t, f.redis.XTrimMaxLen(f.ctx, f.conn.Stream(), 0).Err())
	result := f.take(bob, ref, 8)
	require.ErrorIs(t, result.Err, ports.ErrLost)
	evidence, _ := f.quarantined(ref.MessageID)
	require.JSONEq(t, fmt.Sprintf(`{"name":"s","reason":%q,"token":"7","taker":"alice","failures":"0","crashes":"0","size":"0","time":%q}`,
		ports.ErrLost.Error(), f.fieldOf(evidence, "time")), evidence)
	require.Equal(t, ports.Tally{Change: 2, Count: 0}, f.beat(alice).Taken)
	require.ErrorIs(t, f.take(bob, ref, 8).Err, ports.ErrDone)
}

func TestTakeOfATrimmedEntryThatWasOnlyDeliveredIsLost(t *testing.T) {
	f := newFixture(t)
	ref := f.announce("s")[0]
	f.fetch(alice, 1)
	require.NoError(t, f.redis.XDel(f.ctx, f.conn.Stream(), ref.MessageID).Err())
	require.ErrorIs(t, f.take(alice, ref, 7).Err, ports.ErrLost)
	evidence, _ := f.quarantined(ref.MessageID)
	require.Equal(t, "s", f.fieldOf(evidence, "name"))
	require.Zero(t, f.redis.XPending(f.ctx, f.conn.Stream(), f.conn.Group()).Val().Count)
}

func TestTakeBeforeTheRetryTimeIsNotYet(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.NoError(t, f.settle(alice, ports.Settlement{Ref: ref, Token: 7, Outcome: ports.Failed, RetryIn: time.Hour}).Err)
	result := f.take(bob, ref, 8)
	require.ErrorIs(t, result.Err, ports.ErrNotYet)
	require.Greater(t, result.RetryIn, 59*time.Minute)
	require.LessOrEqual(t, result.RetryIn, time.Hour+time.Millisecond)

	soon := f.owned(alice, "t", 9)
	before := f.serverNow()
	require.NoError(t, f.settle(alice, ports.Settlement{Ref: soon, Token: 9, Outcome: ports.Failed, RetryIn: 20 * time.Millisecond}).Err)
	f.eventually(func() bool { return f.take(bob, soon, 10).Err == nil }, "the retry time never comes")
	require.GreaterOrEqual(t, f.serverNow().Sub(before), 20*time.Millisecond)
}

func TestTakeReadsPayloadsHoweverTheyAreWritten(t *testing.T) {
	f := newFixture(t)
	for payload, name := range map[string]string{
		` { "DataStreamName" : "plain" , "Info" : {} } `:       "plain",
		`{"Info":{"DataStreamName":"x"},"DataStreamName":"y"}`: "y",
		`{"DataStreamName":"\u0061\"\\\ud83d\ude00"}`:          "a\"\\😀",
		`{"DataStream\u004eame":"k"}`:                          "k",
		`{"unknown":[1,{"a":"}"}],"DataStreamName":"u"}`:       "u",
	} {
		id := f.addRaw("lbs-input", payload)
		ref := ports.StreamRef{Name: name, MessageID: id}
		require.Equal(t, []ports.StreamRef{ref}, refsOf(f.fetch(alice, 5).Assignments))
		require.NoError(t, f.take(alice, ref, 7).Err, payload)
		require.ErrorIs(t, f.take(alice, ports.StreamRef{Name: name + "x", MessageID: id}, 8).Err, ports.ErrDone)
	}
}

func TestNamesMayBeAnyUTF8(t *testing.T) {
	f := newFixture(t)
	long := make([]byte, ports.MaxNameBytes)
	for i := range long {
		long[i] = "\x00 \n:\""[i%5]
	}
	names := []string{"\x00", "a\x00b", "two\nlines", " ", "a b", ":", "a:1-1", "*?[x]", "%s%d", `\`, `"`, "'", "{x}", "é", "\U0010ffff", "\u2028", "<&>", string(long)}
	for _, name := range names {
		ref := f.owned(alice, name, 7)
		require.Equal(t, name, ref.Name)
		require.NoError(t, f.take(bob, ref, 8).Err, "%.20q", name)
		require.Equal(t, []ports.StreamRef{ref}, refsOf([]ports.Assignment{f.deliveries(bob).Deliveries[0].Assignment}))
		require.NoError(t, f.end(bob, ref, 8, ports.Failed).Err)
		require.NoError(t, f.take(bob, ref, 9).Err)
		require.NoError(t, f.end(bob, ref, 9, ports.Quarantined).Err)
		evidence, _ := f.quarantined(ref.MessageID)
		require.Equal(t, name, f.fieldOf(evidence, "name"))
	}
	require.Zero(t, f.redis.HLen(f.ctx, f.conn.Endings()).Val())
	require.Zero(t, f.redis.ZCard(f.ctx, f.conn.Due()).Val())
}

func TestTakeAnswersABatchItemByItemInOrder(t *testing.T) {
	f := newFixture(t)
	refs := f.announce("new", "held", "done", "again")
	f.fetch(alice, 10)
	f.take(bob, refs[1], 50)
	f.take(bob, refs[2], 50)
	f.end(bob, refs[2], 50, ports.Done)
	results, err := f.Take(f.ctx, alice, []ports.TakeRequest{
		{Ref: refs[0], Token: 7}, {Ref: refs[1], Token: 8}, {Ref: refs[2], Token: 9},
		{Ref: refs[3], Token: 10}, {Ref: refs[3], Token: 10}, {Ref: refs[3], Token: 9}, {Ref: refs[3], Token: -1},
	})
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	require.ErrorIs(t, results[1].Err, ports.ErrDisowned)
	require.ErrorIs(t, results[2].Err, ports.ErrDone)
	require.NoError(t, results[3].Err)
	require.True(t, results[3].Changed)
	require.NoError(t, results[4].Err)
	require.False(t, results[4].Changed)
	require.ErrorIs(t, results[5].Err, ports.ErrDisowned)
	require.ErrorIs(t, results[6].Err, ports.ErrInvalid)
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, results[0].Taken)
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, results[1].Taken)
	require.Equal(t, ports.Tally{Change: 2, Count: 2}, results[5].Taken)
}

func TestTakeAndSettleOfHugeAndEmptyBatches(t *testing.T) {
	f := newFixture(t)
	const count = 1234
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("<%d>", i)
	}
	refs := f.announce(names...)
	require.Equal(t, refs, refsOf(f.fetchAll(alice)))
	requests := make([]ports.TakeRequest, count)
	settlements := make([]ports.Settlement, count)
	for i, ref := range refs {
		requests[i] = ports.TakeRequest{Ref: ref, Token: ports.Token(i + 1)}
		settlements[i] = ports.Settlement{Ref: ref, Token: ports.Token(i + 1), Outcome: ports.Done}
	}
	taken, err := f.Take(f.ctx, alice, requests)
	require.NoError(t, err)
	for i, result := range taken {
		require.NoError(t, result.Err)
		require.Equal(t, refs[i], result.Assignment.Ref)
	}
	require.Equal(t, ports.Tally{Change: count, Count: count}, f.beat(alice).Taken)
	settled, err := f.Settle(f.ctx, alice, settlements)
	require.NoError(t, err)
	for _, result := range settled {
		require.NoError(t, result.Err)
	}
	require.Equal(t, ports.Tally{Change: 2 * count, Count: 0}, f.beat(alice).Taken)

	taken, err = f.Take(f.ctx, alice, nil)
	require.NoError(t, err)
	require.Empty(t, taken)
	settled, err = f.Settle(f.ctx, alice, nil)
	require.NoError(t, err)
	require.Empty(t, settled)
}

func TestABatchOfLargePayloadsIsAnsweredWhole(t *testing.T) {
	f := newFixture(t)
	padding := strings.Repeat("x", 900<<10)
	var requests []ports.TakeRequest
	for i := range 6 {
		name := fmt.Sprint(i)
		id := f.addRaw("lbs-input", fmt.Sprintf(`{"unknown":%q,"DataStreamName":%q}`, padding, name))
		requests = append(requests, ports.TakeRequest{Ref: ports.StreamRef{Name: name, MessageID: id}, Token: 7})
	}
	results, err := f.Take(f.ctx, alice, requests)
	require.NoError(t, err)
	for i, result := range results {
		require.NoError(t, result.Err)
		require.Equal(t, requests[i].Ref, result.Assignment.Ref)
	}
}

func TestRecordsSurviveTheLossOfTheGroup(t *testing.T) {
	f := newFixture(t)
	owned := f.owned(alice, "owned", 7)
	given := f.owned(alice, "given", 8)
	require.NoError(t, f.end(alice, given, 8, ports.HandedOff).Err)
	waiting := f.announce("waiting")[0]
	require.NoError(t, f.redis.XGroupDestroy(f.ctx, f.conn.Stream(), f.conn.Group()).Err())

	require.ErrorIs(t, f.take(bob, owned, 6).Err, ports.ErrDisowned)
	require.ErrorIs(t, f.take(bob, given, 8).Err, ports.ErrDisowned)
	require.Equal(t, []ports.StreamRef{waiting}, refsOf(f.fetch(bob, 10).Assignments), "only what no Fetch answered before is new")
	require.Equal(t, []ports.StreamRef{owned}, deliveredRefs(f.deliveries(alice)))
	require.Equal(t, []ports.StreamRef{waiting}, deliveredRefs(f.deliveries(bob)))
	require.NoError(t, f.end(alice, owned, 7, ports.Done).Err)
}

func TestAnAssignmentThatWasTakenBeforeAnyFetchIsStillFetched(t *testing.T) {
	f := newFixture(t)
	ref := f.announce("s")[0]
	require.NoError(t, f.take(alice, ref, 7).Err)
	require.Equal(t, []ports.StreamRef{ref}, deliveredRefs(f.deliveries(alice)))
	require.NoError(t, f.end(alice, ref, 7, ports.HandedOff).Err)
	page := f.sweep(sweepAll)
	require.Empty(t, page.Due, "an undelivered assignment is never swept")
	require.Empty(t, page.Round)
	require.Equal(t, []ports.StreamRef{ref}, refsOf(f.fetch(bob, 10).Assignments))
	require.Equal(t, []ports.StreamRef{ref}, sweptRefs(f.sweep(sweepAll).Due))
	require.Empty(t, f.fetch(bob, 10).Assignments)
}

func TestAMemberWhoseIncarnationCannotStandInARecordIsRefused(t *testing.T) {
	f := newFixture(t)
	for _, incarnation := range []string{"", "a b", "a/b", ".", "é", "a\n"} {
		who := ports.Member{ID: "x", Incarnation: incarnation}
		_, err := f.Take(f.ctx, who, nil)
		require.ErrorIs(t, err, ports.ErrRefused)
		_, err = f.Settle(f.ctx, who, nil)
		require.ErrorIs(t, err, ports.ErrRefused)
		_, err = f.Fetch(f.ctx, who, 1, 0)
		require.ErrorIs(t, err, ports.ErrRefused)
		_, err = f.Deliveries(f.ctx, who, "", 1)
		require.ErrorIs(t, err, ports.ErrRefused)
		_, err = f.Heartbeat(f.ctx, ports.Beat{Member: who})
		require.ErrorIs(t, err, ports.ErrRefused)
	}
}
