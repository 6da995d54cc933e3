package sim

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/testsize"
)

// rewrite makes the test write what it finds into docs/simulation.md.
var rewrite = flag.Bool("rewrite", false, "write the results into docs/simulation.md")

const (
	mostSeeds = 200 // after which a rule that is off counts as not missed
	ranges    = 3   // of seeds, of which the median counts
)

// TestEachRuleThatIsOffIsMissed: a simulator that cannot fail proves nothing.
func TestEachRuleThatIsOffIsMissed(t *testing.T) {
	if !*rewrite {
		// All seeds take minutes with the race detector; a few of them are enough
		// to see that the simulator still fails when it should.
		seeds := testsize.Pick(8, ranges*mostSeeds)
		missed := 0
		for _, rule := range Rules() {
			if seedsUntil(rule, 1, uint64(seeds)) <= seeds {
				missed++
			} else {
				t.Logf("not in %d seeds: %s", seeds, rule.Name)
			}
		}
		assert.GreaterOrEqual(t, missed, testsize.Pick(len(Rules())/4, len(Rules())))
		return
	}
	lines := []string{"| rule that is off | seeds until it is missed | shrunk to lines | what fails |", "| --- | --- | --- | --- |"}
	for _, rule := range Rules() {
		lines = append(lines, tableLine(t, rule))
	}
	path := filepath.Join("..", "..", "docs", "simulation.md")
	old, err := os.ReadFile(path)
	require.NoError(t, err)
	const heading = "## What the simulator would miss\n"
	written, _, found := strings.Cut(string(old), heading)
	require.True(t, found, "%s has no place for the table", path)
	text := written + heading + "\nEach safety rule, turned off; the median of " + fmt.Sprint(ranges) +
		" ranges of " + fmt.Sprint(mostSeeds) + " seeds. Written by `go test ./internal/sim -run OffIsMissed -rewrite`.\n\n" +
		strings.Join(lines, "\n") + "\n"
	require.NoError(t, os.WriteFile(path, []byte(text), 0o644))
}

func seedsUntil(rule Rule, first, seeds uint64) int {
	var ablation Ablation
	rule.Off(&ablation)
	found := Search(SearchOptions{First: first, Seeds: seeds, Ablation: ablation}, nil)
	if found.Failed == nil {
		return int(seeds) + 1
	}
	return int(found.Counters.Runs)
}

func tableLine(t *testing.T, rule Rule) string {
	var counts []int
	for i := range uint64(ranges) {
		counts = append(counts, seedsUntil(rule, 1+i*mostSeeds, mostSeeds))
	}
	slices.Sort(counts)
	median := counts[ranges/2]
	if counts[0] > mostSeeds {
		return fmt.Sprintf("| %s | never in %d | | |", rule.Sentence, ranges*mostSeeds)
	}
	var ablation Ablation
	rule.Off(&ablation)
	found := Search(SearchOptions{First: 1, Seeds: ranges * mostSeeds, Ablation: ablation}, nil)
	shrunk := Shrink(*found.Failed, ablation, Run, ShrinkRuns)
	t.Logf("%s: %v\n%v", rule.Name, shrunk.Result.Violations[0], shrunk.Scenario)
	seeds := fmt.Sprint(median)
	if median > mostSeeds {
		seeds = fmt.Sprintf("over %d (least: %d)", mostSeeds, counts[0])
	}
	return fmt.Sprintf("| %s | %s | %d | %v |", rule.Sentence, seeds, shrunk.Lines(), shrunk.Result.Violations[0].Invariant)
}
