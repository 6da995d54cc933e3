package sim

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestASearchFindsNothingWrongWithTheShippingCore(t *testing.T) {
	seeds, first := uint64(300), uint64(1)
	if n, err := strconv.ParseUint(os.Getenv("SIM_SEEDS"), 10, 64); err == nil {
		seeds = n
	}
	if n, err := strconv.ParseUint(os.Getenv("SIM_FIRST"), 10, 64); err == nil {
		first = n
	}
	found := Search(SearchOptions{First: first, Seeds: seeds}, nil)
	t.Logf("%d runs, %d steps, %v, %d tenures", found.Counters.Runs, found.Counters.Steps, found.Counters.Simulated, found.Counters.Tenures)
	for _, s := range Situations() {
		t.Logf("%-40s %d", s, found.Counters.Situations[s])
	}
	for i := Invariant(1); i < invariants; i++ {
		t.Logf("%-14v checked %9d excused %d", i, found.Counters.Checks[i], found.Counters.Excused[i])
	}
	if found.Failed != nil {
		r := found.Failed
		again := Run(r.Scenario, Options{Seed: r.Seed, Trace: true})
		f, err := os.Create("/tmp/simmodel-scratch/fail.txt")
		require.NoError(t, err)
		defer f.Close()
		_, err = again.Trace.WriteTo(f)
		require.NoError(t, err)
		t.Fatalf("seed %d: %v\n%+v", r.Seed, r.Violations[0], r.Scenario)
	}
}
