package demo

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/streamlease/streamlease/internal/sim"
)

// The world of every run: leases short enough that one does not wait long,
// work long enough that one comes to see whose it is.
const (
	usualWorld = "with members=%d ttl=5s sweep=10s workmin=90s workmax=240s writes=2s maxfailures=3 room=40"
	opening    = `
at 400ms announce s1
at 700ms announce s2
at 1000ms announce s3
at 1300ms announce s4
at 1600ms announce s5
at 1900ms announce s6`
)

// Scenario is the link's run as a scenario.
func (l Link) Scenario() sim.Scenario {
	scenario, err := sim.ParseScenario("demo", fmt.Sprintf(usualWorld, l.Members)+opening)
	if err != nil {
		panic(err) // it is part of the program
	}
	scenario.Setup.Faults = max(l.Until, time.Second)
	scenario.Actions = append(scenario.Actions, l.Clicks...)
	slices.SortStableFunc(scenario.Actions, func(a, b sim.Action) int { return cmp.Compare(a.At, b.At) })
	return scenario
}

// Play plays the link's run to its end, which is its present in a page: what
// happens at that very instant has not happened. Of the options only what is to
// be kept and shown counts.
func (l Link) Play(options sim.Options) sim.Result {
	scenario := l.Scenario()
	scenario.Setup.Faults = l.Until - 1
	options.Endless, options.GoesOn = true, true
	return sim.Run(scenario, l.options(options))
}

// options are those of the link's run.
func (l Link) options(options sim.Options) sim.Options {
	options.Seed, options.Ablation = l.Seed, sim.Ablation{}
	if l.Without.Fencing {
		options.Ablation.WritesNotFenced, options.Ablation.Core.NoSelfFencing = true, true
	}
	options.Ablation.Core.NoSweep = l.Without.Sweep
	return options
}
