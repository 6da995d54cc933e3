//go:build !race

package sim

// The race detector makes a simulation eight times as long, and a world runs in
// one goroutine at a time: what plays many runs is played without it. `make test`
// runs this package both ways.

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/testsize"
)

func TestEveryScenarioHoldsOnEveryRealLeaseStore(t *testing.T) {
	var all Counters
	for _, fleet := range fleets {
		t.Run(fleet.name, func(t *testing.T) {
			began := time.Now()
			for _, scenario := range Scenarios() {
				scenario.Setup.Lease, scenario.Expects = fleet.lease, nil
				for seed := range uint64(testsize.Pick(1, 20)) {
					result := runReal(t, scenario, Options{Seed: seed}, fleet.locks)
					require.Empty(t, result.Violations, "%s, seed %d\n%s", scenario.Name, seed, result.Stack)
					assert.Positive(t, result.Counters.Tenures, scenario.Name)
					all.Add(result.Counters)
				}
			}
			t.Logf("%v of virtual time so far, %d steps, in %v", all.Simulated, all.Steps, time.Since(began))
		})
	}
	requireBroughtAbout(t, all)
}

// requireBroughtAbout: a run in which nothing happened proves nothing.
func requireBroughtAbout(t *testing.T, all Counters) {
	t.Helper()
	for _, invariant := range []Invariant{S1, S2, S3, S4, S5, S6, L1, L2, L4, Counted} {
		assert.Positive(t, all.Checks[invariant], "%v was never checked", invariant)
	}
	for call := Heartbeat; call < calls; call++ {
		assert.Positive(t, all.Calls[call], "%v was never called", call)
	}
	for _, why := range []string{storeDown, requestCut, cutReply, stricken} {
		assert.Positive(t, all.Effects[why], "%s changed nothing", why)
	}
}

// Rules that are turned off in the core must be missed over real adapters too.
func TestRealAdaptersAreNotJudgedBlindly(t *testing.T) {
	for name, off := range map[string]core.Ablation{
		"no self-fencing":       {NoSelfFencing: true},
		"begin before take":     {BeginBeforeTake: true},
		"release before settle": {ReleaseBeforeSettle: true},
		"no sweep":              {NoSweep: true},
		"name not published":    {NameNotPublished: true},
	} {
		t.Run(name, func(t *testing.T) {
			const seeds = 200
			for seed := range uint64(seeds) {
				result := runReal(t, DrawAdapters(seed, nil), Options{Seed: seed, Ablation: Ablation{Core: off}}, Locks(seed%2))
				if !result.Held() {
					t.Logf("seed %d: %v", seed, result.Violations[0].Invariant)
					return
				}
			}
			t.Fatalf("not missed in %d seeds", seeds)
		})
	}
}

func TestDrawnWorldsHoldOverRealAdapters(t *testing.T) {
	for seed := range uint64(testsize.Pick(20, 1_000)) {
		result := runReal(t, DrawAdapters(seed, nil), Options{Seed: seed}, Locks(seed%2))
		require.Empty(t, result.Violations, "seed %d\n%s", seed, result.Stack)
		require.Positive(t, result.Counters.Checks[Contract], "seed %d", seed)
	}
}

func TestACampaignFindsNothingWrongAndLeavesNothingOut(t *testing.T) {
	options := SearchOptions{First: fromEnvironment("SIM_FIRST", 1), Seeds: fromEnvironment("SIM_SEEDS", campaignSeeds)}
	found := Search(options, nil)
	if found.Failed != nil {
		shrunk := Shrink(*found.Failed, Ablation{}, Run, ShrinkRuns)
		t.Fatalf("seed %d: %v\nin short:\n%v\nas drawn:\n%v", found.Failed.Seed, found.Failed.Violations[0],
			shrunk.Scenario, found.Failed.Scenario)
	}
	c := found.Counters
	t.Logf("%d runs, %d steps, %s, %d tenures, %d writes fenced", c.Runs, c.Steps, c.Years(), c.Tenures, c.FencedWrites)
	for _, s := range Situations() {
		assert.Positive(t, c.Situations[s], "never happened: %v", s)
	}
	for i := S1; i < Sound; i++ {
		assert.Positive(t, c.Checks[i], "%v was never checked on anything that could have failed", i)
	}
	assertGrid(t, &c)
}
