package main

import (
	"fmt"
	"os"

	"github.com/streamlease/streamlease/internal/sim"
)

type shrinkCommand struct {
	scenarioFlags
	Seed uint64 `default:"1" help:"The seed. Without a scenario, what a search draws from it is shrunk."`
	Out  string `placeholder:"FILE" help:"Write the scenario that is left."`
	worldFlags
}

func (*shrinkCommand) Help() string {
	return `Runs that fail in the same way are looked for with ever less in them, until nothing can be left out. What is left is a scenario file.

Examples:

    sim shrink --seed 4711
    sim shrink --file mine.scenario --seed 3 --out short.scenario
    sim shrink --seed 4711 --depth adapters --lease redsync`
}

// Run shrinks.
func (s *shrinkCommand) Run(c *console) error {
	if err := s.checkDepth(); err != nil {
		return err
	}
	scenario, err := s.scenario()
	if err != nil {
		return err
	}
	c.introduce(scenario, s.Seed, &s.worldFlags)
	ablation := s.Ablate.off()
	result := s.play(scenario, sim.Options{Seed: s.Seed, Ablation: ablation})
	if result.Held() {
		c.say("Everything held: there is nothing to shrink.\n%s", result.HashLine())
		return nil
	}
	if err := s.write(scenario); err != nil { // now, for all the work would be lost
		return err
	}
	shrunk := sim.Shrink(result, ablation, s.play, s.runs())
	if err := s.write(shrunk.Scenario); err != nil {
		return err
	}
	return s.conclude(c, &shrunk)
}

func (s *shrinkCommand) scenario() (sim.Scenario, error) {
	if s.Scenario == "" && s.File == "" {
		return drawn(s.Seed, &s.worldFlags), nil
	}
	scenario, err := s.load()
	s.reshape(&scenario)
	return scenario, err
}

// runs is how many runs shrinking may take.
func (s *shrinkCommand) runs() int {
	if s.Depth == adaptersDepth {
		return sim.ShrinkRunsAdapters
	}
	return sim.ShrinkRuns
}

func (s *shrinkCommand) write(scenario sim.Scenario) error {
	if s.Out == "" {
		return nil
	}
	if err := os.WriteFile(s.Out, []byte(scenario.String()), 0o644); err != nil {
		return fmt.Errorf("--out: %w", err)
	}
	return nil
}

func (s *shrinkCommand) conclude(c *console, shrunk *sim.Shrunk) error {
	c.say("%s after %s:\n\n%s", plural(shrunk.Lines(), "line"), plural(shrunk.Runs, "run"), indented(shrunk.Scenario.String()))
	c.sayVerdict(&shrunk.Result)
	file := s.Out
	if file == "" {
		file = "FILE"
	}
	c.say("run it with: %srun --file %s --seed %d%s", program, quoted(file), s.Seed, s.depthOf(shrunk.Scenario)+ablated(s.Ablate))
	c.say("%s", shrunk.Result.HashLine())
	return errViolated
}

// depthOf is the flags that a scenario file does not stand for.
func (s *shrinkCommand) depthOf(scenario sim.Scenario) string {
	if s.Depth != adaptersDepth {
		return ""
	}
	flags := " --depth adapters"
	if scenario.Setup.Lease == sim.Single && s.Lease.locks() == sim.Redsync {
		flags += " --lease redsync" // else it would be the usual one of the shape
	}
	return flags
}

// ablated is the flag as it must be given again: what else there was is in the
// file now.
func ablated(rule ruleName) string {
	if rule == "" {
		return ""
	}
	return " --ablate " + string(rule)
}
