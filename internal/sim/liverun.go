package sim

import "time"

// mostLiveActions is how many actions a LiveRun takes while it goes on.
const mostLiveActions = 1 << 32

// LiveRun is a run that somebody plays: it goes on as far as it is told, and
// takes actions at its present. It never ends by itself, and goes on beyond
// violations. The scenario that it has become gives the same run with Run, byte
// for byte. A LiveRun may be used by one goroutine at a time.
type LiveRun struct {
	world   *World
	present time.Duration
	taken   []Action
	stack   string // where a panic ended it
}

// Begin begins a run, at model depth. The scenario's own actions happen
// when their time comes, like those that are given later.
func Begin(scenario Scenario, options Options) *LiveRun {
	options.Endless, options.GoesOn = true, true
	r := &LiveRun{world: newWorld(scenario, options)}
	r.guarded(r.world.begin)
	return r
}

// Present is the instant that comes next: all that was before it has happened.
func (r *LiveRun) Present() time.Duration { return r.present }

// GoOn lets everything happen that comes before an instant, which is the
// present then.
func (r *LiveRun) GoOn(to time.Duration) {
	if to <= r.present {
		return
	}
	r.guarded(func() { r.world.run(to - 1) })
	r.present = to
}

// Next goes on to the next instant at which something is scheduled, but no
// further than an instant.
func (r *LiveRun) Next(latest time.Duration) {
	to := latest
	if heap := r.world.agenda.heap; len(heap) > 0 {
		to = min(to, heap[0].at+1)
	}
	r.GoOn(to)
}

// Act lets an action happen at the present, whatever its instant.
func (r *LiveRun) Act(action Action) {
	action.At = r.present
	r.taken = append(r.taken, action)
	r.world.agenda.addReserved(appointment{at: action.At, what: toDo, do: func() { r.world.act(&action) }})
}

// Trace is what has happened so far, if the options wanted it.
func (r *LiveRun) Trace() Trace { return r.world.trace }

// Taken are the actions that were given to Act, in their order.
func (r *LiveRun) Taken() []Action { return r.taken }

// Result is what the run has given so far. Its Chronicle is not closed: what is
// live has no end yet. It shares memory with the run.
func (r *LiveRun) Result() Result {
	w := r.world
	result := Result{Scenario: w.scenario, Seed: w.seed, Hash: uint64(w.hash), Violations: w.observer.violations,
		Counters: w.counters(), Trace: w.trace, Ended: r.present, Stack: r.stack}
	if w.chronicler != nil {
		result.Chronicle = w.chronicler.told
	}
	return result
}

// guarded makes the last violation of the run of a panic in what is run.
func (r *LiveRun) guarded(do func()) {
	if r.stack != "" {
		return
	}
	var result Result
	defer func() { r.stack = result.Stack }()
	defer r.world.panicked(&result)
	do()
}
