package streamlease

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
)

// shutDown closes the loop and waits for its end, or for that of ctx; then it
// forces the end.
func (l *loop) shutDown(ctx context.Context) error {
	// No error of post matters here: it says that the loop has ended.
	_ = l.post(context.Background(), l.close)
	select {
	case <-l.done:
		return nil
	case <-ctx.Done():
	}
	stopped := make(chan bool, 1)
	_ = l.post(context.Background(), func() { stopped <- l.force() })
	select {
	case before := <-stopped:
		if !before {
			return ctx.Err()
		}
	case <-l.ended:
	}
	<-l.done
	return nil
}

// What follows runs on the loop's goroutine.

// close begins the end.
func (l *loop) close() {
	if l.closing {
		return
	}
	l.closing = true
	l.batch = append(l.batch, core.CloseRequested{Grace: l.grace})
}

// force ends what close began without waiting for anybody. It reports whether
// the machine has stopped already, and only the application's reader was
// waited for.
func (l *loop) force() (stopped bool) {
	l.forced = true
	if l.terminated {
		l.over = true
		return true
	}
	l.batch = append(l.batch, core.CloseForced{})
	return false
}

// leave ends a loop whose Init failed.
func (l *loop) leave() {
	l.abandoned = true
	l.over = true
}

// terminate notes that the machine has stopped. What waits to be received is
// still offered, unless nobody is waited for.
func (l *loop) terminate(cause error) {
	l.terminated = true
	l.cause = cause
	l.over = l.over || l.forced
	l.letGo()
	select {
	case l.joined <- terminationCause(cause):
	default: // it had joined
	}
}

// letGo ends what the machine should have ended by now: a context or a caller
// that is left waiting would wait for ever.
func (l *loop) letGo() {
	l.tenures.endContexts(ErrClosed)
	l.tenures.endAll(ErrNotOwned)
	for id, p := range l.requests {
		delete(l.requests, id)
		l.answer(p, answer{err: fmt.Errorf("%w: %w", ErrUnknownOutcome, ErrClosed)})
	}
}

// finish leaves nothing behind: no context that goes on, nobody who waits, no
// goroutine, no open port. Then the channel closes.
func (l *loop) finish() {
	l.letGo()
	l.offerWhatWaits()
	close(l.ended)
	l.timer.Stop()
	if !l.checkpoints.close(l.patience) || !l.calls.Stop(l.patience) || !ends(l.watchEnded, l.patience) {
		l.journal.write(func(log *slog.Logger) { log.Error("a port did not return; its goroutine is left behind") })
	}
	if !l.abandoned {
		l.closePorts()
	}
	l.measureNoMore()
	l.journal.close(l.patience)
	close(l.notifications)
	close(l.done)
}

func (l *loop) closePorts() {
	if err := driver.Close(l.ports); err != nil {
		l.journal.write(func(log *slog.Logger) { log.Warn("a port could not be closed", "error", err) })
	}
}

// offerWhatWaits gives a reader that is waiting at this moment what is left to
// say, when the end could not wait for it.
func (l *loop) offerWhatWaits() {
	for {
		notification, waits := l.notification()
		if !waits {
			return
		}
		select {
		case l.notifications <- notification:
			l.received(notification)
			l.step()
		default:
			return
		}
	}
}

// ends reports whether the channel is closed within the given time.
func ends(done <-chan struct{}, patience time.Duration) bool {
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
		return true
	case <-timer.C:
		return false
	}
}
