package main

import (
	"context"
	"os"
	"sync/atomic"
	"time"

	"github.com/streamlease/streamlease/internal/commandline"
	"github.com/streamlease/streamlease/internal/sim"
	"github.com/streamlease/streamlease/internal/timeline"
)

// viewTakes is how long the time of faults takes in a live view, about.
const viewTakes = 10 * time.Second

// calmHurry is how much faster the calm time after it goes.
const calmHurry = 5

// longestView is the longest time of faults that a picture is drawn of: in a
// longer one nobody would see anything.
const longestView = time.Hour

// liveView draws a run in a terminal while it happens: it lets the run go on no
// faster than the eye follows.
type liveView struct {
	history *timeline.History
	screen  *timeline.Screen
	rows    map[string]string // the row of each assignment
	started time.Time         // the real instant, and
	from    time.Duration     // the simulated one, since when the view has gone on at
	speed   float64           // so much simulated time in real time
	reached atomic.Int64
	ctx     context.Context // ends when nobody wants to wait any more
	stop    func()
}

// liveView begins a view where the output is a terminal that has room for it;
// nil elsewhere.
func (c *console) liveView(scenario sim.Scenario) *liveView {
	setup := scenario.Setup.Filled()
	out := commandline.Terminal(c.out)
	if out == nil || setup.Faults > longestView || !timeline.HasRoom(out, rowsOf(scenario), setup.Members) {
		return nil
	}
	return openLiveView(out, scenario)
}

// rowsOf is how many rows the streams of a scenario take, about.
func rowsOf(scenario sim.Scenario) int {
	rows := scenario.Setup.Streams
	for _, a := range scenario.Actions {
		if a.Verb == sim.DoAnnounce || a.Verb == sim.DoBurst {
			rows += max(a.Times, 1)
		}
	}
	return rows
}

func openLiveView(out *os.File, scenario sim.Scenario) *liveView {
	setup := scenario.Setup.Filled()
	v := &liveView{rows: make(map[string]string), started: time.Now(), speed: float64(setup.Faults) / float64(viewTakes)}
	v.ctx, v.stop = commandline.UntilInterrupted()
	v.history = timeline.NewHistoryOf(v.now)
	v.screen = timeline.Open(out, v.history, timeline.Config{
		Title: scenario.Name, Length: setup.Faults + setup.Faults/2, Streams: rowsOf(scenario)})
	return v
}

// now is how far the view has come.
func (v *liveView) now() time.Duration { return time.Duration(v.reached.Load()) }

// show waits until the event's instant has come in the view.
func (v *liveView) show(e sim.Event) {
	v.goOnUntil(e.At)
	if v.ctx.Err() != nil {
		v.screen.Close() // the next Ctrl-C ends the program, and must find the terminal as it was
	}
	if e.Kind == sim.Healed { // little happens from here on
		v.started, v.from, v.speed = time.Now(), e.At, calmHurry*v.speed
	}
	for _, told := range v.told(e) {
		told.At = max(e.At, 1) // 0 means that the History sets it
		v.history.Record(told)
	}
}

// goOnUntil lets the view's time pass, in steps that the eye does not see.
func (v *liveView) goOnUntil(at time.Duration) {
	const step = 40 * time.Millisecond
	for v.ctx.Err() == nil {
		position := v.from + time.Duration(float64(time.Since(v.started))*v.speed)
		if position >= at {
			break
		}
		v.reached.Store(int64(position))
		left := time.Duration(float64(at-position) / v.speed)
		select {
		case <-v.ctx.Done():
		case <-time.After(min(left, step)):
		}
	}
	v.reached.Store(int64(at))
}

func (v *liveView) close() {
	v.screen.Close()
	v.stop()
}

// told is what an event is for the picture.
func (v *liveView) told(e sim.Event) []timeline.Event {
	if kind, found := pictured[e.Kind]; found {
		event := timeline.Event{Kind: kind, Member: e.Member, Token: int64(e.Token)}
		if e.Ref.Name != "" {
			event.Stream = v.row(e)
		}
		return []timeline.Event{event}
	}
	switch e.Kind {
	case sim.Settled:
		if e.Cause == "Done" {
			return []timeline.Event{{Kind: timeline.Finished, Member: e.Member, Stream: v.row(e), Token: int64(e.Token)}}
		}
	case sim.Fault, sim.Cut, sim.Healed, sim.Violated:
		if sentence := narrated(e); sentence != "" {
			return []timeline.Event{{Kind: timeline.Said, Note: sentence}}
		}
	}
	return nil
}

var pictured = map[sim.Kind]timeline.Kind{
	sim.Started:   timeline.Joined,
	sim.Crashed:   timeline.Killed,
	sim.Frozen:    timeline.Frozen,
	sim.Thawed:    timeline.Woken,
	sim.Left:      timeline.Left,
	sim.Announced: timeline.Announced,
	sim.Began:     timeline.Added,
	sim.Ended:     timeline.Disowned,
	sim.Fenced:    timeline.Refused,
}

// row is the row of an assignment: its stream's, or, from the second one of a
// name on, one of its own.
func (v *liveView) row(e sim.Event) string {
	ref := e.Ref.String()
	if row, known := v.rows[ref]; known {
		return row
	}
	row := e.Ref.Name
	for _, taken := range v.rows {
		if taken == row {
			row = ref
			break
		}
	}
	v.rows[ref] = row
	return row
}
