package source

import (
	"fmt"
	"regexp"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func (f *fixture) takeAs(who ports.Member, request ports.TakeRequest) ports.TakeResult {
	f.t.Helper()
	results, err := f.Take(f.ctx, who, []ports.TakeRequest{request})
	require.NoError(f.t, err)
	return results[0]
}

// tried takes an assignment on trial.
func (f *fixture) tried(who ports.Member, ref ports.StreamRef, token ports.Token) ports.TakeResult {
	f.t.Helper()
	result := f.takeAs(who, ports.TakeRequest{Ref: ref, Token: token, Trial: true})
	require.NoError(f.t, result.Err)
	return result
}

func TestASuspectIsNotTaken(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.NoError(t, f.takeAs(bob, ports.TakeRequest{Ref: ref, Token: 8, Suspect: 1}).Err, "nothing is known yet")
	before := f.record(ref)
	refused := f.takeAs(carol, ports.TakeRequest{Ref: ref, Token: 9, Suspect: 1, Trial: true})
	require.ErrorIs(t, refused.Err, ports.ErrSuspect)
	require.Equal(t, 1, refused.Crashes, "the suspicion that still stands")
	require.Equal(t, ports.Tally{}, refused.Taken)
	require.Equal(t, before, f.record(ref))
	require.NoError(t, f.takeAs(bob, ports.TakeRequest{Ref: ref, Token: 8, Suspect: 1}).Err, "bob has it, and repeats his Take")
	require.NoError(t, f.takeAs(carol, ports.TakeRequest{Ref: ref, Token: 9, Suspect: 2}).Err)
}

func TestAStableTenureIsNoSuspect(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.NoError(t, f.take(bob, ref, 8).Err)
	const stable = 20 * time.Millisecond
	taken := f.serverNow()
	f.eventually(func() bool { return f.serverNow().Sub(taken) > stable }, "%v pass", stable)
	result := f.takeAs(carol, ports.TakeRequest{Ref: ref, Token: 9, Suspect: 1, StableAfter: stable})
	require.NoError(t, result.Err)
	require.Zero(t, result.Crashes)
}

func TestACrashRemembersWhetherItsTenureWasOnTrial(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	require.False(t, f.tried(bob, ref, 8).CrashedAlone)
	require.False(t, f.take(carol, ref, 9).CrashedAlone, "alice is counted, who was not tried")
	require.True(t, f.take(alice, ref, 10).CrashedAlone, "bob is counted, who was")
	require.False(t, f.take(bob, ref, 11).CrashedAlone, "carol is counted, who was not")
}

func TestATakeThatIsRepeatedWithoutTrialEndsIt(t *testing.T) {
	f := newFixture(t)
	ref := f.announce("s")[0]
	f.tried(alice, ref, 7)
	f.tried(bob, ref, 8)
	require.True(t, f.tried(carol, ref, 9).CrashedAlone, "alice")
	require.True(t, f.tried(carol, ref, 9).CrashedAlone, "a repeat with Trial changes nothing")
	require.False(t, f.take(carol, ref, 9).CrashedAlone, "the trial was stood")
	require.False(t, f.tried(carol, ref, 9).CrashedAlone, "nothing puts it on trial again")
	require.False(t, f.take(alice, ref, 10).CrashedAlone, "bob, before the trial that was stood")
	require.False(t, f.take(bob, ref, 11).CrashedAlone, "carol, after it")
}

func TestASettlementCountsASuspicionOfATrial(t *testing.T) {
	f := newFixture(t)
	ref := f.announce("s")[0]
	f.tried(alice, ref, 7)
	f.tried(bob, ref, 8)
	require.NoError(t, f.end(bob, ref, 8, ports.HandedOff).Err)
	require.True(t, f.take(carol, ref, 9).CrashedAlone)
}

// record is the stored text.
func (f *fixture) record(ref ports.StreamRef) string {
	f.t.Helper()
	text, err := f.redis.HGet(f.ctx, f.conn.Records(), ref.MessageID).Result()
	require.NoError(f.t, err)
	return text
}

// recordOfEarlierVersions is how the first version of the layout reads a record.
var recordOfEarlierVersions = regexp.MustCompile(`^(\d+) (\S+) (\d+) (\S+) (\d+) (\d+) (\d+) (\S) ([01]) (.+)$`)

func TestEarlierVersionsOfTheLayoutReadARecordWithTrials(t *testing.T) {
	f := newFixture(t)
	ref := f.announce("s t")[0]
	f.fetch(alice, 1)
	f.tried(alice, ref, 7)
	f.tried(bob, ref, 8)
	f.tried(carol, ref, 9)

	words := recordOfEarlierVersions.FindStringSubmatch(f.record(ref))
	require.NotNil(t, words)
	number := func(text string) (n int64) {
		_, err := fmt.Sscanf(text, "%d", &n)
		require.NoError(t, err)
		return n
	}
	require.Equal(t, []string{"9", "carol"}, words[1:3], "token and taker, which they compare as text")
	require.WithinDuration(t, f.serverNow(), time.UnixMilli(number(words[3])), patience, "since")
	require.Equal(t, "bob/08/pod_bob", words[4], "suspect, of which they compare the incarnation")
	require.Equal(t, []int64{0, 1, 0}, []int64{number(words[5]), number(words[6]), number(words[7])}, "failures, crashes, retry time")
	require.Equal(t, []string{"-", "1", "s t"}, words[8:])

	// What they write has lost the marks of numbers.
	unmarked := fmt.Sprintf("9 carol %d %s 0 %d 0 - 1 s t", number(words[3]), words[4], number(words[6]))
	require.NoError(t, f.redis.HSet(f.ctx, f.conn.Records(), ref.MessageID, unmarked).Err())
	require.False(t, f.tried(carol, ref, 9).CrashedAlone)
	taken := f.take(alice, ref, 10)
	require.True(t, taken.CrashedAlone, "bob")
	require.Equal(t, 2, taken.Crashes)
	require.False(t, f.take(bob, ref, 11).CrashedAlone, "carol, of whose trial they knew nothing")
}
