package memory_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

func TestSettlementsOfEachKind(t *testing.T) {
	for _, row := range []struct {
		outcome     ports.Outcome
		gone        bool
		quarantined int
		next        error
	}{
		{ports.Done, true, 0, ports.ErrDone},
		{ports.HandedOff, false, 0, nil},
		{ports.Failed, false, 0, ports.ErrNotYet},
		{ports.Quarantined, true, 1, ports.ErrDone},
	} {
		t.Run(row.outcome.String(), func(t *testing.T) {
			s := newSourceStory(t)
			ref := s.delivered(alice, "s")
			s.taken(alice, ref, 10)
			settlement := ports.Settlement{Ref: ref, Token: 10, Outcome: row.outcome, Reason: "because", RetryIn: time.Second}
			result := s.settled(alice, settlement)
			require.True(t, result.Changed)
			require.Equal(t, row.gone, result.Gone)
			require.Equal(t, ports.Tally{Change: 2, Count: 0}, result.Taken)
			require.Len(t, s.memory.Quarantine(), row.quarantined)

			again := s.settled(alice, settlement)
			require.False(t, again.Changed, "the same settlement again is a success that changes nothing")
			require.Equal(t, result.Taken, again.Taken)

			require.ErrorIs(t, s.take(bob, ref, 11).Err, row.next)
		})
	}
}

func TestTheSameFailureAgainIsNotCountedTwice(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	failed := ports.Settlement{Ref: ref, Token: 10, Outcome: ports.Failed, RetryIn: time.Minute}
	s.settled(alice, failed)
	s.clock.Advance(30 * time.Second)
	s.settled(alice, failed)
	s.clock.Advance(30 * time.Second)
	require.Equal(t, 1, s.taken(bob, ref, 11).Failures)
}

func TestSettleOfATenureThatIsNotTheRememberedOneIsDisowned(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	s.taken(bob, ref, 11)
	for _, row := range []struct {
		story  string
		member ports.Member
		token  ports.Token
	}{
		{"an older tenure", alice, 10},
		{"the taker with an older token", bob, 10},
		{"the token from another incarnation", alice, 11},
		{"a token that never took it", carol, 12},
	} {
		for _, outcome := range []ports.Outcome{ports.Done, ports.HandedOff, ports.Failed, ports.Quarantined} {
			result := s.settle(row.member, ports.Settlement{Ref: ref, Token: row.token, Outcome: outcome})
			require.ErrorIs(t, result.Err, ports.ErrDisowned, row.story)
			require.Equal(t, ports.Token(11), result.Remembered, row.story)
			require.False(t, result.Changed, row.story)
		}
	}
	owner := s.taken(bob, ref, 11)
	require.Zero(t, owner.Failures)
	require.Equal(t, int64(1), owner.Taken.Count)
}

func TestSettleOfWhatNobodyTookIsDisowned(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	require.ErrorIs(t, s.settle(alice, ports.Settlement{Ref: ref, Token: 0, Outcome: ports.Done}).Err, ports.ErrDisowned)
	require.NoError(t, s.take(bob, ref, 1).Err)
}

func TestAnotherSettlementOfASettledTenureIsDisowned(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	s.handedOff(alice, ref, 10)
	require.ErrorIs(t, s.settle(alice, ports.Settlement{Ref: ref, Token: 10, Outcome: ports.Done}).Err, ports.ErrDisowned)
	require.NoError(t, s.take(bob, ref, 11).Err, "handed off work is not done")
}

func TestSettleOfWhatIsGoneIsASuccess(t *testing.T) {
	s := newSourceStory(t)
	result := s.settled(alice, ports.Settlement{Ref: ref("never was"), Token: 10, Outcome: ports.Failed})
	require.True(t, result.Gone)
	require.False(t, result.Changed)
}

func TestSettleRefusesAnOutcomeThatIsNone(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	require.ErrorIs(t, s.settle(alice, ports.Settlement{Ref: ref, Token: 10}).Err, ports.ErrRefused)
	require.Equal(t, int64(1), s.taken(alice, ref, 10).Taken.Count)
}

func TestQuarantineKeepsTheEvidence(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 1)
	s.taken(bob, ref, 2) // alice is a suspect, and convicted by bob's settlement
	token := ports.Token(2)
	for i := range 6 {
		s.taken(bob, ref, token)
		s.settled(bob, ports.Settlement{Ref: ref, Token: token, Outcome: ports.Failed, Reason: fmt.Sprint("failure ", i)})
		token++
	}
	s.taken(carol, ref, token)
	reason := strings.Repeat("é", ports.MaxReasonBytes)
	s.settled(carol, ports.Settlement{Ref: ref, Token: token, Outcome: ports.Quarantined, Reason: "x" + reason})

	listed := s.memory.Quarantine()
	require.Len(t, listed, 1)
	require.Equal(t, ref, listed[0].Ref)
	require.Equal(t, `{"for":"s"}`, string(listed[0].Info))
	require.Equal(t, 6, listed[0].Failures)
	require.Equal(t, 1, listed[0].Crashes)
	require.Equal(t, s.clock.Now(), listed[0].At)
	require.LessOrEqual(t, len(listed[0].Reason), ports.MaxReasonBytes)
	require.True(t, strings.HasPrefix("x"+reason, listed[0].Reason), "cut between characters")
	require.Len(t, listed[0].Endings, 5)
	require.Equal(t, "failure 2", listed[0].Endings[0].Reason)
	require.Equal(t, carol, listed[0].Endings[4].Member)
	require.Equal(t, ports.Quarantined, listed[0].Endings[4].Outcome)
}

func TestACrashIsAmongTheEndings(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 1)
	s.taken(bob, ref, 2)
	s.settled(bob, ports.Settlement{Ref: ref, Token: 2, Outcome: ports.Quarantined, Reason: "enough"})
	endings := s.memory.Quarantine()[0].Endings
	require.Len(t, endings, 2)
	require.Equal(t, alice, endings[0].Member)
	require.Equal(t, ports.Token(1), endings[0].Token)
	require.Zero(t, endings[0].Outcome)
}

func TestHandOffsBeforeTheFirstBadNewsAreNotAmongTheEndings(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 1)
	s.handedOff(alice, ref, 1)
	s.taken(bob, ref, 2)
	s.settled(bob, ports.Settlement{Ref: ref, Token: 2, Outcome: ports.Failed})
	s.taken(carol, ref, 3)
	s.handedOff(carol, ref, 3)
	s.taken(alice, ref, 4)
	s.settled(alice, ports.Settlement{Ref: ref, Token: 4, Outcome: ports.Quarantined})
	var outcomes []ports.Outcome
	for _, ending := range s.memory.Quarantine()[0].Endings {
		outcomes = append(outcomes, ending.Outcome)
	}
	require.Equal(t, []ports.Outcome{ports.Failed, ports.HandedOff, ports.Quarantined}, outcomes)
}

func TestAFullQuarantineLetsTheOldestGo(t *testing.T) {
	source, err := memory.NewSource(memory.Config{Now: newClock().Now, QuarantineLimit: 2})
	require.NoError(t, err)
	s := &sourceStory{t: t, source: source, memory: source}
	for _, name := range []string{"a", "b", "c"} {
		ref := s.delivered(alice, name)
		s.taken(alice, ref, 1)
		s.settled(alice, ports.Settlement{Ref: ref, Token: 1, Outcome: ports.Quarantined})
	}
	listed := source.Quarantine()
	require.Len(t, listed, 2)
	require.Equal(t, "b", listed[0].Ref.Name)
	require.Equal(t, "c", listed[1].Ref.Name)
	require.Equal(t, int64(1), source.QuarantineDropped())
}
