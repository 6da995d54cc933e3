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
