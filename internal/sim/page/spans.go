package page

import (
	"strings"
	"time"

	"github.com/streamlease/streamlease/internal/sim"
)

// span is something that lasted.
type span struct {
	member   string // empty: the scenario broke something
	kind     int    // of a member's span
	from, to time.Duration
	text     string
	concerns func(member string) bool // of a fault: whether a member's story has it; nil otherwise
}

// troubleLog lists the lives of the processes, and when they stood still or
// were cut off.
type troubleLog struct {
	end   time.Duration // what goes on lasts until then
	spans []span
	open  map[trouble]int // the span that goes on
}

// trouble is what can be the matter with a member once at a time.
type trouble struct {
	member string
	kind   int
}

func newTroubleLog(end time.Duration) troubleLog {
	return troubleLog{end: end, open: make(map[trouble]int)}
}

// see takes the next event of a trace.
func (l *troubleLog) see(e *sim.Event) {
	switch e.Kind {
	case sim.Started:
		l.begin(e, alive)
	case sim.Frozen:
		l.begin(e, frozen)
	case sim.Thawed:
		l.over(e, frozen)
	case sim.Crashed, sim.Left:
		l.over(e, frozen)
		l.over(e, alive)
	case sim.Cut:
		l.begin(e, cutOff)
		at := len(l.spans) - 1
		l.spans[at].to = min(l.spans[at].to, e.Until)
	}
}

func (l *troubleLog) begin(e *sim.Event, kind int) {
	l.open[trouble{e.Member, kind}] = len(l.spans)
	l.spans = append(l.spans, span{member: e.Member, kind: kind, from: e.At, to: l.end, text: e.Cause})
}

func (l *troubleLog) over(e *sim.Event, kind int) {
	which := trouble{e.Member, kind}
	if at, goes := l.open[which]; goes {
		l.spans[at].to = min(l.spans[at].to, e.At)
		delete(l.open, which)
	}
}

// troubles are those of the whole run.
func (p *picture) troubles() []span {
	log := newTroubleLog(p.end)
	for i := range p.result.Trace {
		log.see(&p.result.Trace[i])
	}
	return log.spans
}

// faults are the scenario's lines, as far as the run came to them before it was
// healed.
func faultsOf(actions []sim.Action, calm time.Duration) []span {
	var spans []span
	for i := range actions {
		a := &actions[i]
		if a.At >= calm {
			continue
		}
		_, text, _ := strings.Cut(strings.TrimPrefix(a.String(), "at "), " ")
		lasts := max(a.For, a.During)
		if a.Verb == sim.Hit {
			lasts = 0 // it waits for its call, and the call's own event tells of it
		}
		spans = append(spans, span{from: a.At, to: min(a.At+lasts, calm), text: text, concerns: concerned(a)})
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
func calmSince(r *sim.Result) time.Duration {
	for i := range r.Trace {
		if r.Trace[i].Kind == sim.Healed {
			return r.Trace[i].At
		}
	}
	return r.Ended
}
