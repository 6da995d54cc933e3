package page

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/streamlease/streamlease/internal/sim"
)

// verdict says how the run went, and in which tone.
func (p *picture) verdict() (text, tone string) {
	if len(p.result.Violations) > 0 {
		v := &p.result.Violations[0]
		return fmt.Sprintf("%v violated at %s", v.Invariant, seconds(v.At)), "bad"
	}
	if len(p.result.Excuses) == 0 {
		return "every invariant held", "good"
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(p.result.Excuses)) {
		parts = append(parts, fmt.Sprintf("%s is not promised here and did not hold (%s)", name, p.result.Excuses[name]))
	}
	return strings.Join(parts, "; "), "excused"
}

// facts are what a run was.
func (p *picture) facts() []string {
	setup := p.result.Scenario.Setup.Filled()
	writes := 0
	for i := range p.result.Trace {
		if p.result.Trace[i].Kind == sim.Fenced {
			writes++
		}
	}
	return []string{
		fmt.Sprintf("seed %d", p.result.Seed),
		counted(setup.Members, "member") + " at the start",
		counted(len(p.chronicle.Tenures), "tenure"),
		counted(writes, "write") + " refused",
		fmt.Sprintf("a lease lasts %v", setup.TTL),
		fmt.Sprintf("lease store: %v", setup.Lease),
		fmt.Sprintf("notifier: %v", setup.Notifier),
		fmt.Sprintf("%s simulated", seconds(p.result.Ended)),
		p.result.HashLine(),
	}
}

func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
