package conformance

import (
	"fmt"
	"reflect"
	"runtime/debug"
	"testing"
	"testing/synctest"
	"time"
)

// question is one sentence and how it is examined.
type question struct {
	sentence Sentence
	examine  func(*probe)
	// chance: what it catches beyond the mistakes that it is there for depends
	// on how goroutines happen to run.
	chance bool
}

// suite is what is asked of one port.
type suite struct {
	port      string
	questions []question
	// patience bounds a check; zero: patience.
	patience time.Duration
	// virtual: nothing in a check is outside of the test, and each can have a
	// time of its own (testing/synctest).
	virtual bool
}

const (
	// patience bounds a check as a whole. Calls are bounded on their own, so
	// only a check that waits for something else can reach it.
	patience = 5 * time.Minute
	// mostHung is how many checks may hang before the rest is given up.
	mostHung = 2
)

// run examines every sentence. It needs no test, so that the suite's own tests
// can see it fail.
func (s suite) run() Report {
	report := Report{Port: s.port}
	for _, q := range s.questions {
		report.add(s.ask(q, report))
	}
	return report
}

// runIn is run with a sub-test for each sentence.
func (s suite) runIn(t *testing.T) Report {
	t.Helper()
	report := Report{Port: s.port}
	for _, q := range s.questions {
		verdict := Verdict{Sentence: q.sentence, NotCovered: []string{"not run"}}
		t.Run(q.sentence.Name(), func(t *testing.T) {
			verdict = s.askInTime(t, q, report)
			if verdict.IsViolated() {
				t.Error(verdict.String())
			}
		})
		report.add(verdict)
	}
	t.Log(report.String())
	return report
}

// askInTime is ask, in virtual time where that is possible.
func (s suite) askInTime(t *testing.T, q question, before Report) (verdict Verdict) {
	if !s.virtual {
		return s.ask(q, before)
	}
	synctest.Test(t, func(*testing.T) { verdict = s.ask(q, before) })
	return verdict
}

func (s suite) ask(q question, before Report) Verdict {
	if before.hung >= mostHung {
		return Verdict{Sentence: q.sentence, Violations: []string{
			fmt.Sprintf("not examined: %d checks before this one never came to an end", before.hung),
		}}
	}
	bound := s.patience
	if bound == 0 {
		bound = patience
	}
	p := &probe{}
	began := time.Now()
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		if end := endOf(func() { guarded(p, q.examine) }); end != nil {
			p.violated("the check ended early: %v", end)
		}
	}()
	select {
	case <-ended:
	case <-time.After(bound):
		p.mu.Lock()
		p.hung = true
		p.mu.Unlock()
		p.violated("the check did not come to an end within %v", bound)
	}
	return p.verdict(q.sentence, time.Since(began))
}

// guarded turns a panic into a violation, with the place where it came from.
func guarded(p *probe, examine func(*probe)) {
	defer func() {
		switch cause := recover().(type) {
		case nil, stopped:
		default:
			p.violated("panic: %v\n%s", cause, debug.Stack())
		}
	}()
	examine(p)
}

func (p *probe) verdict(sentence Sentence, took time.Duration) Verdict {
	p.mu.Lock()
	defer p.mu.Unlock()
	verdict := Verdict{
		Sentence:   sentence,
		Violations: append([]string(nil), p.violations...),
		NotCovered: append([]string(nil), p.uncovered...),
		Took:       took,
		hung:       p.hung,
	}
	if len(verdict.Violations) > 0 {
		verdict.journal = p.journal.String()
	}
	return verdict
}

// abilityName is the name of an interface, for people.
func abilityName[Ability any]() string { return reflect.TypeFor[Ability]().Name() }
