package main

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/sim/demo"
)

// A page and a terminal give the same run.
func TestClicksGiveTheRunOfThePage(t *testing.T) {
	stage, err := demo.Open("seed=5")
	require.NoError(t, err)
	for _, words := range []string{"freeze m1 10m", "burst 100", "crash m2", "hints lost 100% 15s", "thaw m1", "drift m3 -40% 20s"} {
		stage.GoOn(stage.Present() + 3*time.Second + 217*time.Millisecond)
		require.NoError(t, stage.Click(words))
	}
	stage.GoOn(stage.Present() + 11*time.Second)
	news := stage.News()
	file := filepath.Join(t.TempDir(), "page.html")
	got := call("replay", "--clicks", news.Link, "--html", file)
	require.Equal(t, held, got.status, got.out)
	require.Equal(t, news.Hash, got.last())
	require.Contains(t, got.out, "at 3.217s freeze m1 10m0s")
	require.FileExists(t, file)

	stage.Set(demo.Without{Fencing: true, Sweep: true})
	news = stage.News()
	got = call("replay", "--clicks", news.Link, "--quiet")
	require.Equal(t, violated, got.status, "a late write took effect")
	require.Equal(t, news.Hash, got.last())
	require.Contains(t, got.out, "Without fencing and sweep.")
	require.Contains(t, got.out, "Violated: fenced effect")
	require.NotContains(t, got.out, "shrink")
}
