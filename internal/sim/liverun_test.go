package sim

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// play has a run played with the actions of a scenario, in steps of a size.
func playLive(t *testing.T, scenario Scenario, options Options, step, end time.Duration) *LiveRun {
	t.Helper()
	actions := scenario.Actions
	scenario.Actions = nil
	run := Begin(scenario, options)
	for run.Present() < end {
		next := min(run.Present()+step, end)
		for len(actions) > 0 && actions[0].At < next {
			run.GoOn(actions[0].At)
			run.Act(actions[0])
			actions = actions[1:]
		}
		run.GoOn(next)
	}
	return run
}

// What is played is what the scenario gives that says the same, whatever the
// steps in which it was played.
func TestWhatIsPlayedIsWhatTheScenarioGives(t *testing.T) {
	for _, scenario := range Scenarios() {
		if strings.Contains(scenario.String(), "rollback") {
			continue // what is to be lost must be remembered before
		}
		scenario.Expects = nil
		end := scenario.Setup.Filled().Faults + 1 // Run does what happens at that very instant, too
		written := Run(scenario, Options{Seed: 2, Endless: true})
		for _, step := range []time.Duration{7 * time.Millisecond, time.Second, time.Hour} {
			played := playLive(t, scenario, Options{Seed: 2}, step, end)
			require.Equal(t, written.HashLine(), played.Result().HashLine(), "%s in steps of %v", scenario.Name, step)
			require.Len(t, played.Taken(), len(scenario.Actions))
		}
	}
}

// An action is given at the very instant at which members begin, streams are
// announced, and calls arrive: its place among them is that of a scenario's.
func TestAnActionComesBeforeWhatIsScheduledAtItsInstant(t *testing.T) {
	scenario := Scenario{Setup: Setup{Streams: 3, Faults: 20 * time.Second, TTL: time.Second}}
	trace := Run(scenario, Options{Seed: 5, Endless: true, Trace: true}).Trace
	tried := 0
	for i := 0; i < len(trace); i += 1 + len(trace)/40 {
		at := trace[i].At
		hit := scenario
		hit.Actions = []Action{{At: at, Verb: DoFreeze, Member: "m1", For: 3 * time.Second}, {At: at, Verb: DoFlush}}
		written := Run(hit, Options{Seed: 5, Endless: true})
		played := playLive(t, hit, Options{Seed: 5}, time.Second, scenario.Setup.Faults+1)
		require.Equal(t, written.HashLine(), played.Result().HashLine(), "at %v", at)
		tried++
	}
	require.Greater(t, tried, 20)
}

func TestNextGoesFromInstantToInstant(t *testing.T) {
	run := Begin(Scenario{Setup: Setup{Streams: 1}}, Options{Seed: 1, Trace: true})
	before := run.Present()
	for range 200 {
		run.Next(time.Minute)
		require.Greater(t, run.Present(), before)
		before = run.Present()
	}
	require.NotEmpty(t, run.Result().Trace)
	run.Next(before)
	require.Equal(t, before, run.Present(), "no further than it is told")
}

// lived plays a small world with long work, and returns its trace.
func lived(t *testing.T, ablation Ablation, end time.Duration, lines ...string) *LiveRun {
	t.Helper()
	scenario, err := ParseScenario("lived", "with members=3 streams=6 ttl=2s sweep=6s workmin=5m workmax=5m writes=500ms maxfailures=3\n"+strings.Join(lines, "\n"))
	require.NoError(t, err)
	return playLive(t, scenario, Options{Seed: 1, Trace: true, Chronicle: true, Ablation: ablation}, 100*time.Millisecond, end)
}

func (r *LiveRun) has(kind Kind, since time.Duration, passes func(Event) bool) bool {
	for _, e := range r.world.trace {
		if e.Kind == kind && e.At >= since && (passes == nil || passes(e)) {
			return true
		}
	}
	return false
}

func TestAFrozenMemberGoesOnWhenItIsThawed(t *testing.T) {
	run := lived(t, Ablation{}, 40*time.Second, "at 20s freeze m1 10m", "at 30s thaw m1")
	require.Empty(t, run.Result().Violations)
	require.True(t, run.has(Thawed, 30*time.Second, nil))
	require.True(t, run.has(Fenced, 30*time.Second, nil), "it writes before it hears")
	require.True(t, run.has(Heard, 30*time.Second, func(e Event) bool { return e.Member == "m1" && e.Cause == "StreamDisowned" }), "it reads its notifications at once")
	require.False(t, run.has(Corrupted, 0, nil))
}

func TestWithoutFencesALateWriteCorrupts(t *testing.T) {
	ablation := Ablation{WritesNotFenced: true}
	ablation.Core.NoSelfFencing = true
	run := lived(t, ablation, 40*time.Second, "at 20s freeze m1 10m", "at 30s thaw m1")
	require.True(t, run.has(Corrupted, 30*time.Second, func(e Event) bool { return e.Member == "m1" }))
	require.False(t, run.has(Fenced, 0, nil))
	require.True(t, run.has(Violated, 30*time.Second, func(e Event) bool { return strings.HasPrefix(e.Cause, Effect1.String()) }))
	require.True(t, run.has(Wrote, 31*time.Second, nil), "a violation does not end the run")
}

func TestPoisonEndsInTheQuarantine(t *testing.T) {
	run := lived(t, Ablation{}, 60*time.Second, "at 20s poison s1")
	require.Empty(t, run.Result().Violations)
	require.True(t, run.has(Settled, 20*time.Second, func(e Event) bool { return e.Ref.Name == "s1" && e.Cause == "Quarantined" }))
	require.False(t, run.has(Settled, 0, func(e Event) bool { return e.Ref.Name != "s1" }))
}

func TestAFinishedStreamIsDone(t *testing.T) {
	run := lived(t, Ablation{}, 21*time.Second, "at 20s finish s2")
	require.True(t, run.has(Settled, 20*time.Second, func(e Event) bool { return e.Ref.Name == "s2" && e.Cause == "Done" }))
}

func TestAnApplicationWritesAsOftenAsItsSetupSays(t *testing.T) {
	run := lived(t, Ablation{}, 40*time.Second)
	writes := 0
	for _, e := range run.world.trace {
		if e.Kind == Wrote && e.Ref.Name == "s1" && e.At >= 30*time.Second {
			writes++
		}
	}
	require.InDelta(t, 20, writes, 1)
}

func TestALineMayNameAStreamOfABurst(t *testing.T) {
	_, err := ParseScenario("f", "at 1s burst 3\nat 2s poison b6-2")
	require.NoError(t, err)
	for _, name := range []string{"b6", "b6-2x", "b-1-2", "b06-2", "c6-2"} {
		_, err = ParseScenario("f", "at 1s burst 3\nat 2s poison "+name)
		require.ErrorContains(t, err, "no stream is called", name)
	}
	_, err = ParseScenario("f", "at 2s poison b6-2")
	require.ErrorContains(t, err, "no stream is called")
}
