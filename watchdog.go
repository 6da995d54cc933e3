package streamlease

import (
	"fmt"
	"log/slog"
	"time"

	"github.com/streamlease/streamlease/core"
)

// looks is into how many parts the watchdog divides Config.StuckAfter. Time
// without progress is counted in looks, not read off a clock: a process that was
// frozen for an hour has looked once, not for an hour.
const looks = 4

// watch ends the tenures of handlers that are stuck, until stop is closed.
func (r *runner) watch(stop <-chan struct{}) {
	if r.loop.stuckAfter <= 0 {
		return
	}
	ticker := time.NewTicker(max(r.loop.stuckAfter/looks, 1))
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			for _, j := range r.crew.stuck() {
				r.endStuck(j)
			}
		case <-stop:
			return
		}
	}
}

// stuck looks at all jobs once, and returns those without progress for long.
func (c *crew) stuck() []*job {
	c.mu.Lock()
	defer c.mu.Unlock()
	var stuck []*job
	for j := range c.jobs {
		if now := j.stream.progress.Load(); now != j.progress {
			j.progress, j.idle = now, 0
		}
		if j.returned || j.stream.contextCause() != nil && !j.stuck {
			continue
		}
		j.idle++ // the first look may come at once: only the one after it ends a whole part
		j.stuck = j.stuck || j.idle > looks
		if j.stuck {
			stuck = append(stuck, j)
		}
	}
	return stuck
}

// endStuck ends the tenure of a job that is stuck. It counts as a failure: where
// the stream is the cause, it would else go round the fleet for ever and leave a
// stuck handler in each process. It is asked again at each look, in case it was
// refused.
func (r *runner) endStuck(j *job) {
	s := j.stream
	if s.endContext(ErrStuck) {
		r.log(slog.LevelWarn, s, "a handler is stuck; its stream is tried again later, by another member", "after", r.loop.stuckAfter)
	}
	text := fmt.Sprintf("%v for %v", ErrStuck, r.loop.stuckAfter)
	p := &pending{answer: make(chan answer, 1)}
	// The error does not matter: when the loop has ended every tenure has.
	_ = r.loop.post(r.values, func() { r.loop.settle(p, s, core.Failed, text) })
}
