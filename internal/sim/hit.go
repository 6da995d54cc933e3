package sim

import (
	"slices"
	"time"
)

// Moment is when a fault meets a call.
type Moment uint8

// The moments.
const (
	Before  Moment = iota // the call never takes effect, or only once its process goes on
	Applied               // it has taken effect, and nobody has heard
	Late                  // it takes effect after its process has given it up
	After                 // its answer was read
	moments
)

// Effect is what the fault does.
type Effect uint8

// The effects.
const (
	Crash  Effect = iota // the process dies
	Freeze               // it stands still
	CutOff               // its connection is silent; the call times out
	Fail                 // its connection breaks; the call fails at once
	effects
)

var (
	momentWords = []string{"before", "applied", "late", "after"}
	effectWords = []string{"crash", "freeze", "cut", "error"}
)

// String returns the word that scenarios use.
func (m Moment) String() string { return momentWords[m] }

// String returns the word that scenarios use.
func (e Effect) String() string { return effectWords[e] }

// hit is one fault that waits for a call of a process.
type hit struct {
	Call
	Moment
	Effect
	duration time.Duration
	half     bool // of the call's batch, only the first half takes effect
}

// hitFor is the fault that meets the call: one that a scenario ordered, or one
// that the weather brings.
func (p *process) hitFor(c *call) *hit {
	for i, h := range p.hits {
		if h.Call == c.what {
			p.hits = slices.Delete(p.hits, i, i+1)
			return h
		}
	}
	if p.world.path != nil {
		return p.world.path.fate(p.world, c)
	}
	return p.world.weather.strikes(p, c)
}

// strike is what happens at the moment of sending to a call that is hit.
func (p *process) strike(c *call) {
	w, h := p.world, c.hit
	w.delivered(p, c)
	way := p.way(c, 1)
	switch h.Moment {
	case Before:
		w.disturbed(p)
		p.strikeBefore(c, h)
	case Applied:
		p.arrive(c, w.now+way)
	case Late:
		w.disturbed(p)
		p.strikeLate(c, h)
	}
}

func (p *process) strikeBefore(c *call, h *hit) {
	switch h.Effect {
	case Crash:
		p.crash()
	case Freeze: // the request goes out when the process goes on
		p.freeze(h.duration)
		p.arrive(c, max(p.frozenUntil, p.world.now)+p.way(c, 1))
	case CutOff:
		p.lose(c, "request lost")
	case Fail:
		p.comeBack(c, c.unanswered(errReset))
	}
}

// strikeLate: the request stays in the network longer than its sender waits.
func (p *process) strikeLate(c *call, h *hit) {
	late := c.deadline + h.duration
	switch h.Effect {
	case Crash:
		p.crash()
	case Freeze:
		p.freeze(c.deadline - p.world.now + 2*h.duration)
		p.timeOutAt(c)
	case CutOff:
		p.lose(c, "request late")
	case Fail:
		p.comeBack(c, c.unanswered(errReset))
	}
	c.late = true
	p.world.troubleUntil(late)
	p.world.agenda.add(appointment{at: late, what: toApply, process: p, call: c})
}

// struck is what happens to a call that was hit once it has taken effect, or
// once its answer was read.
func (p *process) struck(c *call) {
	w, h := p.world, c.hit
	w.counts.change(stricken, c)
	w.disturbed(p)
	if h.Moment == Late {
		return // nobody waits for it any more
	}
	if h.Moment == After {
		w.delivered(p, c)
	}
	switch h.Effect {
	case Crash:
		p.crash()
	case Freeze:
		p.freeze(h.duration)
		if h.Moment == Applied {
			p.reply(c, c.answer)
		}
	case CutOff:
		p.struckByCut(c, h)
	case Fail:
		p.struckByError(c, h)
	}
}

func (p *process) struckByCut(c *call, h *hit) {
	if h.Moment == Applied {
		if !c.closed && p.lives() {
			p.lose(c, "reply lost")
		}
		return
	}
	p.cut(true, true, false, h.duration)
}

// struckByError: the connection breaks after the effect; or after the answer,
// which is the next call's trouble.
func (p *process) struckByError(c *call, h *hit) {
	if h.Moment == Applied {
		p.fail(c, errReset)
		return
	}
	p.hits = append(p.hits, &hit{Call: c.what, Moment: Before, Effect: Fail})
}

// delivered counts the fault, and remembers it as an action that brings it
// about again.
func (w *World) delivered(p *process, c *call) {
	h := c.hit
	w.counts.grid[c.what][h.Moment][h.Effect]++
	w.decisions = append(w.decisions, Action{At: c.sentAt, Verb: Hit, Member: p.label, Call: c.what,
		Moment: h.Moment, Effect: h.Effect, For: h.duration, Half: h.half})
	p.note(Event{Kind: Fault, Call: c.what, Cause: h.Moment.String() + " " + h.Effect.String()})
}

// cut silences the connection for a while.
func (p *process) cut(requests, replies, hints bool, duration time.Duration) {
	until := p.world.now + duration
	if requests {
		p.cutRequests = max(p.cutRequests, until)
	}
	if replies {
		p.cutReplies = max(p.cutReplies, until)
	}
	if hints {
		p.cutHintsUntil(until)
	}
	p.note(Event{Kind: Cut, Until: until, Cause: cutWords(requests, replies, hints)})
}

func cutWords(requests, replies, hints bool) string {
	switch {
	case requests && replies && hints:
		return "all"
	case requests && replies:
		return "calls"
	case requests:
		return "requests"
	case replies:
		return "replies"
	default:
		return "hints"
	}
}
