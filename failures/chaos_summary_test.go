package failures_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// progress is one line of a long run.
func (c *chaos) progress() string {
	c.books.mu.Lock()
	defer c.books.mu.Unlock()
	return fmt.Sprintf("%d streams announced, %d done, %d tenures; %d members live; %d faults",
		len(c.books.ledger.refs), len(c.books.done), len(c.books.inOrder), len(c.livingMembers()), c.faults())
}

func (c *chaos) faults() (count int) {
	for _, fault := range chaosFaults {
		count += c.struck[fault.name]
	}
	return count
}

// summary is what there is to know of a run.
func (c *chaos) summary(result *chaosResult, refused map[string]int64) string {
	var text strings.Builder
	line := func(format string, arguments ...any) { fmt.Fprintf(&text, "\n  "+format, arguments...) }
	fmt.Fprintf(&text, "chaos: seed %d, for %v, %d faults; TTL %v", c.plan.seed, c.plan.duration, c.faults(), chaosTTL)
	for _, fault := range chaosFaults {
		line("%-32s %6d of %d drawn", fault.name, c.struck[fault.name], c.struck[fault.name+", drawn"])
	}
	struckCalls := 0
	for _, fault := range c.armed {
		if fault.struck.isGiven() {
			struckCalls++
		}
	}
	line("requests that met their mishap: %d of %d", struckCalls, len(c.armed))
	tenures := 0
	for _, theirs := range result.tenures {
		tenures += len(theirs)
	}
	line("streams: %d tried, %d known to be announced, %d met, %d done by the word of their member, 0 quarantined, 0 left",
		result.ledger.count, len(result.ledger.refs), len(result.tenures), c.books.doneCount())
	line("tenures: %d, by ending: %v", tenures, printCounts(result.endings()))
	line("Done executed, its answer never had: %v", printCounts(result.unanswered))
	line("finished again by the next tenure, the earlier one having been: %v", printCounts(result.repeated))
	effects := int64(0)
	for _, count := range refused {
		effects += count
	}
	line("late effects that the resource refused: %d, of %d tenures", effects, len(refused))
	line("overlaps in the applications' view: %v", printCounts(c.overlapCauses()))
	lost, given, slowest := result.recoveries()
	line("owned again after a loss (outages included): %v", lost)
	line("owned again after being given back (backoffs included): %v", given)
	line("all in order after the last fault: %v", c.healed.Round(time.Millisecond))
	if slowest != nil {
		line("the slowest recovery ended %v, with token %d; %s", slowest.began.Round(time.Millisecond), slowest.token, c.story(slowest.ref.Name))
	}
	return text.String()
}

func (r *chaosResult) endings() map[ending]int {
	counts := map[ending]int{}
	for _, tenures := range r.tenures {
		for _, tenure := range tenures {
			counts[tenure.ending]++
		}
	}
	return counts
}

// overlapCauses counts what the applications saw of two owners, by how the
// earlier one ended, and by what kept it from knowing better.
func (c *chaos) overlapCauses() map[string]int {
	counts := map[string]int{}
	excused, _ := c.books.overlaps()
	for _, overlap := range excused {
		cause := "on a busy machine"
		within := span{overlap.later.began - wordTakes, overlap.earlier.ended}
		if slices.Contains(c.troubles.of(overlap.earlier.member, within), frozen) {
			cause = "after SIGSTOP"
		}
		counts[fmt.Sprintf("%s %s", overlap.earlier.ending, cause)]++
	}
	return counts
}

// recoveries are the times from the loss of an owner to the next tenure of the
// same stream: from the kill, from the freeze, or from the moment at which the
// owner knew. The slowest of the recoveries from a loss ended with the tenure
// that is returned; nil: nothing was lost.
func (r *chaosResult) recoveries() (lost, given times, slowest *tenure) {
	longest := time.Duration(-1)
	for _, tenures := range r.tenures {
		for i, later := range tenures[min(1, len(tenures)):] {
			earlier := tenures[i]
			if earlier.ending == endedByReturn || earlier.ending == endedByClose {
				given = append(given, max(0, later.began-earlier.ended))
				continue
			}
			from := earlier.ended
			if pause, found := earlier.member.pauses.during(span{earlier.began, min(earlier.ended, later.began)}); found {
				from = min(from, max(pause.from, earlier.began))
			}
			took := max(0, later.began-from)
			lost = append(lost, took)
			if took > longest {
				longest, slowest = took, later
			}
		}
	}
	return lost, given, slowest
}

func printCounts[K ~string](counts map[K]int) string {
	if len(counts) == 0 {
		return "none"
	}
	var parts []string
	for _, what := range slices.SortedFunc(maps.Keys(counts), func(a, b K) int { return counts[b] - counts[a] }) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[what], what))
	}
	return strings.Join(parts, ", ")
}
