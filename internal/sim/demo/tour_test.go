package demo

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// owner is a member that owns streams.
func (s *Stage) owner(t *testing.T) string {
	t.Helper()
	for _, member := range []string{"m1", "m2", "m3"} {
		if len(s.tour.owners.of(member)) > 0 {
			return member
		}
	}
	require.Fail(t, "nobody owns a stream")
	return ""
}

// untilDone lets time pass until the lesson was done.
func (s *Stage) untilDone(t *testing.T) {
	t.Helper()
	for end := s.Present() + 40*time.Second; !s.tour.Done[s.tour.At]; {
		require.Less(t, s.Present(), end, "lesson %d is not done", s.tour.At+1)
		s.goOn(100 * time.Millisecond)
	}
}

func (s *Stage) notDone(t *testing.T, when string) {
	t.Helper()
	require.False(t, s.tour.Done[s.tour.At], "lesson %d is done %s", s.tour.At+1, when)
}

// takeTour does what each lesson says, and nothing else.
func takeTour(t *testing.T, stage *Stage) {
	t.Helper()
	stage.notDone(t, "before it began")
	stage.untilDone(t)

	stage.TurnTo(1)
	stage.goOn(6 * time.Second)
	stage.notDone(t, "without a crash")
	stage.click(t, "crash "+stage.owner(t))
	stage.goOn(time.Second)
	stage.notDone(t, "before the lease is over")
	stage.untilDone(t)

	stage.TurnTo(2)
	stuck := stage.owner(t)
	stage.click(t, "freeze "+stuck+" 10m")
	stage.goOn(10 * time.Second)
	stage.notDone(t, "before it wakes up")
	stage.click(t, "thaw "+stuck)
	stage.untilDone(t)

	stage.TurnTo(3)
	stage.goOn(5 * time.Second)
	stage.notDone(t, "without another late write")
	stuck = stage.owner(t)
	stage.click(t, "freeze "+stuck+" 10m")
	stage.goOn(10 * time.Second)
	stage.click(t, "thaw "+stuck)
	stage.untilDone(t)

	stage.TurnTo(4)
	stage.click(t, "restart m1")
	stage.goOn(2 * time.Second)
	stage.click(t, "hints lost 100% 15s")
	stage.click(t, "crash "+stage.owner(t))
	stage.goOn(5 * time.Second)
	stage.notDone(t, "before the sweep")
	stage.untilDone(t)

	stage.TurnTo(5)
	stage.click(t, "restart m2")
	stage.click(t, "restart m3")
	stage.goOn(8 * time.Second)
	stage.click(t, "finish s1")
	stage.goOn(time.Second)
	stage.notDone(t, "before a member closes")
	stage.click(t, "close "+stage.lastOwner(t))
	stage.untilDone(t)
}

// lastOwner is the process that owns the stream that sorts last.
func (s *Stage) lastOwner(t *testing.T) string {
	t.Helper()
	for _, name := range []string{"s6", "s5", "s4", "s3", "s2", "s1"} {
		if owner := s.tour.owners[name]; owner != "" {
			return owner
		}
	}
	require.Fail(t, "nobody owns a stream")
	return ""
}

func TestTheTourNoticesThatEachLessonWasDone(t *testing.T) {
	for _, link := range []string{"", "seed=2", "seed=3", "seed=9"} {
		stage := open(t, link)
		takeTour(t, stage)
		require.NotContains(t, stage.tour.Done, false)
		require.Zero(t, stage.tally.Violated)
	}
}

func TestALessonThatBeganIsSeenAgainWhenTheRunGoesBack(t *testing.T) {
	stage := open(t, "")
	stage.untilDone(t)
	stage.goOn(10 * time.Second)
	stage.TurnTo(1)
	stage.BackTo(3 * time.Second)
	stage.click(t, "crash "+stage.owner(t))
	stage.untilDone(t)
}

func TestEveryLessonSaysWhatToDoAndWhatToSee(t *testing.T) {
	require.Len(t, Lessons(), 6)
	for _, lesson := range Lessons() {
		for _, text := range []string{lesson.Title, lesson.Idea, lesson.Do, lesson.Look, lesson.Then} {
			require.NotEmpty(t, text)
			require.Less(t, len(text), 300, "nobody reads more: %s", text)
		}
	}
}
