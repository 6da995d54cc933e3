package sim

import "time"

// counts is what a run, or a campaign of runs, has gone through.
type counts struct {
	calls         [calls]int64
	grid          [calls][moments][effects]int64
	changed       [calls]int64 // calls whose outcome a fault changed
	faults        map[string]int64
	effects       map[string]int64
	situations    [situations]int64
	tenures       int64
	zombies       int64
	zombieSaves   int64
	lostInCrashes int64
	claims        [2]int64
}

func (c *counts) init() {
	c.faults = make(map[string]int64)
	c.effects = make(map[string]int64)
}

// what changed an outcome.
const (
	storeDown    = "store down"
	storeRefuses = "store refuses"
	cutReply     = "reply cut off"
	stricken     = "call hit"
)

// change counts that a fault changed the outcome of a call.
func (c *counts) change(why string, call *call) {
	c.effects[why]++
	c.changed[call.what]++
}

// Counters is what a campaign has gone through: a zero where something must
// have happened means that nothing was proved about it.
type Counters struct {
	Runs, Steps int64
	Simulated   time.Duration
	Tenures     int64
	// Calls and Changed count the calls of each kind, and those whose outcome
	// a fault changed.
	Calls, Changed [calls]int64
	// Grid counts port call × moment × effect.
	Grid [calls][moments][effects]int64
	// Checks counts, for each invariant, the checks of something that could
	// have failed; Excused those that failed and were not promised.
	Checks, Excused [invariants]int64
	// Faults and Effects count the faults delivered by name, and how often
	// they changed an outcome.
	Faults, Effects map[string]int64
	Situations      [situations]int64
	// FencedWrites were refused by the resource that checks tokens.
	FencedWrites int64
	// FencedSaves are calls for a checkpoint that were refused.
	FencedSaves int64
}

func (w *World) counters() Counters {
	c := &w.counts
	total := Counters{Runs: 1, Steps: w.steps, Simulated: w.now, Tenures: c.tenures, Calls: c.calls, Changed: c.changed,
		Grid: c.grid, Checks: w.observer.checks, Excused: w.observer.excused, Faults: c.faults, Effects: c.effects,
		Situations: c.situations, FencedWrites: c.zombies, FencedSaves: c.zombieSaves}
	return total
}

// Add adds the counts of another run.
func (t *Counters) Add(other Counters) {
	t.Runs += other.Runs
	t.Steps += other.Steps
	t.Simulated += other.Simulated
	t.Tenures += other.Tenures
	t.FencedWrites += other.FencedWrites
	t.FencedSaves += other.FencedSaves
	for call := range t.Calls {
		t.Calls[call] += other.Calls[call]
		t.Changed[call] += other.Changed[call]
		for moment := range t.Grid[call] {
			for effect := range t.Grid[call][moment] {
				t.Grid[call][moment][effect] += other.Grid[call][moment][effect]
			}
		}
	}
	for i := range t.Checks {
		t.Checks[i] += other.Checks[i]
		t.Excused[i] += other.Excused[i]
	}
	for i := range t.Situations {
		t.Situations[i] += other.Situations[i]
	}
	t.Faults = addNamed(t.Faults, other.Faults)
	t.Effects = addNamed(t.Effects, other.Effects)
}

func addNamed(to, from map[string]int64) map[string]int64 {
	if to == nil {
		to = make(map[string]int64)
	}
	for name, n := range from {
		to[name] += n
	}
	return to
}
