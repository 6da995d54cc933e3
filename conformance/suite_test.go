package conformance

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// verdictOf is what becomes of a check.
func verdictOf(examine func(*probe)) Verdict {
	s := suite{port: "Toy", questions: []question{{sentence: Sentence{"Toy", "A toy is a toy."}, examine: examine}}}
	return s.run().Verdicts[0]
}

func TestACheckThatFindsNothingHolds(t *testing.T) {
	verdict := verdictOf(func(p *probe) { p.journal.note(0, "looked") })
	assert.False(t, verdict.IsViolated())
	assert.Empty(t, verdict.NotCovered)
}

func TestAllViolationsAreReportedWithTheSentenceAndWhatWasDone(t *testing.T) {
	verdict := verdictOf(func(p *probe) {
		pace := newPace(nil)
		p.call(pace, "Shake(rattle)", func(context.Context) string { return "silence" })
		p.violated("the rattle is silent")
		p.call(pace, "Shake(bear)", func(context.Context) string { return "rattle" })
		p.stop("the bear is not")
		p.violated("nobody comes here")
	})
	require.Len(t, verdict.Violations, 2)
	text := verdict.String()
	for _, part := range []string{"“A toy is a toy.”", "the rattle is silent", "the bear is not", "Shake(rattle) → silence", "Shake(bear) → rattle"} {
		assert.Contains(t, text, part)
	}
}

func TestAPanicIsAViolationAndNoCrash(t *testing.T) {
	for name, examine := range map[string]func(*probe){
		"in the check": func(*probe) { panic("broken") },
		"in a call": func(p *probe) {
			p.call(newPace(nil), "Break()", func(context.Context) string { panic("broken") })
		},
		"in a part": func(p *probe) { p.together(func() {}, func() { panic("broken") }) },
	} {
		verdict := verdictOf(examine)
		require.Len(t, verdict.Violations, 1, name)
		assert.Contains(t, verdict.String(), "broken", name)
	}
}

func TestAGoroutineThatIsEndedFromWithinIsAViolation(t *testing.T) {
	for _, examine := range []func(*probe){
		func(*probe) { runtime.Goexit() },
		func(p *probe) {
			p.call(newPace(nil), "FailNow()", func(context.Context) string { runtime.Goexit(); return "" })
		},
	} {
		verdict := verdictOf(examine)
		require.Len(t, verdict.Violations, 1)
		assert.Contains(t, verdict.String(), "Goexit")
	}
}

func TestWhatHangsIsAViolationAndTheRestIsGivenUp(t *testing.T) {
	forever := make(chan struct{})
	t.Cleanup(func() { close(forever) })
	asked := 0
	hang := func(p *probe) {
		asked++
		p.journal.begin(0, "Wait()")
		<-forever
	}
	s := suite{port: "Toy", patience: 10 * time.Millisecond}
	for range 4 {
		s.questions = append(s.questions, question{sentence: Sentence{"Toy", "It ends."}, examine: hang})
	}
	report := s.run()
	assert.Len(t, report.Violated(), 4)
	assert.Equal(t, mostHung, asked)
	assert.Contains(t, report.Verdicts[0].String(), "Wait() → (no answer yet)")
	assert.Contains(t, report.Verdicts[3].String(), "not examined")
}

func TestWhatTheHarnessCannotDoMakesTheReportPartial(t *testing.T) {
	s := suite{port: "Toy", questions: []question{
		{sentence: Sentence{"Toy", "It can be flushed."}, examine: func(p *probe) { _, _ = can[Flusher](p, struct{}{}) }},
		{sentence: Sentence{"Toy", "It stands."}, examine: func(*probe) {}},
	}}
	report := s.run()
	assert.True(t, report.IsPartial())
	assert.Empty(t, report.Violated())
	require.Len(t, report.NotCovered(), 1)
	assert.Contains(t, report.String(), "PARTIAL")
	assert.Contains(t, report.NotCovered()[0], "Flusher")
}

func TestAHarnessThatFailsIsReported(t *testing.T) {
	verdict := verdictOf(func(p *probe) { p.must(errors.New("no server"), "make a store") })
	assert.Contains(t, verdict.String(), "the harness could not make a store: no server")
}
