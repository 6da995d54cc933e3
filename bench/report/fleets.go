package report

import (
	"fmt"
	"strings"

	"github.com/streamlease/streamlease/bench/measure"
	"github.com/streamlease/streamlease/bench/member"
	"github.com/streamlease/streamlease/bench/suite"
)

// fleetFigures are the columns of the table of fleets.
var fleetFigures = []struct {
	what, figure string
	bound        bound
}{
	{"commands a second of each member", measure.MemberCommands, bound{}},
	{"bytes a second of each member", measure.MemberBytes, bound{}},
	{"Redis CPU, % of a core", measure.ServerShare, bound{}},
	{"largest share by the smallest", measure.ShareSpread, most(1.2)},
	{"attempts for each takeover", measure.AttemptsTakeover, most(1.5)},
	{"what was taken: largest by smallest", measure.TakenSpread, most(1.2)},
	{"last taken over, ms", measure.RecoveredLast, bound{}},
}

// Fleets is what fleets of several sizes cost, in Markdown; empty when nothing
// was measured.
func Fleets(samples []suite.Sample) string {
	r := results(samples)
	var text strings.Builder
	for _, count := range suite.MemberCounts {
		var cells []string
		for _, column := range fleetFigures {
			if number, known := r.median(suite.MembersOf(count), member.Goredis, column.figure); known {
				cells = append(cells, cell(number, column.bound))
			}
		}
		if len(cells) == 0 {
			continue
		}
		if text.Len() == 0 {
			text.WriteString(fleetHead())
		}
		fmt.Fprintf(&text, "| %d | %s |\n", count, strings.Join(cells, " | "))
	}
	return text.String()
}

func fleetHead() string {
	var names []string
	for _, column := range fleetFigures {
		names = append(names, column.what)
	}
	return fmt.Sprintf("| members | %s |\n| ---: |%s\n", strings.Join(names, " | "), strings.Repeat(" ---: |", len(names)))
}
