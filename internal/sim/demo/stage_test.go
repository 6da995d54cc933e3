package demo

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/internal/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, link string) *Stage {
	t.Helper()
	stage, err := Open(link)
	require.NoError(t, err)
	return stage
}

// goOn lets time pass as a page does, a frame at a time.
func (s *Stage) goOn(wait time.Duration) {
	for end := s.Present() + wait; s.Present() < end; {
		s.GoOn(min(s.Present()+33*time.Millisecond, end))
	}
}

func (s *Stage) click(t *testing.T, words string) {
	t.Helper()
	require.NoError(t, s.Click(words), words)
}

// clicked is a run in which everything was clicked once.
func clicked(t *testing.T) *Stage {
	stage := open(t, "seed=7")
	stage.goOn(4 * time.Second)
	for _, words := range []string{"crash m1", "announce", "restart m1", "freeze m2 10m", "burst 100", "hints lost 100% 8s",
		"thaw m2", "cut m3 all 8s", "down store 2s", "poison s2", "finish s3", "drift m3 -40% 10s", "flush store", "close m2"} {
		stage.click(t, words)
		stage.goOn(2500 * time.Millisecond)
	}
	return stage
}

func TestALinkGivesTheSameRunAgain(t *testing.T) {
	played := clicked(t)
	link := played.Link()
	again := open(t, link.String())
	again.GoOn(link.Until)
	require.Equal(t, played.Result().HashLine(), again.Result().HashLine())
	require.Equal(t, played.Result().HashLine(), link.Play(sim.Options{}).HashLine())
	require.Equal(t, link.String(), again.Link().String())
	other := open(t, strings.Replace(link.String(), "seed=7", "seed=8", 1))
	other.GoOn(link.Until)
	require.NotEqual(t, played.Result().HashLine(), other.Result().HashLine())
}

func TestALinkIsAScenarioThatGivesTheSameRun(t *testing.T) {
	played := clicked(t)
	written := played.Link().Scenario()
	parsed, err := sim.ParseScenario(written.Name, written.String())
	require.NoError(t, err)
	parsed.Setup.Faults-- // what happens at that very instant has not happened in a page
	run := sim.Run(parsed, sim.Options{Seed: 7, Endless: true})
	require.Equal(t, played.Result().HashLine(), run.HashLine())
}

func TestGoingBackAndOnAgainGivesTheSameRun(t *testing.T) {
	played := clicked(t)
	hash, end := played.Result().HashLine(), played.Present()
	for _, back := range []time.Duration{0, 4 * time.Second, 11*time.Second + 700*time.Millisecond, end} {
		played.BackTo(back)
		require.Equal(t, back, played.Present())
		played.goOn(end - back)
		require.Equal(t, hash, played.Result().HashLine(), "from %v", back)
	}
}

func TestAClickInThePastIsAnotherFuture(t *testing.T) {
	played := clicked(t)
	played.BackTo(5 * time.Second)
	played.click(t, "crash m2")
	played.click(t, "crash m3")
	require.Len(t, played.Link().Clicks, 3, "the first, and two new ones: %v", played.Link())
	played.goOn(20 * time.Second)
	require.Len(t, played.Link().Clicks, 3)
	again := open(t, played.Link().String())
	again.goOn(played.Present())
	require.Equal(t, played.Result().HashLine(), again.Result().HashLine())
}

func TestWhatIsClickedWhileTimeStandsStillHappensInItsOrder(t *testing.T) {
	stage := open(t, "")
	stage.goOn(4 * time.Second)
	for _, words := range []string{"crash m1", "restart m1", "crash m1", "announce", "announce"} {
		stage.click(t, words)
	}
	require.Contains(t, stage.Link().String(), "at=4s+announce+s7&at=4s+announce+s8")
	stage.goOn(time.Second)
	again := open(t, stage.Link().String())
	again.goOn(5 * time.Second)
	require.Equal(t, stage.Result().HashLine(), again.Result().HashLine())
}

func TestOneStepGoesToTheNextThingThatHappens(t *testing.T) {
	stage := open(t, "")
	for range 30 {
		before, seen := stage.Present(), len(stage.run.Trace())
		stage.Step()
		require.Greater(t, stage.Present(), before)
		require.LessOrEqual(t, stage.Present()-before, longestStep+time.Millisecond)
		if stage.Present()-before < longestStep {
			require.Greater(t, len(stage.run.Trace()), seen)
		}
		require.Zero(t, stage.Present()%time.Millisecond, "a link says it in few digits")
	}
}

func TestWithoutFencingWritesAreCorrupted(t *testing.T) {
	stage := open(t, "")
	stage.goOn(4 * time.Second)
	stage.click(t, "freeze m1 10m")
	stage.goOn(8 * time.Second)
	stage.click(t, "thaw m1")
	stage.goOn(2 * time.Second)
	require.Positive(t, stage.tally.Refused)
	require.Zero(t, stage.tally.Corrupted)
	require.Zero(t, stage.tally.Violated)
	stage.Set(Without{Fencing: true})
	require.Equal(t, 14*time.Second, stage.Present(), "the same run, without fencing")
	require.Zero(t, stage.tally.Refused)
	require.Positive(t, stage.tally.Corrupted)
	require.NotEmpty(t, stage.News().Patch.Overlaps)
	stage.Set(Without{})
	require.Zero(t, stage.tally.Corrupted)
	require.Empty(t, stage.News().Patch.Overlaps)
}

func TestWithoutSweepALostHintLosesAStream(t *testing.T) {
	for _, without := range []Without{{}, {Sweep: true}} {
		stage := open(t, "")
		stage.Set(without)
		stage.goOn(4 * time.Second)
		stage.click(t, "hints lost 100% 15s")
		stage.click(t, "crash m1")
		stage.goOn(40 * time.Second)
		orphans := stage.tour.owners.of("m1")
		require.Equal(t, without.Sweep, len(orphans) > 0, "%v", without)
	}
}

func TestNewsTellOnlyWhatIsNew(t *testing.T) {
	stage := open(t, "")
	first := stage.News()
	require.True(t, first.Again)
	stage.goOn(5 * time.Second)
	second := stage.News()
	require.False(t, second.Again)
	require.NotEmpty(t, second.Patch.Tenures)
	require.Equal(t, stage.Result().HashLine(), second.Hash)
	require.Empty(t, stage.News().Patch.Tenures)
	stage.BackTo(time.Second)
	require.True(t, stage.News().Again)
	text, err := json.Marshal(second)
	require.NoError(t, err)
	require.Less(t, len(text), 8000)
}
