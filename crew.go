package streamlease

import (
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// job is the work of one handler on one tenure. What may change belongs to the
// crew's lock.
type job struct {
	stream   *Stream
	returned bool // the handler has; its stream is being settled
	overdue  *time.Timer
	reported bool // as one that went on for long
	progress uint32
	idle     int  // looks of the watchdog since there was progress
	stuck    bool // and it was taken to be stuck
}

// crew are the jobs that are not over.
type crew struct {
	mu    sync.Mutex
	jobs  map[*job]struct{}
	fewer chan struct{} // of one: a job is over
}

func newCrew() crew { return crew{jobs: make(map[*job]struct{}), fewer: make(chan struct{}, 1)} }

func (c *crew) join(stream *Stream) *job {
	c.mu.Lock()
	defer c.mu.Unlock()
	j := &job{stream: stream}
	c.jobs[j] = struct{}{}
	return j
}

// handlerReturned notes it, and reports whether it had been reported before.
func (c *crew) handlerReturned(j *job) (reported bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	j.returned = true
	if j.overdue != nil {
		j.overdue.Stop()
	}
	return j.reported
}

func (c *crew) leave(j *job) {
	c.mu.Lock()
	delete(c.jobs, j)
	c.mu.Unlock()
	select {
	case c.fewer <- struct{}{}:
	default:
	}
}

// left are the jobs that are not over.
func (c *crew) left() []*job {
	c.mu.Lock()
	defer c.mu.Unlock()
	return slices.Collect(maps.Keys(c.jobs))
}

// awaitHandlers gives those that have not returned, after all was handed off, a
// last moment.
func (r *runner) awaitHandlers() error {
	patience := time.NewTimer(r.loop.patience)
	defer patience.Stop()
	for {
		left := r.crew.left()
		if len(left) == 0 {
			return nil
		}
		select {
		case <-r.crew.fewer:
		case <-patience.C:
			return fmt.Errorf("%w: %d, that of %q among them", ErrUnreturned, len(left), shown(left[0].stream.ref))
		}
	}
}

// expectReturn: the context of the job has ended, and its handler should return.
func (r *runner) expectReturn(j *job) {
	r.crew.mu.Lock()
	defer r.crew.mu.Unlock()
	if !j.returned {
		since := time.Now()
		j.overdue = time.AfterFunc(r.loop.patience, func() { r.reportOverdue(j, since) })
	}
}

// reportOverdue tells of a handler that does not heed the end of its context. At
// the end of the client it may: it has the grace period to finish its work.
func (r *runner) reportOverdue(j *job, since time.Time) {
	r.crew.mu.Lock()
	defer r.crew.mu.Unlock()
	cause := j.stream.contextCause()
	if j.returned || errors.Is(cause, ErrClosed) {
		return
	}
	j.reported = true
	r.log(slog.LevelWarn, j.stream, "a handler goes on although its context has ended: it keeps its room, and its stream is left to the other members",
		"for", time.Since(since).Round(time.Millisecond), "cause", cause)
}
