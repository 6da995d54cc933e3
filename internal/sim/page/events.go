package page

import (
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/sim"
)

// The kinds of the document's events are the trace's, and these.
const (
	takeRefused = int(sim.Corrupted) + 1 + iota
	settleRefused
)

func kindsOf() []string {
	kinds := make([]string, 0, settleRefused+1)
	for k := range sim.Corrupted + 1 {
		kinds = append(kinds, k.String())
	}
	return append(kinds, "take refused", "settle refused")
}

// told is an event of the page: one of the trace, or several that say the same
// of several members.
type told struct {
	sim.Event
	kind    int
	members []string
	text    string
}

// togetherWithin is how long one word takes to reach all members.
const togetherWithin = 200 * time.Millisecond

// eventLog lists what a reader wants to know: calls that went well, and what
// follows from the event beside it, would only hide the rest.
type eventLog struct {
	list    []*told
	hints   map[sim.Event]int // the last of each kind, by its place in the list
	reasons reasons
}

func newEventLog() eventLog { return eventLog{hints: make(map[sim.Event]int), reasons: newReasons()} }

// see takes the next event of a trace, and returns which of the list is new or
// has changed; none if nothing has.
func (l *eventLog) see(e *sim.Event) int {
	why := l.reasons.of(e)
	switch {
	case unremarkable(e):
		return none
	case e.Kind == sim.Hinted || e.Kind == sim.HintLost:
		return l.join(e)
	default:
		return l.add(&told{Event: *e, kind: kindOf(e), members: membersOf(e), text: textOf(e, why)})
	}
}

func (l *eventLog) add(t *told) int {
	l.list = append(l.list, t)
	return len(l.list) - 1
}

// Remarkable reports whether the list of a page tells of an event.
func Remarkable(e *sim.Event) bool { return !unremarkable(e) }

// unremarkable: every healthy run is full of it, or the scenario's own lines
// say it.
func unremarkable(e *sim.Event) bool {
	switch e.Kind {
	case sim.Sent, sim.Answered, sim.Renewed, sim.TookEffect:
		return true
	case sim.Heard:
		return e.Cause == core.StreamAdded.String()
	case sim.Fault:
		return e.Call == 0
	default:
		return false
	}
}

// join adds a hint to the one that other members have just had.
func (l *eventLog) join(e *sim.Event) int {
	key := sim.Event{Kind: e.Kind, Ref: e.Ref, Cause: e.Cause}
	if at, known := l.hints[key]; known {
		if same := l.list[at]; e.At-same.At < togetherWithin && !slices.Contains(same.members, e.Member) {
			same.members = append(same.members, e.Member)
			return at
		}
	}
	l.hints[key] = l.add(&told{Event: *e, kind: kindOf(e), members: membersOf(e), text: e.Cause})
	return l.hints[key]
}

func membersOf(e *sim.Event) []string {
	if e.Member == "" {
		return nil
	}
	return []string{e.Member}
}

func kindOf(e *sim.Event) int {
	switch {
	case e.Kind == sim.Refused && e.Call == sim.Take:
		return takeRefused
	case e.Kind == sim.Refused:
		return settleRefused
	default:
		return int(e.Kind)
	}
}

func textOf(e *sim.Event, why string) string {
	text := e.Cause
	if why != "" {
		text = why
	}
	if e.Call != 0 && e.Kind != sim.Refused {
		text = e.Call.String()
		if e.Cause != "" {
			text += ": " + strike(e.Cause)
		}
	}
	return text
}
