package memory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

// takeAs asks for one tenure as the request says.
func (s *sourceStory) takeAs(member ports.Member, request ports.TakeRequest) ports.TakeResult {
	s.t.Helper()
	results, err := s.source.Take(s.t.Context(), member, []ports.TakeRequest{request})
	require.NoError(s.t, err)
	return results[0]
}

// tried takes an assignment on trial.
func (s *sourceStory) tried(member ports.Member, ref ports.StreamRef, token ports.Token) ports.TakeResult {
	s.t.Helper()
	result := s.takeAs(member, ports.TakeRequest{Ref: ref, Token: token, Trial: true})
	require.NoError(s.t, result.Err)
	return result
}

func TestASuspectIsNotTaken(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	require.NoError(t, s.takeAs(bob, ports.TakeRequest{Ref: ref, Token: 11, Suspect: 1}).Err, "nothing is known yet")
	refused := s.takeAs(carol, ports.TakeRequest{Ref: ref, Token: 12, Suspect: 1})
	require.ErrorIs(t, refused.Err, ports.ErrSuspect)
	require.Equal(t, 1, refused.Crashes, "the suspicion that still stands")
	require.False(t, refused.Changed)
	require.NoError(t, s.takeAs(bob, ports.TakeRequest{Ref: ref, Token: 11, Suspect: 1}).Err, "bob has it, and repeats his Take")
	require.NoError(t, s.takeAs(carol, ports.TakeRequest{Ref: ref, Token: 12, Suspect: 2}).Err)
}

func TestAStableTenureIsNoSuspect(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	s.taken(bob, ref, 11)
	s.clock.Advance(time.Hour)
	result := s.takeAs(carol, ports.TakeRequest{Ref: ref, Token: 12, Suspect: 1, StableAfter: time.Hour})
	require.NoError(t, result.Err)
	require.Zero(t, result.Crashes)
}

func TestACrashRemembersWhetherItsTenureWasOnTrial(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.taken(alice, ref, 10)
	require.False(t, s.tried(bob, ref, 11).CrashedAlone)
	require.False(t, s.taken(carol, ref, 12).CrashedAlone, "alice is counted, who was not tried")
	require.True(t, s.taken(alice, ref, 13).CrashedAlone, "bob is counted, who was")
	require.False(t, s.taken(bob, ref, 14).CrashedAlone, "carol is counted, who was not")
}

func TestATakeThatIsRepeatedWithoutTrialEndsIt(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.tried(alice, ref, 10)
	s.tried(bob, ref, 11)
	require.True(t, s.tried(carol, ref, 12).CrashedAlone, "alice")
	require.True(t, s.tried(carol, ref, 12).CrashedAlone, "a repeat with Trial changes nothing")
	require.False(t, s.taken(carol, ref, 12).CrashedAlone, "the trial was stood")
	require.False(t, s.tried(carol, ref, 12).CrashedAlone, "nothing puts it on trial again")
	require.False(t, s.taken(alice, ref, 13).CrashedAlone, "bob, before the trial that was stood")
	require.False(t, s.taken(bob, ref, 14).CrashedAlone, "carol, after it")
}

func TestWhatIsSettledCrashedAloneAsBefore(t *testing.T) {
	s := newSourceStory(t)
	ref := s.delivered(alice, "s")
	s.tried(alice, ref, 10)
	s.tried(bob, ref, 11)
	s.handedOff(bob, ref, 11)
	require.True(t, s.taken(carol, ref, 12).CrashedAlone, "the suspicion against alice was counted by the settlement")
}
