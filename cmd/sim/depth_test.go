package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/sim"
)

// realStores are the lease stores of adapters depth.
var realStores = []string{"goredis", "redsync", "redsync-quorum", "redislock"}

func TestEveryRealLeaseStoreIsRunTheSameTwice(t *testing.T) {
	hashes := make(map[string]string)
	for _, store := range realStores {
		for _, scenario := range []string{"crash", "reply-lost-after-take"} {
			arguments := []string{"run", scenario, "--depth", "adapters", "--lease", store}
			first := callAlone(t, arguments...)
			require.Equal(t, held, first.status, "%s on %s:\n%s%s", scenario, store, first.out, first.complaints)
			assert.Contains(t, first.out, "seed 1, adapters depth, "+store+" leases, ")
			assert.Regexp(t, hashLine, first.last())
			require.Equal(t, first, callAlone(t, arguments...), "%s on %s", scenario, store)
			assert.Empty(t, hashes[first.last()], "%s on %s is another run", scenario, store)
			hashes[first.last()] = scenario + " on " + store
		}
	}
}

func TestWhatIsShownDoesNotMoveTheHashOverRealAdapters(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace")
	shown := callAlone(t, "run", "crash", "--depth", "adapters")
	quiet := callAlone(t, "run", "crash", "--depth", "adapters", "--quiet", "--trace", trace)
	require.Equal(t, shown.last(), quiet.last())
	require.Equal(t, shown.last(), callAlone(t, "run", "crash", "--depth", "adapters", "--quiet").last(), "nobody watches")
	require.NotEqual(t, shown.last(), call("run", "crash", "--quiet").last(), "at model depth it is another run")
	assert.Contains(t, shown.out, "m1 crashes")
	written, err := os.ReadFile(trace)
	require.NoError(t, err)
	assert.Contains(t, string(written), "crash")
}

func TestAKeyspaceNotifierThatIsNoneIsSaidToBe(t *testing.T) {
	flags := worldFlags{Depth: adaptersDepth}
	assert.Contains(t, flags.describe(1, sim.Setup{Notifier: sim.Keyspace}), "deadline notifier (goredis has no other)")
	assert.Contains(t, flags.describe(1, sim.Setup{Notifier: sim.Keyspace, Lease: sim.Single}), "keyspace notifier")
	flags.Depth = modelDepth
	assert.Contains(t, flags.describe(1, sim.Setup{Notifier: sim.Keyspace}), "keyspace notifier")
}

func TestAShapeHasItsRealStore(t *testing.T) {
	for shape, store := range map[sim.Lease]leaseName{sim.Session: "goredis", sim.Single: "redislock", sim.Quorum: "redsync-quorum"} {
		assert.Equal(t, store, leaseName("").store(shape))
		assert.Equal(t, shape, store.shape())
	}
	for _, store := range realStores {
		assert.Equal(t, leaseName(store), leaseName(store).store(sim.Session), "the one that was asked for")
	}
	assert.Equal(t, sim.Redsync, leaseName("redsync").locks())
	assert.Equal(t, sim.Redislock, leaseName("redislock").locks())
}

func TestTheMatrixHasAColumnForEachRealStore(t *testing.T) {
	got := callAlone(t, "matrix", "--depth", "adapters", "crash", "calm")
	require.Equal(t, held, got.status, got.out+got.complaints)
	require.Equal(t, realStores, strings.Fields(got.line(t, "leases ")))
	for _, row := range []string{"crash ", "calm "} {
		require.Equal(t, []string{cellHeld, cellHeld, cellHeld, cellHeld}, strings.Fields(got.line(t, row)))
	}
	require.Contains(t, got.out, "\n8 runs, ")
	require.Equal(t, got.out, callAlone(t, "matrix", "--depth", "adapters", "crash", "calm").out, "a run does not depend on those before it")
}

func TestAViolationOverRealAdaptersIsReplayed(t *testing.T) {
	search := callAlone(t, "search", "--seed", "8", "--seeds", "200", "--depth", "adapters", "--ablate", "no-self-fencing")
	require.Equal(t, violated, search.status, search.out+search.complaints)
	command := search.line(t, "replay it with: ")
	require.Contains(t, command, " --depth adapters --ablate no-self-fencing")

	replay := callAlone(t, asWords(command)...)
	require.Equal(t, violated, replay.status)
	require.Equal(t, search.line(t, "Violated: "), replay.line(t, "Violated: "))

	short := filepath.Join(t.TempDir(), "short.scenario")
	shrunk := callAlone(t, append(asWords(replay.line(t, "shrink it with: ")), "--out", short)...)
	require.Equal(t, violated, shrunk.status, shrunk.out+shrunk.complaints)
	again := callAlone(t, asWords(shrunk.line(t, "run it with: "))...)
	require.Equal(t, violated, again.status, again.out+again.complaints)
	require.Equal(t, shrunk.last(), again.last())
}
