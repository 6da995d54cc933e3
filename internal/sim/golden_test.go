package sim

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// golden are runs whose hashes, and whose first trace, are kept.
var golden = []string{"gc-pause", "reply-lost-after-take", "twins"}

const goldenSeeds = 3

// TestTheSameRunHasTheSameHashOnAnyMachine compares with what was kept: another
// machine, another number of cores and the race detector must change nothing.
// A change of the machine or of the model does; then -rewrite keeps what is now.
func TestTheSameRunHasTheSameHashOnAnyMachine(t *testing.T) {
	for _, name := range golden {
		scenario, err := FindScenario(name)
		require.NoError(t, err)
		var kept strings.Builder
		for seed := range uint64(goldenSeeds) {
			fmt.Fprintf(&kept, "seed %d %s\n", seed, Run(scenario, Options{Seed: seed}).HashLine())
		}
		_, err = Run(scenario, Options{Trace: true}).Trace.WriteTo(&kept)
		require.NoError(t, err)
		requireGolden(t, name, kept.String())
	}
}

// requireGolden compares with what was kept.
func requireGolden(t *testing.T, name, now string) {
	t.Helper()
	path := filepath.Join("testdata", "golden", name+".txt")
	if *rewrite {
		require.NoError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		require.NoError(t, os.WriteFile(path, []byte(now), 0o644))
		return
	}
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	if difference := firstDifference(string(before), now); difference != "" {
		t.Errorf("%s differs from %s.\n%s\nIf that is meant: go test ./internal/sim -run OnAnyMachine -rewrite", name, path, difference)
	}
}

// firstDifference shows the first event that two kept runs do not share; when
// only hashes differ, those.
func firstDifference(before, now string) string {
	old, fresh := strings.Split(before, "\n"), strings.Split(now, "\n")
	for i := goldenSeeds; i < max(len(old), len(fresh)); i++ {
		if a, b := lineAt(old, i), lineAt(fresh, i); a != b {
			return fmt.Sprintf("The first event that differs, of seed 0:\n- %s\n+ %s", a, b)
		}
	}
	for i := range goldenSeeds {
		if a, b := lineAt(old, i), lineAt(fresh, i); a != b {
			return fmt.Sprintf("No event of seed 0 differs, a hash does:\n- %s\n+ %s", a, b)
		}
	}
	return ""
}

func lineAt(lines []string, at int) string {
	if at >= len(lines) {
		return "(nothing more)"
	}
	return lines[at]
}

func TestTheFirstDifferenceIsTheFirstEvent(t *testing.T) {
	run := "seed 0 hash a\nseed 1 hash b\nseed 2 hash c\n1s m1 began\n2s m1 ended\n"
	require.Empty(t, firstDifference(run, run))
	require.Contains(t, firstDifference(run, strings.Replace(run, "m1 ended", "m2 ended", 1)), "- 2s m1 ended\n+ 2s m2 ended")
	require.Contains(t, firstDifference(run, strings.Replace(run, "hash b", "hash x", 1)), "No event")
	require.Contains(t, firstDifference(run, strings.Replace(run, "2s m1 ended\n", "", 1)), "- 2s m1 ended\n+ ")
}
