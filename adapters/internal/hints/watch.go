package hints

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// callTimeout bounds each command of a watch.
const callTimeout = 5 * time.Second

// watch is one Watch under way.
type watch struct {
	notifier *Notifier
	lane     *conn.Lane
	backlog  *backlog
}

// feed brings hints into the watch's backlog until ctx ends. It outlives every
// trouble that may pass, and returns an error only for what trying again does
// not mend.
type feed func(ctx context.Context) error

// Watch calls deliver with hints until ctx ends. See ports.ExpiryNotifier.
func (n *Notifier) Watch(ctx context.Context, deliver func([]ports.Hint)) error {
	ctx, cancel := context.WithCancelCause(ctx)
	w := &watch{notifier: n, lane: n.conn.LaneUntil(ctx), backlog: newBacklog()}
	var feeds sync.WaitGroup
	for _, feed := range w.feeds() {
		feeds.Go(func() {
			if err := feed(ctx); err != nil {
				cancel(err)
			}
		})
	}
	w.deliver(ctx, deliver)
	cancel(nil)
	// The lane's connections were cut with ctx: whatever a feed waits for ends.
	feeds.Wait()
	_ = w.lane.Close()
	if cause := context.Cause(ctx); errors.Is(cause, ports.ErrRefused) {
		return cause
	}
	return nil
}

func (w *watch) feeds() []feed {
	feeds := []feed{w.listen, w.poll}
	if w.notifier.look.Events != nil {
		feeds = append(feeds, newKeyEvents(w).feed)
	}
	return feeds
}

func (w *watch) deliver(ctx context.Context, deliver func([]ports.Hint)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-w.backlog.ready:
		}
		if hints := w.backlog.take(); len(hints) > 0 && ctx.Err() == nil {
			deliver(hints)
		}
	}
}

// isLasting reports whether trying again does not mend err.
func isLasting(err error) bool {
	var refused *ports.RefusedError
	return errors.As(err, &refused) && refused.Lasting
}

// Pauses between tries, so that many members do not all come at once to a
// server that is just back.
const (
	pauseMin = 50 * time.Millisecond
	pauseMax = 2 * time.Second
)

// pause doubles from one failure to the next. Its zero value is ready.
type pause struct{ last time.Duration }

func (p *pause) reset() { p.last = 0 }

// wait waits, by half more or less than its due, until ctx ends. The clock's
// last digits are as good as random numbers between members, and where time is
// simulated they are the same every time.
func (p *pause) wait(ctx context.Context) {
	p.last = min(max(2*p.last, pauseMin), pauseMax)
	sleep(ctx, p.last/2+time.Duration(time.Now().UnixNano())%p.last)
}

func sleep(ctx context.Context, duration time.Duration) {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
