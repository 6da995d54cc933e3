package main

import (
	"fmt"

	"github.com/streamlease/streamlease/internal/sim"
)

type runCommand struct {
	scenarioFlags
	Seed uint64 `default:"1" help:"Where everything that the scenario leaves open comes from."`
	worldFlags
	recordFlags
}

func (*runCommand) Help() string {
	return `The time of faults comes first, in which the scenario's actions happen. Then a random core of the fleet is healed and must have all that is pending within the bound that the design states, and once more after an owner has crashed. Every invariant is checked at every step.

Examples:

    sim run gc-pause
    sim run crash --seed 7 --lease redsync-quorum --notifier none
    sim run burst --members 5 --streams 200 --quiet
    sim run two-processes-with-one-id --html page.html
    sim run --file mine.scenario --trace mine.trace
    sim run reply-lost-after-take --depth adapters --lease redislock`
}

// Run runs the scenario.
func (r *runCommand) Run(c *console) error {
	if err := r.checkDepth(); err != nil {
		return err
	}
	scenario, err := r.load()
	if err != nil {
		return err
	}
	unexpected := r.reshape(&scenario)
	record, err := r.open(&scenario)
	if err != nil {
		return err
	}
	c.introduce(scenario, r.Seed, &r.worldFlags)
	if unexpected {
		c.say("What it expects is left out: it is expected of the world as it was written, at model depth.\n")
	}
	for _, line := range idle(scenario) {
		c.remark("sim: does nothing, for the time of faults is over by then: %s", line)
	}
	same := fmt.Sprintf("%s --seed %d%s", r.scenarioFlags.arguments(), r.Seed, r.worldFlags.arguments())
	return c.watch(scenario, r.Seed, &r.worldFlags, record, repetition{"run" + same, "shrink" + same})
}

type replayCommand struct {
	Seed   *uint64 `arg:"" optional:"" help:"The seed."`
	Clicks string  `placeholder:"LINK" help:"Instead of a seed: what was clicked in the demo, as its page says it."`
	worldFlags
	recordFlags
}

func (*replayCommand) Help() string {
	return `What a search drew is drawn again: give the same flags as it had. Of a run that was played in the demo (sim demo) the page has the command; the hash is the one that the page shows.

Examples:

    sim replay 4711
    sim replay 4711 --lease redislock --html 4711.html
    sim replay 4711 --depth adapters --lease redsync
    sim replay --clicks 'seed=1&until=20s&at=4s+crash+m1'`
}

// Run draws the scenario and runs it, or plays what was clicked.
func (r *replayCommand) Run(c *console) error {
	switch {
	case r.Clicks != "":
		return r.playClicks(c)
	case r.Seed == nil:
		return errNothingToReplay
	}
	if err := r.checkDepth(); err != nil {
		return err
	}
	seed := *r.Seed
	scenario := drawn(seed, &r.worldFlags)
	record, err := r.open(&scenario)
	if err != nil {
		return err
	}
	c.introduce(scenario, seed, &r.worldFlags)
	c.say("%s", indented(scenario.String()))
	repeat := repetition{fmt.Sprintf("replay %d%s", seed, r.arguments()), fmt.Sprintf("shrink --seed %d%s", seed, r.arguments())}
	return c.watch(scenario, seed, &r.worldFlags, record, repeat)
}

// drawn is the scenario that a search draws from the seed.
func drawn(seed uint64, world *worldFlags) sim.Scenario {
	scenario := world.draw(seed)
	world.reshape(&scenario)
	scenario.About = "" // nobody thought anything
	return scenario
}

// introduce says what is about to run.
func (c *console) introduce(s sim.Scenario, seed uint64, world *worldFlags) {
	if s.About != "" {
		c.say("%s: %s", s.Name, s.About)
	}
	c.say("%s\n", world.describe(seed, s.Setup))
}

// idle lists the actions of a scenario that come too late to happen.
func idle(s sim.Scenario) (lines []string) {
	for _, a := range s.Actions {
		if a.At > s.Setup.Filled().Faults {
			lines = append(lines, a.String())
		}
	}
	return lines
}
