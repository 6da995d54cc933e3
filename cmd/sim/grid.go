package main

import (
	"fmt"
	"strings"

	"github.com/streamlease/streamlease/internal/sim"
)

// sayGrid shows how often each fault met each port call, and how often each
// situation came about: a zero means that nothing was proved about it.
func (c *console) sayGrid(counters *sim.Counters) {
	c.say("\n%s", gridHead(counters))
	for call := range counters.Grid {
		if counters.Calls[call] == 0 || sim.Call(call) == 0 {
			continue
		}
		line := fmt.Sprintf("%-12s%14s%12s", sim.Call(call), grouped(counters.Calls[call]), grouped(counters.Changed[call]))
		for _, effects := range counters.Grid[call] {
			line += " "
			for _, count := range effects {
				line += fmt.Sprintf("%8s", grouped(count))
			}
		}
		c.say("%s", line)
	}
	c.say("")
	for _, situation := range sim.Situations() {
		c.say("%12s  %v", grouped(counters.Situations[situation]), situation)
	}
	c.say("")
}

// gridHead is two lines: the moments, and under each the effects.
func gridHead(counters *sim.Counters) string {
	moments := strings.Repeat(" ", 38)
	effects := fmt.Sprintf("%-12s%14s%12s", "port call", "calls", "changed")
	for moment, row := range counters.Grid[0] {
		moments += fmt.Sprintf(" %-*s", 8*len(row), "    "+sim.Moment(moment).String())
		effects += " "
		for effect := range row {
			effects += fmt.Sprintf("%8s", sim.Effect(effect))
		}
	}
	return strings.TrimRight(moments, " ") + "\n" + effects
}
