package page

import (
	"fmt"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/sim"
)

// reasons says why writes, Takes and settlements were refused.
type reasons struct {
	wrote map[string]sim.Event // the first write of the highest token, by the stream's name
	took  map[core.StreamRef]sim.Event
}

func newReasons() reasons {
	return reasons{wrote: make(map[string]sim.Event), took: make(map[core.StreamRef]sim.Event)}
}

// of says why the next event of a trace was a refusal; empty: it was none.
func (r *reasons) of(e *sim.Event) string {
	switch e.Kind {
	case sim.Wrote:
		if last, before := r.wrote[e.Ref.Name]; !before || last.Token < e.Token {
			r.wrote[e.Ref.Name] = *e
		}
	case sim.Took:
		r.took[e.Ref] = *e
	case sim.Fenced, sim.Corrupted:
		if last, known := r.wrote[e.Ref.Name]; known {
			return fmt.Sprintf("the resource has seen the higher token %d, which %s has written with since %s",
				last.Token, last.Member, seconds(last.At))
		}
	case sim.Refused:
		return refusal(e, r.took[e.Ref])
	case sim.SaveRefused:
		return refusal(&sim.Event{Token: e.Token, Member: e.Member, Cause: "position " + e.Cause}, r.took[e.Ref])
	}
	return ""
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
