package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/sim"
)

func TestTheListNamesEveryScenarioAndShowsOneThatCanBeRun(t *testing.T) {
	listed := call("list")
	require.Equal(t, held, listed.status)
	for _, scenario := range sim.Scenarios() {
		assert.Contains(t, listed.out, scenario.Name)
		assert.Contains(t, listed.out, scenario.About)
	}
	shown := call("list", "gc-pause")
	require.Equal(t, held, shown.status)
	file := filepath.Join(t.TempDir(), "mine.scenario")
	require.NoError(t, os.WriteFile(file, []byte(shown.out), 0o600))
	require.Equal(t, call("run", "gc-pause", "-q").last(), call("run", "--file", file, "-q").last())

	rules := call("list", "--rules")
	require.Equal(t, held, rules.status)
	require.Equal(t, len(sim.Rules()), strings.Count(rules.out, "\n"))
}

func TestARunTellsWhatHappensAndEndsWithItsHash(t *testing.T) {
	got := call("run", "gc-pause")
	require.Equal(t, held, got.status)
	require.Empty(t, got.complaints)
	require.True(t, strings.HasPrefix(got.out, "gc-pause: "), got.out)
	story := got.out
	for _, part := range []string{
		"\nseed 1, model depth, session leases, deadline notifier, 3 members, 3 streams\n",
		"m1 starts", "is announced", "owns s", "18.000 s  m1 stands still until 33.000 s", "expires",
		"taken over", "m1 goes on", "refused", "the time of faults is over",
		"\nEverything held.\n", "S1 ", "no two live leases exist on one name", "Faults: freeze 2", "s simulated",
	} {
		_, after, found := strings.Cut(story, part)
		require.True(t, found, "%q is missing, or too early, in\n%s", part, got.out)
		story = after
	}
	require.Regexp(t, hashLine, got.last())
	scenario, err := sim.FindScenario("gc-pause")
	require.NoError(t, err)
	result := sim.Run(scenario, sim.Options{Seed: 1})
	require.Equal(t, result.HashLine(), got.last())
}

func TestWhatIsShownDoesNotMoveTheHash(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace")
	hash := call("run", "crash", "--seed", "7").last()
	require.Equal(t, hash, call("run", "crash", "--seed", "7", "--quiet").last())
	require.Equal(t, hash, call("run", "crash", "--seed", "7", "--trace", trace).last())
	page := filepath.Join(t.TempDir(), "page.html")
	require.Equal(t, hash, call("run", "crash", "--seed", "7", "--html", page).last())
	written, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Contains(t, string(written), program+"run crash --seed 7", "the page has the command to copy")
	require.Equal(t, hash, call("run", "crash", "--seed", "7", "--source", "memory").last(), "a model has no kinds of source")
	require.NotEqual(t, hash, call("run", "crash", "--seed", "8").last())
	require.NotEqual(t, hash, call("run", "crash", "--seed", "7", "--lease", "redsync").last())

	scenario, err := sim.FindScenario("crash")
	require.NoError(t, err)
	want := new(strings.Builder)
	_, err = sim.Run(scenario, sim.Options{Seed: 7, Trace: true}).Trace.WriteTo(want)
	require.NoError(t, err)
	written, err = os.ReadFile(trace)
	require.NoError(t, err)
	require.Equal(t, want.String(), string(written))
}

func TestFlagsChangeTheWorld(t *testing.T) {
	got := call("run", "calm", "-q", "--lease", "redsync-quorum", "--notifier", "none", "--members", "1", "--streams", "12", "--duration", "5s")
	require.Equal(t, held, got.status, got.out)
	require.Contains(t, got.out, "seed 1, model depth, quorum leases, no notifier, 1 member, 12 streams\n")
	require.Contains(t, got.out, "What it expects is left out")
	require.NotContains(t, call("run", "calm", "-q", "--lease", "redislock").out, "What it expects is left out")
}

func TestEveryLeaseStoreHasItsShape(t *testing.T) {
	for lease, shape := range map[string]string{"goredis": "session", "memory": "session", "redsync": "single",
		"redislock": "single", "redsync-quorum": "quorum"} {
		require.Contains(t, call("run", "calm", "-q", "--lease", lease).out, shape+" leases", lease)
	}
}

func TestWhatIsNotPromisedIsSaid(t *testing.T) {
	got := call("run", "clock-drift-outside", "-q")
	require.Equal(t, held, got.status)
	require.Contains(t, got.out, "Everything held that is promised.")
	require.Contains(t, got.out, "S3 did not hold; it is not promised when a clock drifts beyond the margin.")
}

func TestWhatComesTooLateToBeCheckedIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "late.scenario")
	text := "with streams=1 faults=10s\nat 20s crash m1\nby 2h every stream done\n"
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	got := call("run", "--file", file, "-q")
	require.Equal(t, held, got.status)
	require.Equal(t, "sim: does nothing, for the time of faults is over by then: at 20s crash m1\n", got.complaints)
	require.Regexp(t, `Not checked, for the run ends at [0-9.]+ s: by 2h0m0s every stream done`, got.out)
}

func TestAViolationIsShownReplayedAndShrunk(t *testing.T) {
	search := call("search", "--seeds", "200", "--ablate", "no-self-fencing")
	require.Equal(t, violated, search.status, search.out)
	story := search.line(t, "Violated: ")
	require.Regexp(t, hashLine, search.last())

	replay := call(asWords(search.line(t, "replay it with: "))...)
	require.Equal(t, violated, replay.status)
	require.Equal(t, story, replay.line(t, "Violated: "))
	require.Contains(t, replay.out, "VIOLATED: ")

	short := filepath.Join(t.TempDir(), "short.scenario")
	shrunk := call(append(asWords(replay.line(t, "shrink it with: ")), "--out", short)...)
	require.Equal(t, violated, shrunk.status, shrunk.complaints)
	text, err := os.ReadFile(short)
	require.NoError(t, err)
	require.LessOrEqual(t, strings.Count(string(text), "\n"), 10, "%s", text)

	again := call(asWords(shrunk.line(t, "run it with: "))...)
	require.Equal(t, violated, again.status)
	require.Equal(t, shrunk.line(t, "Violated: "), again.line(t, "Violated: "))
	require.Equal(t, shrunk.last(), again.last())
}

func TestWhatHoldsIsNotShrunk(t *testing.T) {
	got := call("shrink", "calm")
	require.Equal(t, held, got.status)
	require.Contains(t, got.out, "there is nothing to shrink")
	require.Equal(t, call("run", "calm", "-q").last(), got.last())
}

func TestWhatIsShrunkMustBeWritable(t *testing.T) {
	nowhere := filepath.Join(t.TempDir(), "missing", "f")
	got := call("shrink", "gc-pause", "--ablate", "no-self-fencing", "--out", nowhere)
	require.Equal(t, misused, got.status)
	require.Contains(t, got.complaints, fmt.Sprintf("sim: --out: open %s: no such file or directory", nowhere))
}
