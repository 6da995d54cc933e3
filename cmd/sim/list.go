package main

import (
	"github.com/streamlease/streamlease/internal/sim"
)

type listCommand struct {
	Scenario string `arg:"" optional:"" help:"Show this scenario as a file, to begin one of your own with."`
	Rules    bool   `help:"List the safety rules that --ablate can turn off."`
}

func (*listCommand) Help() string {
	return `Examples:

    sim list
    sim list gc-pause > mine.scenario
    sim list --rules`
}

// Run lists what there is.
func (l *listCommand) Run(c *console) error {
	switch {
	case l.Scenario != "":
		return l.show(c)
	case l.Rules:
		for _, rule := range sim.Rules() {
			c.say("%-26s%s", rule.Name, rule.Sentence)
		}
	default:
		for _, s := range sim.Scenarios() {
			c.say("%-28s%s", s.Name, s.About)
		}
	}
	return nil
}

func (l *listCommand) show(c *console) error {
	scenario, err := sim.FindScenario(l.Scenario)
	if err != nil {
		return err
	}
	_, err = c.out.Write([]byte(scenario.String()))
	return err
}
