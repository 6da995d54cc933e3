package conformance

import (
	"fmt"
	"sync"
)

// probe is what a check reports to. Its methods may be called concurrently,
// stop and lacks by the check's own goroutine and by those of together only.
type probe struct {
	journal journal

	mu         sync.Mutex
	violations []string
	uncovered  []string
	hung       bool
}

// stopped ends a check whose verdict is in.
type stopped struct{}

// violated reports that the sentence does not hold; the check goes on.
func (p *probe) violated(format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	if line := p.journal.length(); line > 0 {
		text += fmt.Sprintf(" (seen at line %d)", line)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.violations = append(p.violations, text)
}

// stop reports that the sentence does not hold where going on makes no sense.
func (p *probe) stop(format string, args ...any) {
	p.violated(format, args...)
	panic(stopped{})
}

// uncoveredBy notes what was not examined, and why; the check goes on.
func (p *probe) uncoveredBy(reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.uncovered = append(p.uncovered, reason)
}

// hangs reports a call that does not come back, and ends the check.
func (p *probe) hangs(format string, args ...any) {
	p.mu.Lock()
	p.hung = true
	p.mu.Unlock()
	p.stop(format, args...)
}

// can finds what an instance can do beyond its handles. What it cannot is noted
// as not covered; the check decides whether there is anything left to examine.
func can[Ability any](p *probe, instance any) (ability Ability, able bool) {
	ability, able = instance.(Ability)
	if !able {
		p.uncoveredBy(fmt.Sprintf("the harness has no %s", abilityName[Ability]()))
	}
	return ability, able
}

// must ends the check when the harness itself has failed.
func (p *probe) must(err error, what string) {
	if err != nil {
		p.stop("the harness could not %s: %v", what, err)
	}
}

// together runs the parts of a check at the same time and waits for all.
func (p *probe) together(parts ...func()) {
	ends := make([]any, len(parts))
	var work sync.WaitGroup
	for i, part := range parts {
		work.Go(func() { ends[i] = endOf(part) })
	}
	work.Wait()
	for _, end := range ends {
		if end != nil {
			panic(end)
		}
	}
}

// endOf runs part and returns what it panicked with, or nil. Whoever ends the
// goroutine itself, as t.FailNow does, is taken for a panic too.
func endOf(part func()) (end any) {
	returned := make(chan any, 1)
	go func() {
		finished := false
		defer func() {
			cause := recover()
			if cause == nil && !finished {
				cause = "the goroutine was ended (runtime.Goexit, as by t.FailNow)"
			}
			returned <- cause
		}()
		part()
		finished = true
	}()
	return <-returned
}
