package sim

import (
	"fmt"
	"math"
	"slices"
	"time"
)

// Corner is a world small enough to go through everything that can happen in
// it.
type Corner struct {
	Lease Lease
	// Twice: the one stream is announced twice.
	Twice bool
	// Faults is how many faults may happen in one run.
	Faults int
	// Depth is how many choices are made in one run; what comes after them goes
	// on without faults, and is checked too. 0: as many as there are.
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
	// Deepest is how many choices the longest run had.
	Deepest int
	// Complete: everything was gone through, to the depth; false: the search was
	// ended before.
	Complete bool
	// Hash is that of all runs, in their order.
	Hash uint64
	// Failed is the first run in which something did not hold, by its choices.
	Failed  *Result
	Choices []string
}

// Progress is how far Exhaust has come.
type Progress struct {
	Runs, States int64
	// Part of all is done, roughly, from 0 to 1.
	Part float64
}

// Exhaust goes through every choice that a corner leaves: what becomes of each
// call (it is answered at once; or, as a fault, lost, applied and its reply
// lost, late, or its member stands still or dies), and which of two requests
// comes first where that matters. Each run begins anew and follows its choices; a
// state that was met before, by the hash of all that machines, stores and network
// hold, is not gone on from. goOn hears how far the search is, after each run,
// and ends it by answering false; it may be nil.
func Exhaust(corner Corner, goOn func(Progress) bool) Exhausted {
	if corner.Depth == 0 {
		corner.Depth = math.MaxInt32
	}
	e := explorer{met: make(map[uint64]int)}
	e.Corner = corner
	e.explore(goOn)
	return e.Exhausted
}

type explorer struct {
	Exhausted
	met map[uint64]int // the most that was left to choose from a state
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

func (e *explorer) explore(goOn func(Progress) bool) {
	var follow []int
	for e.Failed == nil {
		p := e.runOnce(follow)
		e.States = int64(len(e.met))
		e.Deepest = max(e.Deepest, len(p.taken))
		if follow = p.next(); follow == nil {
			e.Complete = e.Failed == nil
			return
		}
		if e.Corner.Limit > 0 && e.Runs >= e.Corner.Limit || goOn != nil && !goOn(e.progress(follow)) {
			return
		}
	}
}

// progress reckons from where the next run leaves the usual way: every such place
// is gone through from the last one to the first, and what comes after it with
// one fault less.
func (e *explorer) progress(follow []int) Progress {
	usual := slices.IndexFunc(follow, func(chosen int) bool { return chosen > 0 })
	return Progress{Runs: e.Runs, States: e.States,
		Part: 1 - math.Pow(float64(usual)/float64(e.Deepest), float64(e.Corner.Faults))}
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
	e.Runs++
	p := &path{explorer: e, follow: follow}
	setup := Setup{Lease: e.Corner.Lease, Members: 2, TTL: time.Second, Sweep: 2 * time.Second,
		WorkMin: 1200 * time.Millisecond, WorkMax: 1200 * time.Millisecond, Faults: 4 * time.Second, SmallTokens: true, NoCore: true}
	announced := []Action{{At: 400 * time.Millisecond, Verb: DoAnnounce, Stream: "s1"}}
	if e.Corner.Twice {
		announced = append(announced, announced[0])
	}
	w := newWorld(Scenario{Name: "corner", Setup: setup, Actions: announced}, Options{Ablation: e.Corner.Ablation})
	w.path = p
	w.begin()
	w.run(setup.Faults)
	if p.pruned {
		e.Hash = Chain(e.Hash, uint64(w.hash))
		return p
	}
	w.heal()
	w.run(w.now + w.bounds().found + time.Second)
	e.Hash = Chain(e.Hash, uint64(w.hash))
	if r := w.result(); !r.Held() {
		e.Failed, e.Choices = &r, p.names
	}
	return p
}

// A kind of choice: two of them may come at one state.
const (
	ofFate uint64 = iota
	ofOrder
)

// choose takes the next choice among ways; the first is that nothing is wrong.
func (p *path) choose(w *World, kind uint64, ways int, name func(int) string) int {
	left := p.explorer.Corner.Depth - len(p.taken)
	if p.pruned || w.calm || left <= 0 || ways <= 1 {
		return 0
	}
	if len(p.taken) >= len(p.follow) {
		state := w.fingerprint(uint64(p.faults)<<8 | kind)
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
	if c.what == Inspect || c.what == Check || c.what == Publish || w.observer.announced == 0 || p.faults >= p.explorer.Corner.Faults {
		return nil
	}
	chosen := p.choose(w, ofFate, 1+len(cornerFaults), func(i int) string {
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

// speed is how fast a message travels in a corner. A request may be overtaken by
// one of the other member that is under way, if it matters which of the two
// comes first. Answers need no such choice: each changes its own member alone.
func (p *path) speed(w *World, c *call, way uint64) time.Duration {
	const usual, overtaken = 15 * time.Millisecond, 45 * time.Millisecond
	if way != 1 || !w.isContested(c) {
		return usual
	}
	if p.choose(w, ofOrder, 2, func(int) string { return fmt.Sprintf("%s %v overtaken", c.process.label, c.what) }) == 1 {
		return overtaken
	}
	return usual
}

// isContested: a call of the other member is on its way, and it matters which
// of the two comes first.
func (w *World) isContested(c *call) bool {
	return slices.ContainsFunc(w.processes, func(other *process) bool {
		return other != c.process && slices.ContainsFunc(other.open, func(o *call) bool { return !o.applied && orderMatters(o.what, c.what) })
	})
}

// orderMatters: calls of two members do not give the same in any order. Those to
// two stores do, and those that only say that each member lives. A Fetch waits
// for what is announced.
func orderMatters(one, other Call) bool {
	onLeases := func(c Call) bool { return c >= Acquire && c <= Inspect }
	switch {
	case one == Fetch, other == Fetch, one >= Publish, other >= Publish:
		return false
	case onLeases(one) != onLeases(other):
		return false
	default:
		return one != other || one != Heartbeat && one != Renew
	}
}
