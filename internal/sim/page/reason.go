package page

import (
	"fmt"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/sim"
)

// reasonsOf says why each refused write, Take and settlement was refused, by
// the event's place in the trace.
func reasonsOf(trace sim.Trace) map[int]string {
	reasons := make(map[int]string)
	wrote := make(map[string]sim.Event)
	took := make(map[core.StreamRef]sim.Event)
	for i, e := range trace {
		switch e.Kind {
		case sim.Wrote:
			if last, before := wrote[e.Ref.Name]; !before || last.Token < e.Token {
				wrote[e.Ref.Name] = e // the first write of a token
			}
		case sim.Took:
			took[e.Ref] = e
		case sim.Fenced:
			if last, known := wrote[e.Ref.Name]; known {
				reasons[i] = fmt.Sprintf("the resource has seen the higher token %d, which %s has written with since %s",
					last.Token, last.Member, seconds(last.At))
			}
		case sim.Refused:
			reasons[i] = refusal(&e, took[e.Ref])
		case sim.SaveRefused:
			reasons[i] = refusal(&sim.Event{Token: e.Token, Member: e.Member, Cause: "position " + e.Cause}, took[e.Ref])
		}
	}
	return reasons
}

func refusal(e *sim.Event, last sim.Event) string {
	since := ""
	if last.Token > e.Token || last.Token == e.Token && last.Member != e.Member {
		since = fmt.Sprintf("%s took it with token %d at %s", last.Member, last.Token, seconds(last.At))
	}
	switch {
	case since == "":
		return e.Cause
	case e.Call == sim.Take:
		return since
	default:
		return e.Cause + " came too late: " + since
	}
}

// seconds is an instant or a time as the page writes it.
func seconds(d time.Duration) string { return fmt.Sprintf("%.3f s", d.Seconds()) }
