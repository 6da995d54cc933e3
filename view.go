package streamlease

import (
	"log/slog"
	"time"

	"github.com/streamlease/streamlease/core"
)

// view sees to it that an operator hears of a member that does not trust its
// view of the stores for long: it keeps what it owns and takes nothing over, and
// nothing else would show it. Only the loop's goroutine touches it.
type view struct {
	stale bool
	since time.Duration
	said  bool
}

func (v *view) notice(status core.Status, now, ttl time.Duration, journal *journal) {
	if !status.Stale {
		*v = view{}
		return
	}
	if !v.stale {
		v.stale, v.since = true, now
	}
	if v.said || now-v.since < ttl {
		return
	}
	v.said = true
	journal.write(func(log *slog.Logger) {
		log.Warn("this member has taken nothing over for a whole TTL: its calls to the stores fail, or take longer than TTL/12",
			"allowed", ttl/12, "last error", status.LastError)
	})
}
