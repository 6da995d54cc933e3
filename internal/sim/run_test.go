package sim

import (
	"os"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestTheSameSeedGivesTheSameTrace(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
	for seed := range uint64(5) {
		scenario := Scenario{Setup: Setup{Streams: 8, Lease: Lease(seed % 3), Notifier: Notifier(seed % 2)}}
		runtime.GOMAXPROCS(1)
		one := Run(scenario, Options{Seed: seed, Trace: true})
		runtime.GOMAXPROCS(2)
		two := Run(scenario, Options{Seed: seed, Trace: true})
		for i := range one.Trace {
			require.Equal(t, one.Trace[i], two.Trace[i], "the first event that differs")
		}
		require.Equal(t, one.Hash, two.Hash)
		if os.Getenv("SIM_TRACE") != "" {
			one.Trace.WriteTo(os.Stdout)
		}
		require.Empty(t, one.Violations)
	}
}

func TestWhoWatchesARunDoesNotMoveItsHash(t *testing.T) {
	for seed := range uint64(20) {
		unwatched := Run(Draw(seed), Options{Seed: seed}).Hash
		require.Equal(t, unwatched, Run(Draw(seed), Options{Seed: seed, Trace: true}).Hash)
		require.Equal(t, unwatched, Run(Draw(seed), Options{Seed: seed, Watch: func(Event) {}}).Hash)
	}
}

func TestAPanicIsAViolationLikeAnyOther(t *testing.T) {
	began := false
	r := Run(Scenario{Setup: Setup{Streams: 1}}, Options{Watch: func(e Event) {
		if e.Kind == Began && !began {
			began = true
			panic("a bug")
		}
	}})
	require.Len(t, r.Violations, 1)
	require.Equal(t, Sound, r.Violations[0].Invariant)
	require.Equal(t, "panic: a bug", r.Violations[0].Story)
	require.Positive(t, r.Violations[0].At)
	require.Contains(t, r.Stack, "TestAPanicIsAViolation")
}

// BenchmarkModelDepth says how many simulated seconds pass in a real one.
func BenchmarkModelDepth(b *testing.B) {
	const simulated = 1000 * time.Second
	b.ReportAllocs()
	var steps int64
	for b.Loop() {
		result := Run(Scenario{Setup: Setup{Members: 3, Streams: 8, Again: true, Faults: simulated,
			WorkMin: 5 * time.Second, WorkMax: 30 * time.Second}}, Options{Seed: 1, Endless: true})
		require.Empty(b, result.Violations)
		steps += result.Counters.Steps
	}
	b.ReportMetric(simulated.Seconds()*float64(b.N)/b.Elapsed().Seconds(), "simulated-s/s")
	b.ReportMetric(float64(steps)/float64(b.N), "steps/op")
}
