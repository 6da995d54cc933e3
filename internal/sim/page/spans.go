package page

import (
	"strings"
	"time"

	"github.com/streamlease/streamlease/internal/sim"
)

// span is something that lasted.
type span struct {
	member   string // empty: what the scenario broke
	kind     int
	from, to time.Duration
	text     string
	concerns func(member string) bool // of a fault: whether a member's story has it; nil otherwise
}

func (p *picture) spans() (rows [][5]int64) {
	for _, s := range append(p.troubles(), p.faults()...) {
		rows = append(rows, [5]int64{p.member(s.member), int64(s.kind), micros(s.from), micros(s.to), p.text(s.text)})
	}
	return rows
}

// troubles are the lives of the processes, and when they stood still or were
// cut off.
func (p *picture) troubles() []span {
	var spans []span
	open := make(map[string]map[int]int) // by member and kind, the span that goes on
	begin := func(e *sim.Event, kind int) {
		if open[e.Member] == nil {
			open[e.Member] = make(map[int]int)
		}
		open[e.Member][kind] = len(spans)
		spans = append(spans, span{member: e.Member, kind: kind, from: e.At, to: p.end, text: e.Cause})
	}
	end := func(e *sim.Event, kind int) {
		if at, goes := open[e.Member][kind]; goes {
			spans[at].to = min(spans[at].to, e.At)
			delete(open[e.Member], kind)
		}
	}
	for _, e := range p.result.Trace {
		switch e.Kind {
		case sim.Started:
			begin(&e, alive)
		case sim.Frozen:
			begin(&e, frozen)
		case sim.Thawed:
			end(&e, frozen)
		case sim.Crashed, sim.Left:
			end(&e, frozen)
			end(&e, alive)
		case sim.Cut:
			begin(&e, cutOff)
			at := len(spans) - 1
			spans[at].to = min(spans[at].to, e.Until)
		}
	}
	return spans
}

// faults are the scenario's lines, as far as the run came to them before it was
// healed.
func (p *picture) faults() []span {
	calm := p.calmSince()
	var spans []span
	for i := range p.result.Scenario.Actions {
		a := &p.result.Scenario.Actions[i]
		if a.At >= calm {
			continue
		}
		_, text, _ := strings.Cut(strings.TrimPrefix(a.String(), "at "), " ")
		lasts := max(a.For, a.During)
		if a.Verb == sim.Hit {
			lasts = 0 // it waits for its call, and the call's own event tells of it
		}
		spans = append(spans, span{kind: fault, from: a.At, to: min(a.At+lasts, calm), text: text, concerns: concerned(a)})
	}
	return spans
}

// concerned says which members' stories a fault belongs to. What the trace says
// of a member itself is told by that.
func concerned(a *sim.Action) func(string) bool {
	return func(member string) bool {
		switch {
		case a.Verb >= sim.DoDown && a.Verb <= sim.DoEvict, a.Verb == sim.DoNoise:
			return true
		case a.Verb == sim.DoCrash, a.Verb == sim.DoFreeze, a.Verb == sim.DoCut:
			return false
		default:
			return a.Member == member
		}
	}
}

// calmSince is when the time of faults was over.
func (p *picture) calmSince() time.Duration {
	for _, e := range p.result.Trace {
		if e.Kind == sim.Healed {
			return e.At
		}
	}
	return p.result.Ended
}
