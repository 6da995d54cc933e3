package main

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/sim"
)

func TestASearchFindsTheSameOnAnyNumberOfCores(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	want := sim.Search(sim.SearchOptions{First: 5, Seeds: 25}, nil)
	for _, cores := range []int{1, 4} {
		runtime.GOMAXPROCS(cores)
		got := call("search", "--seed", "5", "--seeds", "25")
		require.Equal(t, held, got.status)
		require.Contains(t, got.out, fmt.Sprintf("25 seeds, %s steps, ", grouped(want.Counters.Steps)))
		require.Equal(t, fmt.Sprintf("hash %016x", want.Hash), got.last())
	}
}

func TestTheFirstSeedThatFailsEndsASearch(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	var ablation sim.Ablation
	ablation.Core.NoSelfFencing = true
	want := sim.Search(sim.SearchOptions{First: 1, Seeds: 200, Ablation: ablation}, nil)
	require.NotNil(t, want.Failed)
	for _, cores := range []int{1, 8} {
		runtime.GOMAXPROCS(cores)
		got := call("search", "--seeds", "200", "--ablate", "no-self-fencing")
		require.Contains(t, got.out, fmt.Sprintf("Seed %d fails.\n", want.Failed.Seed))
		require.Equal(t, fmt.Sprintf("hash %016x", want.Hash), got.last())
	}
}

func TestASearchOfOneCombinationSaysSoInItsReplay(t *testing.T) {
	got := call("search", "--seeds", "200", "--lease", "redislock", "--members", "2", "--ablate", "no-self-fencing")
	require.Equal(t, violated, got.status)
	command := got.line(t, "replay it with: ")
	require.Contains(t, command, " --lease redislock --members 2 --ablate no-self-fencing")
	replay := call(asWords(command)...)
	require.Equal(t, got.line(t, "Violated: "), replay.line(t, "Violated: "))
	require.Contains(t, replay.out, "single leases")
}

func TestTheGridHasEveryCallAndSituation(t *testing.T) {
	got := call("search", "--seeds", "20", "--grid")
	require.Equal(t, held, got.status)
	for call := sim.Heartbeat; call < sim.Check; call++ {
		require.Contains(t, got.out, "\n"+call.String()+" ")
	}
	for _, situation := range sim.Situations() {
		require.Contains(t, got.out, "  "+situation.String()+"\n")
	}
}

func TestASearchIsBoundByTime(t *testing.T) {
	got := call("search", "--for", "1ms")
	require.Equal(t, held, got.status)
	require.Regexp(t, `[0-9,]+ seeds?, [0-9,]+ steps?, .* simulated`, got.out)
}

func TestAnInterruptEndsASearchWithWhatItHasSeen(t *testing.T) {
	binary, err := os.Executable()
	require.NoError(t, err)
	search := exec.Command(binary, "search", "--for", "1h")
	search.Env = append(os.Environ(), programVariable+"=1")
	var out bytes.Buffer
	search.Stdout = &out
	complaints, err := search.StderrPipe()
	require.NoError(t, err)
	require.NoError(t, search.Start())
	begun, err := bufio.NewReader(complaints).ReadString('\n')
	require.NoError(t, err)
	require.Contains(t, begun, "Ctrl-C ends it")
	require.NoError(t, search.Process.Signal(os.Interrupt))
	require.NoError(t, search.Wait(), "%s", &out)
	require.True(t, strings.HasPrefix(out.String(), "Interrupted.\nEverything held.\n"), out.String())
	require.Regexp(t, hashLine, called{out: out.String()}.last())
}
