package timeline

import (
	"fmt"
	"strings"
)

// plainLine is how an event looks where no picture is drawn; empty: it is not
// worth a line. step is the number of the event's step.
func plainLine(event Event, step int) string {
	who, what := event.Member, printable(event.Stream)
	switch event.Kind {
	case Step:
		return fmt.Sprintf("\n%d  %s", step, event.Note)
	case Said:
		return "   " + event.Note
	case Added:
		return timed(event, "%s owns %s", who, what)
	case Disowned:
		return timed(event, "%s hears that it lost %s", who, what)
	case Refused:
		return timed(event, "%s writes to %s: refused, %s", who, what, printable(event.Note))
	case LateDone:
		return timed(event, "%s says Done of %s: %s", who, what, printable(event.Note))
	case Finished:
		return timed(event, "%s has finished %s", who, what)
	case Failed:
		return timed(event, "%s failed: %s", who, printable(event.Note))
	case Joined, Killed, Frozen, Woken, Left:
		return strings.TrimRight(timed(event, "%s %s  %s", who, plainState[event.Kind], printable(event.Note)), " ")
	default:
		return ""
	}
}

var plainState = map[Kind]string{
	Joined: "has joined",
	Killed: "is dead",
	Frozen: "is frozen",
	Woken:  "goes on",
	Left:   "has closed",
}

func timed(event Event, format string, values ...any) string {
	return fmt.Sprintf("   %6.2f s  ", event.At.Seconds()) + fmt.Sprintf(format, values...)
}
