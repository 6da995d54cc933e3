package failures_test

import (
	"math"
	"sync"
	"time"
)

// pauses are the times during which a process was stopped.
type pauses struct {
	mu    sync.Mutex
	spans []span
}

// span is a piece of the scenario's time.
type span struct{ from, until time.Duration }

// wordTakes is how much later than a thing the word of it may come: what
// members report is stamped when they report it.
const wordTakes = time.Second

func (p *pauses) begin(at time.Duration) { p.add(span{at, math.MaxInt64}) }

// end ends the pause that has begun and not ended.
func (p *pauses) end(at time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range p.spans {
		p.spans[i].until = min(p.spans[i].until, max(at, p.spans[i].from))
	}
}

func (p *pauses) add(pause span) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.spans = append(p.spans, pause)
}

// touch reports whether the process was stopped at some time between the two,
// or just before.
func (p *pauses) touch(from, until time.Duration) bool {
	_, found := p.during(span{from - wordTakes, until})
	return found
}

// during is the first pause that lies in the span, or reaches into it.
func (p *pauses) during(within span) (pause span, found bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, pause := range p.spans {
		if pause.meets(within) {
			return pause, true
		}
	}
	return span{}, false
}

func (s span) meets(other span) bool { return s.from <= other.until && other.from <= s.until }
