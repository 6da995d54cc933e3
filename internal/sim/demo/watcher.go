package demo

import "github.com/streamlease/streamlease/internal/sim"

// owners is who owned each stream last, by its name. A stream that is done has
// none; one whose owner died has that one until another begins.
type owners map[string]string

func (o owners) see(e *sim.Event) {
	switch {
	case e.Kind == sim.Announced:
		o[e.Ref.Name] = ""
	case e.Kind == sim.Began:
		o[e.Ref.Name] = e.Member
	case e.Kind == sim.Settled && isDone(e):
		delete(o, e.Ref.Name)
	}
}

func isDone(e *sim.Event) bool { return e.Cause == "Done" }

// of are the streams of a member.
func (o owners) of(member string) map[string]bool {
	owned := make(map[string]bool)
	for name, owner := range o {
		if owner == member {
			owned[name] = true
		}
	}
	return owned
}

// sharedOut: every stream that was announced has an owner, and two have some.
type sharedOut struct{}

const fewest = 6 // that the beginning announces

func (*sharedOut) see(e *sim.Event, o owners) bool {
	if e.Kind != sim.Began {
		return false
	}
	shares := map[string]int{e.Member: 1}
	for name, owner := range o {
		if owner == "" && name != e.Ref.Name {
			return false
		}
		if name != e.Ref.Name {
			shares[owner]++
		}
	}
	return len(o) >= fewest && len(shares) > 1
}

// crashed: a member died that owned streams, and all of them have new owners.
type crashed struct{ orphans map[string]bool }

func (c *crashed) see(e *sim.Event, o owners) bool {
	switch e.Kind {
	case sim.Crashed:
		if orphans := o.of(e.Member); len(orphans) > 0 && len(c.orphans) == 0 {
			c.orphans = orphans
		}
	case sim.Began, sim.Settled:
		if c.orphans[e.Ref.Name] {
			delete(c.orphans, e.Ref.Name)
			return e.Kind == sim.Began && len(c.orphans) == 0
		}
	}
	return false
}

// woken: a member was frozen, lost streams to others, goes on, and its
// application hears of it.
type woken struct {
	member string
	owned  map[string]bool
	taken  bool
	goes   bool
}

func (w *woken) see(e *sim.Event, o owners) bool {
	switch e.Kind {
	case sim.Frozen:
		if owned := o.of(e.Member); len(owned) > 0 {
			*w = woken{member: e.Member, owned: owned}
		}
	case sim.Began:
		w.taken = w.taken || w.owned[e.Ref.Name] && e.Member != w.member
	case sim.Thawed:
		w.goes = w.goes || w.taken && e.Member == w.member
	case sim.Heard:
		return w.goes && e.Member == w.member && e.Cause == "StreamDisowned"
	}
	return false
}

// refusedLate: a member goes on that was frozen, and its late write was refused.
type refusedLate struct{ woken map[string]bool }

func (r *refusedLate) see(e *sim.Event, _ owners) bool {
	if e.Kind == sim.Thawed {
		if r.woken == nil {
			r.woken = make(map[string]bool)
		}
		r.woken[e.Member] = true
	}
	return e.Kind == sim.Fenced && r.woken[e.Member]
}

// lostHint: hints were lost, and a stream of a dead member has a new owner
// nevertheless.
type lostHint struct {
	orphans map[string]bool
	lost    bool
}

func (l *lostHint) see(e *sim.Event, o owners) bool {
	switch e.Kind {
	case sim.Crashed:
		if l.orphans == nil {
			l.orphans = make(map[string]bool)
		}
		for name := range o.of(e.Member) {
			l.orphans[name] = true
		}
	case sim.HintLost:
		l.lost = l.lost || len(l.orphans) > 0
	case sim.Began:
		return l.lost && l.orphans[e.Ref.Name]
	}
	return false
}

// closed: a stream was done, a member left that had given streams back, and
// another owns one of them.
type closed struct {
	done  bool
	given map[string]string // streams that were given back, by whom
	moved map[string]bool   // members of which streams have a new owner
	left  map[string]bool
}

func (c *closed) see(e *sim.Event, _ owners) bool {
	if c.given == nil {
		*c = closed{given: make(map[string]string), moved: make(map[string]bool), left: make(map[string]bool)}
	}
	switch e.Kind {
	case sim.Settled:
		c.done = c.done || isDone(e)
		if e.Cause == "HandedOff" {
			c.given[e.Ref.Name] = e.Member
		}
	case sim.Began:
		if giver := c.given[e.Ref.Name]; giver != "" && giver != e.Member {
			c.moved[giver] = true
		}
	case sim.Left:
		c.left[e.Member] = true
	}
	if !c.done {
		return false
	}
	for member := range c.left {
		if c.moved[member] {
			return true
		}
	}
	return false
}
