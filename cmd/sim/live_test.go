package main

import (
	"io"
	"os"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/sim"
	"github.com/streamlease/streamlease/internal/timeline"
)

// viewOf is a live view of a run that is over, in no time: nobody waits.
func viewOf(t *testing.T, name string) timeline.Facts {
	t.Helper()
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	read := make(chan error)
	go func() {
		_, err := io.Copy(io.Discard, reader)
		read <- err
	}()
	scenario, err := sim.FindScenario(name)
	require.NoError(t, err)
	view := openLiveView(writer, scenario)
	view.stop()
	result := sim.Run(scenario, sim.Options{Seed: 1, Watch: view.show})
	view.close()
	require.NoError(t, writer.Close())
	require.NoError(t, <-read)
	require.Equal(t, result.Hash, sim.Run(scenario, sim.Options{Seed: 1}).Hash, "who watches changes nothing")
	return view.history.Facts()
}

func TestALiveViewShowsWhatHappens(t *testing.T) {
	facts := viewOf(t, "gc-pause")
	require.Equal(t, 3, facts.Count(timeline.Finished))
	require.Equal(t, 2, facts.Count(timeline.Frozen))
	require.Positive(t, facts.Count(timeline.Refused))
	require.Len(t, facts.Streams, 3)
	require.Len(t, facts.Members, 3)
	require.Equal(t, 18*time.Second, facts.Of(timeline.Frozen)[0].At)
}

func TestEachAssignmentOfANameHasARowOfItsOwn(t *testing.T) {
	facts := viewOf(t, "twins")
	var rows []string
	for _, row := range facts.Streams {
		rows = append(rows, row.Name)
		require.NotEmpty(t, row.FinishedBy, row.Name)
	}
	require.Equal(t, []string{"s1", "s1:2", "s1:3", "s1:4"}, rows)
}

func TestALiveViewGoesAtItsSpeed(t *testing.T) {
	view := &liveView{ctx: t.Context(), started: time.Now(), speed: 1000}
	view.goOnUntil(20 * time.Second)
	require.GreaterOrEqual(t, time.Since(view.started), 20*time.Millisecond)
	require.Equal(t, 20*time.Second, view.now())
}

func TestWhatIsNoTerminalGetsNoLiveView(t *testing.T) {
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, reader.Close())
	c := &console{out: writer, complaints: io.Discard}
	require.Nil(t, c.liveView(sim.Scenario{}))
	require.NoError(t, writer.Close())
}

func TestAnEventIsToldOnce(t *testing.T) {
	require.Empty(t, narrated(sim.Event{Kind: sim.Fault, Member: "m1", Cause: "freeze"}), "its own event tells it")
	require.Equal(t, "fault at a call of take: applied cut, m1",
		narrated(sim.Event{Kind: sim.Fault, Member: "m1", Call: sim.Take, Cause: "applied cut"}))
	require.Equal(t, "m2 owns s1:3 with token 7: taken over",
		narrated(sim.Event{Kind: sim.Began, Member: "m2", Ref: core.StreamRef{Name: "s1", MessageID: "3"}, Token: 7, Cause: "taken over"}))
}
