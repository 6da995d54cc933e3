package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/streamlease/streamlease/internal/sim"
	"github.com/streamlease/streamlease/internal/sim/demo"
)

var (
	errNothingToReplay = errors.New("give the seed that is to be drawn again, or --clicks LINK")
	errNothingClicked  = errors.New("--clicks: nothing has happened yet: until is missing, or 0s")
)

// playClicks plays what was clicked in the demo.
func (r *replayCommand) playClicks(c *console) error {
	if more := r.besidesClicks(); more != "" {
		return fmt.Errorf("--clicks: a link says all that there is to say; leave out %s", more)
	}
	link, err := demo.ParseLink(r.Clicks)
	if err != nil {
		return fmt.Errorf("--clicks: %w", err)
	}
	if link.Until == 0 {
		return errNothingClicked
	}
	scenario := link.Scenario()
	record, err := r.open(&scenario)
	if err != nil {
		return err
	}
	c.introduce(scenario, link.Seed, &r.worldFlags)
	c.say("%s", indented(scenario.String()))
	if off := link.Without.String(); off != "" {
		c.say("Without %s.\n", off)
	}
	return c.watchPlay(scenario, record, repetition{again: "replay --clicks " + quoted(link.String())}, func(options sim.Options) sim.Result {
		return link.Play(options)
	})
}

// besidesClicks is what was given although the link says it.
func (r *replayCommand) besidesClicks() string {
	more := r.arguments()
	if r.Seed != nil {
		more = fmt.Sprintf("%d%s", *r.Seed, more)
	}
	return strings.TrimSpace(more)
}
