package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/streamlease/streamlease/internal/sim"
)

// program is how the simulator is called in commands to copy.
const program = "go run ./cmd/sim "

// mostViolations are shown of one run.
const mostViolations = 5

// conclude says how a run went, and what to do next if something failed. The
// hash is the last line.
func (c *console) conclude(r *sim.Result, next string) error {
	c.sayVerdict(r)
	c.sayChecks(&r.Counters)
	c.sayExcuses(r)
	c.sayFaults(&r.Counters)
	c.sayUnchecked(r)
	c.say("\n%s", work(&r.Counters))
	if r.Stack != "" {
		c.remark("%s", r.Stack)
	}
	if !r.Held() && next != "" {
		c.say("%s", next)
	}
	c.say("%s", r.HashLine())
	if !r.Held() {
		return errViolated
	}
	return nil
}

func (c *console) sayVerdict(r *sim.Result) {
	switch {
	case r.Held() && len(r.Excuses) > 0:
		c.say("Everything held that is promised.")
		return
	case r.Held():
		c.say("Everything held.")
		return
	}
	for _, v := range r.Violations[:min(len(r.Violations), mostViolations)] {
		c.say("Violated: %v", v)
		c.say("          %v says: %s", v.Invariant, v.Invariant.Sentence())
	}
	if more := len(r.Violations) - mostViolations; more > 0 {
		c.say("and %d more", more)
	}
}

// sayChecks counts the checks of what could have failed: the rest prove
// nothing.
func (c *console) sayChecks(counters *sim.Counters) {
	c.say("Checked, where it could have failed:")
	for i, checks := range counters.Checks {
		invariant := sim.Invariant(i)
		if invariant.Sentence() != "" && checks > 0 {
			c.say("  %-14s%12s ×  %s", invariant, grouped(checks), invariant.Sentence())
		}
	}
}

func (c *console) sayExcuses(r *sim.Result) {
	for _, name := range slices.Sorted(maps.Keys(r.Excuses)) {
		c.say("%s did not hold; it is not promised when %s.", name, r.Excuses[name])
	}
}

func (c *console) sayFaults(counters *sim.Counters) {
	if len(counters.Faults) == 0 {
		return
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(counters.Faults)) {
		parts = append(parts, fmt.Sprintf("%s %s", name, grouped(counters.Faults[name])))
	}
	c.say("Faults: %s", strings.Join(parts, ", "))
}

// sayUnchecked names what the scenario expects after its end.
func (c *console) sayUnchecked(r *sim.Result) {
	for _, e := range r.Scenario.Expects {
		if r.Held() && e.By > r.Ended {
			c.say("Not checked, for the run ends at %.3f s: %v", r.Ended.Seconds(), e)
		}
	}
}

// work is how much happened.
func work(counters *sim.Counters) string {
	return fmt.Sprintf("%s, %s simulated, %s, %s of late owners refused", plural(int(counters.Steps), "step"),
		longTime(counters.Simulated), plural(int(counters.Tenures), "tenure"), plural(int(counters.FencedWrites), "write"))
}

func indented(text string) string {
	return "    " + strings.ReplaceAll(strings.TrimRight(text, "\n"), "\n", "\n    ") + "\n"
}
