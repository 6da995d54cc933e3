package sim

import (
	"runtime"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

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

func TestRealAdaptersTakeTheSameCourseEveryTime(t *testing.T) {
	before := runtime.GOMAXPROCS(0)
	defer runtime.GOMAXPROCS(before)
	for _, fleet := range fleets {
		for seed, scenario := range varied() {
			scenario.Setup.Lease = fleet.lease
			options := Options{Seed: uint64(seed), Trace: true}
			runtime.GOMAXPROCS(1)
			first := runReal(t, scenario, options, fleet.locks)
			for _, threads := range testsize.Pick([]int{2}, []int{2, 4, 1}) {
				runtime.GOMAXPROCS(threads)
				requireSameCourse(t, first, runReal(t, scenario, options, fleet.locks))
			}
			t.Logf("%s, %s: %s", fleet.name, scenario.Name, first.HashLine())
		}
	}
}

// varied is drawn scenarios, and in the long size those that are shipped.
func varied() (scenarios []Scenario) {
	for seed := range uint64(testsize.Pick(3, 50)) {
		scenarios = append(scenarios, DrawAdapters(seed, nil))
	}
	return append(scenarios, testsize.Pick(nil, Scenarios())...)
}

// requireSameCourse names the first event that differs.
func requireSameCourse(t *testing.T, first, second Result) {
	t.Helper()
	for i := range min(len(first.Trace), len(second.Trace)) {
		require.Equal(t, first.Trace[i], second.Trace[i], "event %d", i)
	}
	require.Equal(t, first.Hash, second.Hash, "the events are the same, and what was asked of the servers is not")
}

// Faults that only servers and connections have must come about, and nothing
// may break by them.
func TestServersReadTheirDataAndMessagesComeTwice(t *testing.T) {
	text := "with members=2 streams=4 again=true ttl=2s sweep=2s workmin=100ms workmax=1s faults=20s\n" +
		"at 1s hints doubled 50% 15s\nat 6s down store 3s\n"
	scenario, err := ParseScenario("coming back", text)
	require.NoError(t, err)
	for _, fleet := range fleets {
		scenario.Setup.Lease = fleet.lease
		r := runReal(t, scenario, Options{Seed: 1}, fleet.locks)
		require.True(t, r.Held(), "%s: %v", fleet.name, r.Violations)
		require.Positive(t, r.Counters.Faults["hint doubled"], fleet.name)
		require.Positive(t, r.Counters.Effects[storeLoading], fleet.name)
	}
}
