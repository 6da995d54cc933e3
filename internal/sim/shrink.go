package sim

import (
	"cmp"
	"slices"
	"time"
)

// Shrunk is the least that is left of a run that fails in the same way.
type Shrunk struct {
	Scenario Scenario
	Seed     uint64
	Ablation Ablation
	Result   Result
	Runs     int // it took
}

// Play runs a scenario: Run does, or RunAdapters in bubbles.
type Play func(Scenario, Options) Result

// How many runs Shrink may take. One over real adapters takes a second or so.
const (
	ShrinkRuns         = 2500
	ShrinkRunsAdapters = 400
)

// Shrink reduces a failed run: what noise did by chance is written down call by
// call; then actions are taken out, in halves, quarters and one by one; then
// the world is made smaller and times rounder, as long as the same invariant
// fails and no more runs than so many are needed.
func Shrink(failed Result, ablation Ablation, play Play, runs int) Shrunk {
	s := shrinker{seed: failed.Seed, ablation: ablation, play: play, best: failed.Scenario, result: failed,
		wanted: failed.Violations[0].Invariant, left: runs}
	s.shorten()
	s.writeDownNoise()
	for range 3 {
		before := s.best.String()
		s.dropActions()
		s.simplifyWorld()
		s.simplifyActions()
		if s.best.String() == before {
			break
		}
	}
	return Shrunk{Scenario: s.best, Seed: s.seed, Ablation: ablation, Result: s.result, Runs: runs - s.left}
}

type shrinker struct {
	seed     uint64
	ablation Ablation
	play     Play
	best     Scenario
	result   Result
	wanted   Invariant
	left     int // runs that may be tried
}

// try keeps the scenario if it fails in the same way.
func (s *shrinker) try(scenario Scenario) bool {
	if s.left <= 0 {
		return false
	}
	s.left--
	r := s.play(scenario, Options{Seed: s.seed, Ablation: s.ablation})
	if r.Held() || r.Violations[0].Invariant != s.wanted {
		return false
	}
	s.best, s.result = scenario, r
	return true
}

func (s *shrinker) copy() Scenario {
	copied := s.best
	copied.Actions = slices.Clone(s.best.Actions)
	return copied
}

// shorten ends the time of faults with the failure, if it came in it, and drops
// what was to happen later.
func (s *shrinker) shorten() {
	at := s.result.Violations[0].At
	shorter := s.copy()
	shorter.Actions = slices.DeleteFunc(shorter.Actions, func(a Action) bool { return a.At > at })
	s.try(shorter)
}

// writeDownNoise replaces noise by the very calls that it hit.
func (s *shrinker) writeDownNoise() {
	plain := s.copy()
	plain.Actions = slices.DeleteFunc(plain.Actions, func(a Action) bool { return a.Verb == DoNoise || a.Verb == Hit })
	plain.Actions = append(plain.Actions, s.result.decisions...)
	slices.SortStableFunc(plain.Actions, func(a, b Action) int { return cmp.Compare(a.At, b.At) })
	s.try(plain)
}

// dropActions takes out as many actions at once as may go (delta debugging,
// Zeller and Hildebrandt, 2002).
func (s *shrinker) dropActions() {
	for size := len(s.best.Actions); size >= 1; size /= 2 {
		for at := 0; at < len(s.best.Actions); {
			fewer := s.copy()
			fewer.Actions = slices.Delete(fewer.Actions, at, min(at+size, len(fewer.Actions)))
			if !s.try(fewer) {
				at += size
			}
		}
	}
}

// simplifyWorld tries a usual value for each thing that is not as usual, and
// smaller numbers.
func (s *shrinker) simplifyWorld() {
	for _, simpler := range []func(*Setup){
		func(x *Setup) { x.Again = false },
		func(x *Setup) { x.Fails, x.GivesUp = 0, 0 },
		func(x *Setup) { x.Fails = 0 },
		func(x *Setup) { x.GivesUp = 0 },
		func(x *Setup) { x.MaxFailures, x.MaxCrashes = 0, 0 },
		func(x *Setup) { x.Room = 0 },
		func(x *Setup) { x.Manual = false },
		func(x *Setup) { x.SmallTokens = true },
		func(x *Setup) { x.NoCore = true },
		func(x *Setup) { x.Lease = Session },
		func(x *Setup) { x.Notifier = Deadline },
		func(x *Setup) { x.Members = 1 },
		func(x *Setup) { x.Members = 2 },
		func(x *Setup) { x.Streams = 1 },
		func(x *Setup) { x.Streams = 2 },
		func(x *Setup) { x.Streams /= 2 },
		func(x *Setup) { x.Faults = (x.Faults / 2).Round(time.Second) },
		func(x *Setup) { x.WorkMax = x.WorkMin },
	} {
		changed := s.copy()
		simpler(&changed.Setup)
		if changed.Setup != s.best.Setup && changed.Setup.Members > 0 && changed.Setup.Faults > 0 {
			s.try(changed)
		}
	}
}

// simplifyActions rounds instants and durations.
func (s *shrinker) simplifyActions() {
	for i := range s.best.Actions {
		for _, unit := range []time.Duration{time.Second, 100 * time.Millisecond, 10 * time.Millisecond, time.Millisecond} {
			rounded := s.copy()
			a := &rounded.Actions[i]
			a.At, a.For = a.At.Round(unit), a.For.Round(unit)
			a.By, a.During = a.By.Round(unit), a.During.Round(unit)
			if *a == s.best.Actions[i] || s.try(rounded) {
				break
			}
		}
	}
	slices.SortStableFunc(s.best.Actions, func(a, b Action) int { return cmp.Compare(a.At, b.At) })
}

// Lines is how long the shrunk scenario file is, comments apart.
func (s Shrunk) Lines() int {
	lines := len(s.Scenario.Actions) + len(s.Scenario.Expects)
	if s.Scenario.Setup.String() != "" {
		lines++
	}
	return lines
}
