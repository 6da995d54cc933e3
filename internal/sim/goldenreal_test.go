package sim

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// troubled is short, and has some of everything: its trace is kept.
const troubled = "with members=2 streams=2 ttl=1.5s sweep=2s workmin=300ms workmax=900ms faults=3s\n" +
	"at 400ms hit m1 take applied cut\nat 600ms hit m2 acquire late error 200ms\nat 1s freeze m1 1.7s\nat 2s down store 300ms\n"

// TestTheSameRunOverRealAdaptersHasTheSameHashOnAnyMachine is the same promise for
// everything that is asked of the servers, byte for byte: go-redis, the locks'
// libraries and the scripts included.
func TestTheSameRunOverRealAdaptersHasTheSameHashOnAnyMachine(t *testing.T) {
	for _, fleet := range fleets {
		t.Run(fleet.name, func(t *testing.T) {
			var kept strings.Builder
			for seed := range uint64(goldenSeeds) {
				drawn := runReal(t, DrawAdapters(seed, &fleet.lease), Options{Seed: seed}, fleet.locks)
				fmt.Fprintf(&kept, "seed %d %s\n", seed, drawn.HashLine())
			}
			scenario, err := ParseScenario("troubled", troubled)
			require.NoError(t, err)
			scenario.Setup.Lease = fleet.lease
			short := runReal(t, scenario, Options{Trace: true}, fleet.locks)
			_, err = short.Trace.WriteTo(&kept)
			require.NoError(t, err)
			fmt.Fprintln(&kept, short.HashLine())
			requireGolden(t, "adapters-"+strings.ReplaceAll(fleet.name, " ", "-"), kept.String())
		})
	}
}
