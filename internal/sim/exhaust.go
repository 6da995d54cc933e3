package sim

import (
	"fmt"
	"slices"
	"time"
)

// Corner is a world small enough to go through everything that can happen in
// it, up to a depth.
type Corner struct {
	Lease Lease
	// Twice: the one stream is announced twice.
	Twice bool
	// Faults is how many faults may happen in one run.
	Faults int
	// Depth is how many choices are made in one run; what comes after them goes
	// on without faults, and is checked too.
	Depth int
	// Limit bounds the runs; 0: none.
	Limit int64
	// Ablation turns safety rules off.
	Ablation Ablation
}

// Exhausted is what going through a corner gave.
type Exhausted struct {
	Corner Corner
	// Runs were made, States are the different ones that were met at choices.
	Runs, States int64
	// Complete: everything to the depth was gone through; false: Limit ended it.
	Complete bool
	// Failed is the first run in which something did not hold, by its choices.
	Failed  *Result
	Choices []string
}

// Exhaust goes through every choice that a corner leaves: what becomes of each
// call (it is answered at once; or, as a fault, lost, applied and its reply
// lost, late, or its member stands still before or after), and in which order
// what is under way at one time arrives. Each run begins anew and follows its
// choices; a state that was met before, by the hash of all that machines,
// stores and network hold, is not gone on from.
func Exhaust(corner Corner) Exhausted {
	e := explorer{corner: corner, met: make(map[uint64]int)}
	e.explore()
	return Exhausted{Corner: corner, Runs: e.runs, States: int64(len(e.met)), Complete: !e.limited, Failed: e.failed, Choices: e.names}
}

type explorer struct {
	corner  Corner
	met     map[uint64]int // the most that was left to choose from a state
	runs    int64
	limited bool
	failed  *Result
	names   []string
}

// path is the choices of one run: those that it must follow, and how many ways
// there were at each.
type path struct {
	explorer *explorer
	follow   []int
	taken    []int
	ways     []int
	names    []string
	faults   int
	pruned   bool
}

func (e *explorer) explore() {
	var follow []int
	for e.failed == nil {
		if e.corner.Limit > 0 && e.runs >= e.corner.Limit {
			e.limited = true
			return
		}
		p := e.runOnce(follow)
		follow = p.next()
		if follow == nil {
			return
		}
	}
}

// next is the path that differs in the last choice that has a way left.
func (p *path) next() []int {
	for i := len(p.taken) - 1; i >= 0; i-- {
		if p.taken[i]+1 < p.ways[i] {
			return append(slices.Clone(p.taken[:i]), p.taken[i]+1)
		}
	}
	return nil
}

func (e *explorer) runOnce(follow []int) *path {
	e.runs++
	p := &path{explorer: e, follow: follow}
	setup := Setup{Lease: e.corner.Lease, Members: 2, TTL: time.Second, Sweep: 2 * time.Second,
		WorkMin: 1200 * time.Millisecond, WorkMax: 1200 * time.Millisecond, Faults: 4 * time.Second, SmallTokens: true, NoCore: true}
	announced := []Action{{At: 400 * time.Millisecond, Verb: DoAnnounce, Stream: "s1"}}
	if e.corner.Twice {
		announced = append(announced, announced[0])
	}
	w := newWorld(Scenario{Name: "corner", Setup: setup, Actions: announced}, Options{Ablation: e.corner.Ablation})
	w.path = p
	w.begin()
	w.run(setup.Faults)
	if p.pruned {
		return p
	}
	w.path = nil
	w.heal()
	w.run(w.now + w.bounds().found + time.Second)
	if r := w.result(); !r.Held() {
		e.failed, e.names = &r, p.names
	}
	return p
}

// choose takes the next choice among ways; the first is that nothing is wrong.
func (p *path) choose(w *World, ways int, name func(int) string) int {
	if p.pruned || len(p.taken) >= p.explorer.corner.Depth || ways <= 1 {
		return 0
	}
	if len(p.taken) >= len(p.follow) {
		left := p.explorer.corner.Depth - len(p.taken)
		state := w.fingerprint(uint64(p.faults))
		if before, met := p.explorer.met[state]; met && before >= left {
			p.pruned = true
			w.observer.pruned = true
			return 0
		}
		p.explorer.met[state] = left
	}
	chosen := 0
	if len(p.taken) < len(p.follow) {
		chosen = p.follow[len(p.taken)]
	}
	p.taken = append(p.taken, chosen)
	p.ways = append(p.ways, ways)
	if chosen > 0 {
		p.names = append(p.names, fmt.Sprintf("%v %s", w.now, name(chosen)))
	}
	return chosen
}

// cornerFaults are what may become of a call.
var cornerFaults = []hit{
	{Moment: Before, Effect: CutOff},
	{Moment: Applied, Effect: Fail},
	{Moment: Late, Effect: CutOff, duration: 900 * time.Millisecond},
	{Moment: Before, Effect: Freeze, duration: 1300 * time.Millisecond},
	{Moment: Applied, Effect: Freeze, duration: 1300 * time.Millisecond},
	{Moment: Applied, Effect: Crash},
}

// fate is what becomes of a call in a corner; nil: nothing is wrong with it.
func (p *path) fate(w *World, c *call) *hit {
	if c.what == Inspect || c.what == Check || c.what == Publish || w.observer.announced == 0 || p.faults >= p.explorer.corner.Faults {
		return nil
	}
	chosen := p.choose(w, 1+len(cornerFaults), func(i int) string {
		h := cornerFaults[i-1]
		return fmt.Sprintf("%s %v %v %v", c.process.label, c.what, h.Moment, h.Effect)
	})
	if chosen == 0 {
		return nil
	}
	p.faults++
	h := cornerFaults[chosen-1]
	h.Call = c.what
	return &h
}

// speed is how fast a call travels in a corner: so that each may overtake those
// of the other member that are under way.
func (p *path) speed(w *World, c *call) time.Duration {
	for _, other := range w.processes {
		if other != c.process && len(other.open) > 0 && slices.ContainsFunc(other.open, func(o *call) bool { return o.what != Fetch }) {
			slow := p.choose(w, 2, func(int) string { return fmt.Sprintf("%s %v overtaken", c.process.label, c.what) })
			return time.Duration(1+3*slow) * time.Millisecond
		}
	}
	return time.Millisecond
}
