package conformance

import (
	"sync"
	"time"
)

// pace is the time of one instance, as the suite sees it: what its Clock was
// advanced by, or the real time since the check began. Its methods may be
// called concurrently.
type pace struct {
	clock Clock // nil: real time
	began time.Time

	mu     sync.Mutex
	passed time.Duration
}

// span is when a call began and when its answer was there. What the store did,
// it did between the two.
type span struct{ began, ended time.Duration }

func newPace(instance any) *pace {
	clock, _ := instance.(Clock)
	return &pace{clock: clock, began: time.Now()}
}

// isVirtual reports whether time passes only by the suite's word.
func (p *pace) isVirtual() bool { return p.clock != nil }

func (p *pace) now() time.Duration {
	if p.clock == nil {
		return time.Since(p.began)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.passed
}

// pass lets time go by.
func (p *pace) pass(by time.Duration) {
	if by <= 0 {
		return
	}
	if p.clock == nil {
		<-time.After(by)
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clock.Advance(by)
	p.passed += by
}

// passUntil lets time go by until instant.
func (p *pace) passUntil(instant time.Duration) { p.pass(instant - p.now()) }
