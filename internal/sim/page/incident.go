package page

import (
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/sim"
)

// incident is what a run is about: where its page opens, and what its story
// tells.
type incident struct {
	at   time.Duration
	name string // of the stream; empty: it is about no single one
	// calm: nothing happened that the page should open at rather than anywhere.
	calm bool
}

// findIncident is the violation; or else the first overlap, the first write
// that was refused, the first settlement that was, the first takeover, the
// first call that was hit.
func (p *picture) findIncident() incident {
	if len(p.result.Violations) > 0 {
		v := &p.result.Violations[0]
		return incident{at: v.At, name: p.nameAt(v)}
	}
	if len(p.overlaps) > 0 {
		return incident{at: p.overlaps[0].from, name: p.overlaps[0].name}
	}
	for _, wanted := range []func(*sim.Event) bool{
		func(e *sim.Event) bool { return e.Kind == sim.Fenced },
		func(e *sim.Event) bool { return e.Kind == sim.Refused && e.Call == sim.Settle },
		func(e *sim.Event) bool { return e.Kind == sim.Refused },
		func(e *sim.Event) bool { return e.Kind == sim.Began && e.Cause == string(core.ReasonFound) },
		func(e *sim.Event) bool { return e.Kind == sim.Fault && e.Call != 0 },
	} {
		for i := range p.result.Trace {
			if e := &p.result.Trace[i]; e.Kind == sim.Healed {
				break // what is broken for good then, and what comes of it, is every run's end
			} else if wanted(e) {
				return incident{at: e.At, name: p.nameOf(i)}
			}
		}
	}
	return incident{calm: true}
}

// nameAt is the stream that a violation is about. What a member believes of its
// grant is about all its streams: the first will do.
func (p *picture) nameAt(v *sim.Violation) string {
	if v.Ref.Name != "" {
		return v.Ref.Name
	}
	for i := range p.chronicle.Tenures {
		if t := &p.chronicle.Tenures[i]; t.Member == v.Member && t.Began <= v.At && v.At <= t.Ended {
			return t.Ref.Name
		}
	}
	return ""
}

// nameOf is the stream that an event is about. One that names none is about
// what its member did last, or does next.
func (p *picture) nameOf(event int) string {
	trace := p.result.Trace
	if trace[event].Ref.Name != "" {
		return trace[event].Ref.Name
	}
	for _, near := range []sim.Trace{reversed(trace[:event]), trace[event:]} {
		for i := range near {
			if near[i].Member == trace[event].Member && near[i].Ref.Name != "" {
				return near[i].Ref.Name
			}
		}
	}
	return ""
}

func reversed(trace sim.Trace) sim.Trace {
	turned := slices.Clone(trace)
	slices.Reverse(turned)
	return turned
}

// window is what the page shows first: the story, with some time around it.
func (p *picture) window() [2]int64 {
	if p.incident.calm {
		return [2]int64{0, micros(p.result.Ended)}
	}
	from, to := p.incident.at, p.incident.at
	for _, s := range p.sentences() {
		from, to = min(from, s.at), max(to, s.at)
	}
	around := max((to-from)/8, time.Second)
	return [2]int64{micros(max(0, from-around)), micros(min(p.result.Ended, to+around))}
}
