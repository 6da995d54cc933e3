package sim

import (
	"fmt"
	"time"
)

// Options are what a run needs besides its scenario.
type Options struct {
	// Seed is where everything that the scenario leaves open comes from.
	Seed uint64
	// Trace keeps the trace.
	Trace bool
	// Chronicle keeps what a picture needs besides the trace.
	Chronicle bool
	// Watch hears of each event as it happens.
	Watch func(Event)
	// Ablation turns safety rules off.
	Ablation Ablation
	// Endless: the time of faults does not end in a calm one, and nothing is
	// healed. For scenarios that say themselves what they expect.
	Endless bool
	// GoesOn: a violation is noted, once of each stream and member, and does
	// not end the run. What comes after it is no proof of anything.
	GoesOn bool
}

// Result is what a run gave.
type Result struct {
	Scenario   Scenario
	Seed       uint64
	Hash       uint64
	Violations []Violation
	Counters   Counters
	Trace      Trace
	Chronicle  Chronicle
	// Excuses says, for each invariant that was violated and not promised,
	// which fault took it out of the promise.
	Excuses map[string]string
	// Ended is the virtual instant at which the run ended.
	Ended time.Duration
	// Stack is where a panic ended the run; empty: none did.
	Stack string

	decisions []Action
}

// Held reports whether no invariant was violated.
func (r Result) Held() bool { return len(r.Violations) == 0 }

// HashLine is the last line of every run.
func (r Result) HashLine() string { return fmt.Sprintf("hash %016x", r.Hash) }

// Run plays a scenario: first the time of faults, in which anything may
// happen; then a random core of the fleet is healed, and the rest stays broken.
// Then all that is pending must find an owner within the bound that the design
// states, and once more after an owner has crashed.
func Run(scenario Scenario, options Options) (result Result) {
	w := newWorld(scenario, options)
	defer w.panicked(&result)
	w.play()
	return w.result()
}

func (w *World) play() {
	w.begin()
	w.run(w.setup.Faults)
	if !w.options.Endless {
		w.heal()
		bound := w.bounds()
		w.run(w.now + bound.found + time.Second)
		w.loseAnOwner()
		w.run(w.now + w.setup.TTL + bound.detection + time.Second)
	}
}

func (w *World) result() Result {
	r := Result{Scenario: w.scenario, Seed: w.seed, Hash: uint64(w.hash), Violations: w.observer.violations,
		Counters: w.counters(), Trace: w.trace, Chronicle: w.chronicler.close(), Ended: w.now, decisions: w.decisions}
	for i := range w.observer.excused {
		if w.observer.excused[i] > 0 {
			if r.Excuses == nil {
				r.Excuses = make(map[string]string)
			}
			r.Excuses[Invariant(i).String()] = w.observer.why[i]
		}
	}
	return r
}

// heal ends the time of faults. A random core of the fleet, at least one
// member, is well from here on; who is broken elsewhere stays so, and so does
// whoever is not in the core.
func (w *World) heal() {
	if w.observer.stopped() {
		return
	}
	w.calm, w.calmSince = true, w.now
	w.note(Event{Kind: Healed})
	w.weather = weather{}
	for _, host := range w.servers {
		host.downUntil, host.fullUntil, host.readUntil, host.slowUntil = 0, 0, 0, 0
	}
	drawn := newChance(w.seed, ofHealing)
	well := 0
	for _, p := range w.processes {
		if !p.lives() || p.closing {
			continue
		}
		if w.setup.NoCore || drawn.below(3) > 0 {
			p.heal()
			well++
			continue
		}
		p.breakForGood(drawn.below(3))
	}
	if well == 0 {
		w.boot("m0")
	}
}

func (p *process) heal() {
	w := p.world
	p.hits = nil
	p.slowUntil, p.lagUntil, p.nap, p.napUntil = 0, 0, 0, 0
	p.cutRequests, p.cutReplies = min(p.cutRequests, w.now), min(p.cutReplies, w.now)
	p.app.slowTill, p.app.stuckTill = 0, 0
	p.setRate(p.rate)
	if p.cutHints > w.now {
		p.cutHints = w.now
		w.connectHints(p)
	}
	if p.frozen() {
		p.frozenUntil = w.now
		p.thaw()
	}
	if p.looping && p.loopAt > w.now { // its loop was to come round late, or when it thawed
		p.looping = false
		p.callLoop()
	}
	if p.app.expecting { // it was to read when it thawed, or slowly
		p.app.expecting = false
		p.app.offer()
	}
}

func (p *process) breakForGood(how int) {
	switch how {
	case 0:
		p.crash()
	case 1:
		p.freeze(notYet / 4)
	default:
		p.cut(true, true, true, notYet/4)
	}
}

// loseAnOwner crashes a member that owns something, if another is well.
func (w *World) loseAnOwner() {
	if w.observer.stopped() {
		return
	}
	var victim *process
	well := 0
	for _, p := range w.processes {
		if !p.healthy() {
			continue
		}
		well++
		if victim == nil || p.machine.Status().Owned > victim.machine.Status().Owned {
			victim = p
		}
	}
	if well > 1 && victim.machine.Status().Owned > 0 {
		victim.crash()
	}
}

// expect checks what the scenario expects.
func (w *World) expect(e Expectation) {
	for _, b := range w.observer.books {
		if b.gone || e.Stream != "" && b.ref.Name != e.Stream {
			continue
		}
		w.observer.checks[Expected]++
		if !e.Owned {
			w.observer.violated(Expected, nil, b.ref, 0, "%s is not done", b.ref)
			continue
		}
		if !w.ownedWell(b.name) {
			w.observer.violated(Expected, nil, b.ref, 0, "nobody owns %s", b.ref)
		}
	}
}

func (w *World) ownedWell(n *nameBook) bool {
	for _, t := range n.live {
		if t.process.healthy() {
			return true
		}
	}
	return false
}
