package page

import (
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/sim"
)

// The kinds of the document's events are the trace's, and these.
const (
	takeRefused = int(sim.SaveRefused) + 1 + iota
	settleRefused
)

func kindsOf() []string {
	kinds := make([]string, 0, settleRefused+1)
	for k := range sim.SaveRefused + 1 {
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

// events lists what a reader wants to know: calls that went well, and what
// follows from the event beside it, would only hide the rest.
func (p *picture) events() (rows [][7]int64) {
	var list []*told
	hints := make(map[sim.Event]*told)
	for i, event := range p.result.Trace {
		switch {
		case unremarkable(&event), i > 0 && event == p.result.Trace[i-1]:
		case event.Kind == sim.Hinted || event.Kind == sim.HintLost:
			list = join(list, hints, event)
		default:
			list = append(list, &told{Event: event, kind: kindOf(&event), members: membersOf(&event), text: p.textOf(i, &event)})
		}
	}
	for _, e := range list {
		rows = append(rows, [7]int64{micros(e.At), int64(e.kind), p.group(e.members), p.ref(e.Ref), p.token(e.Token),
			p.text(e.text), micros(e.Until)})
	}
	return rows
}

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
func join(list []*told, hints map[sim.Event]*told, event sim.Event) []*told {
	key := sim.Event{Kind: event.Kind, Ref: event.Ref, Cause: event.Cause}
	if same := hints[key]; same != nil && event.At-same.At < togetherWithin && !slices.Contains(same.members, event.Member) {
		same.members = append(same.members, event.Member)
		return list
	}
	hint := &told{Event: event, kind: kindOf(&event), members: membersOf(&event), text: event.Cause}
	hints[key] = hint
	return append(list, hint)
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

func (p *picture) textOf(i int, e *sim.Event) string {
	text := e.Cause
	if why := p.reasons[i]; why != "" {
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
