package sim

import (
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/testsize"
)

// runReal plays a scenario at adapters depth, in a bubble of its own.
func runReal(t *testing.T, scenario Scenario, options Options, locks Locks) (result Result) {
	t.Helper()
	synctest.Test(t, func(*testing.T) { result = RunAdapters(scenario, options, locks) })
	return result
}

// fleets are the lease stores that users have.
var fleets = []struct {
	name  string
	lease Lease
	locks Locks
}{
	{"goredis", Session, Redislock},
	{"redislock", Single, Redislock},
	{"redsync", Single, Redsync},
	{"redsync on a quorum", Quorum, Redsync},
}

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

func TestRealAdaptersTakeTheSameCourseEveryTime(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, fleet := range fleets {
		for seed := range uint64(testsize.Pick(3, 50)) {
			scenario := Draw(seed)
			scenario.Setup.Lease = fleet.lease
			runtime.GOMAXPROCS(1)
			first := runReal(t, scenario, Options{Seed: seed, Trace: true}, fleet.locks)
			runtime.GOMAXPROCS(2)
			second := runReal(t, scenario, Options{Seed: seed, Trace: true}, fleet.locks)
			requireSameCourse(t, first, second)
			t.Logf("%s, seed %d: %s", fleet.name, seed, first.HashLine())
		}
	}
}

// requireSameCourse names the first event that differs.
func requireSameCourse(t *testing.T, first, second Result) {
	t.Helper()
	for i := range min(len(first.Trace), len(second.Trace)) {
		require.Equal(t, first.Trace[i], second.Trace[i], "event %d", i)
	}
	require.Equal(t, first.Hash, second.Hash, "the events are the same, and what was asked of the servers is not")
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
				result := runReal(t, Draw(seed), Options{Seed: seed, Ablation: Ablation{Core: off}}, Locks(seed%2))
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
		result := runReal(t, Draw(seed), Options{Seed: seed}, Locks(seed%2))
		require.Empty(t, result.Violations, "seed %d\n%s", seed, result.Stack)
	}
}
