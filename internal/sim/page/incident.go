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
	at time.Duration
	// until is how far its story reaches.
	until time.Duration
	name  string // of the stream; empty: it is about no single one
	// hit is the fault that it is about; nil: it is about no single call.
	hit *sim.Event
	// calm: nothing happened that the page should open at rather than anywhere.
	calm bool
}

// findIncident is the violation; or else the first overlap; or else the first
// event of the first of the remarkable kinds that came in the time of faults.
func (p *picture) findIncident() incident {
	if len(p.result.Violations) > 0 {
		v := &p.result.Violations[0]
		return incident{at: v.At, until: v.At, name: p.nameAt(v)}
	}
	if len(p.overlaps) > 0 {
		first := &p.overlaps[0]
		return incident{at: first.from, until: first.to, name: first.name}
	}
	for _, wanted := range remarkable {
		for i := range p.result.Trace {
			e := &p.result.Trace[i]
			if e.Kind == sim.Healed {
				break // what is broken for good then, and what comes of it, is every run's end
			}
			if wanted(e) {
				name := p.nameOf(i)
				found := incident{at: e.At, until: p.nextTenure(name, e.At), name: name}
				if e.Kind == sim.Fault {
					found.hit = e
				}
				return found
			}
		}
	}
	return incident{calm: true}
}

// remarkable are the kinds of events that a page opens at, the most remarkable
// first.
var remarkable = []func(*sim.Event) bool{
	func(e *sim.Event) bool { return e.Kind == sim.Fenced },
	func(e *sim.Event) bool { return e.Kind == sim.Refused && e.Call == sim.Settle },
	func(e *sim.Event) bool { return e.Kind == sim.Fault && e.Call != 0 },
	func(e *sim.Event) bool { return e.Kind == sim.Began && e.Cause == string(core.ReasonFound) },
}

// nextTenure is when the next tenure of a stream began, or the instant itself
// if none did.
func (p *picture) nextTenure(name string, at time.Duration) time.Duration {
	for i := range p.chronicle.Tenures {
		if t := &p.chronicle.Tenures[i]; t.Ref.Name == name && t.Began >= at {
			return t.Began
		}
	}
	return at
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
		return [2]int64{0, micros(p.end)}
	}
	from, to := p.incident.at, p.incident.at
	for _, s := range p.sentences() {
		from, to = min(from, s.at), max(to, s.at)
	}
	around := max((to-from)/8, time.Second)
	return [2]int64{micros(max(0, from-around)), micros(min(p.end, to+around))}
}
