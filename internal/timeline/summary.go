package timeline

import (
	"fmt"
	"strings"
	"time"
)

// Summary is what happened in figures, as lines of text.
func (f Facts) Summary() string {
	var text strings.Builder
	row := func(name, format string, values ...any) {
		fmt.Fprintf(&text, "  %-16s%s\n", name, fmt.Sprintf(format, values...))
	}
	takeovers := f.Takeovers()
	row("streams", "%d announced, %d finished", len(f.Streams), f.FinishedBy(""))
	row("tenures", "%d, of which %d were takeovers", f.Count(Added), len(takeovers))
	for _, loss := range []struct {
		kind Kind
		text string
	}{{Killed, "after kill"}, {Frozen, "after freeze"}, {Disowned, "after loss"}} {
		if times := TimesOf(takeovers, loss.kind); len(times) > 0 {
			row(loss.text, "%d streams had a new owner: p50 %s, max %s", len(times), seconds(times.Median()), seconds(times.Max()))
		}
	}
	row("late writes", "%d refused", f.Count(Refused))
	row("finished by", "%s", f.finishers())
	row("time", "%s", seconds(f.At))
	return text.String()
}

func (f Facts) finishers() string {
	var each []string
	for _, member := range f.Members {
		each = append(each, fmt.Sprintf("%s %d", member.Name, f.FinishedBy(member.Name)))
	}
	return strings.Join(each, ", ")
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2f s", d.Seconds()) }
