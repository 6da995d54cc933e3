package streamlease

import (
	"fmt"

	"github.com/streamlease/streamlease/core"
)

// Notification is what the application hears on the channel of Init. The
// channel has no buffer: what the application has not received it does not
// own. One notification waits per stream at most, so a reader that is slow or
// absent costs memory for each stream once, and holds up nothing.
type Notification struct {
	Kind NotificationKind
	// Ref is the assignment; empty for StreamTerminated.
	Ref StreamRef
	// Info is the producer's, for StreamAdded, and for StreamExpired as far as
	// it is known: the lease that a dead member left behind does not carry it.
	Info Info
	// Stream is the tenure: the one that began, for StreamAdded; the one that
	// ended, for StreamDisowned; else nil.
	Stream *Stream
	// Token is the fencing token of that tenure.
	Token Token
	// Err is the cause, for StreamDisowned (it wraps ErrDisowned) and
	// StreamTerminated (it wraps ErrClosed when the end came by Close).
	Err error
}

// notification is what the application should receive next, if anything.
func (l *loop) notification() (Notification, bool) {
	next, waits := l.machine.Notification()
	if !waits {
		return Notification{}, false
	}
	notification := Notification{
		Kind:  next.Kind,
		Ref:   next.Ref,
		Info:  next.Info,
		Token: next.Token,
		Err:   next.Err,
	}
	switch next.Kind {
	case core.StreamAdded:
		notification.Stream = l.tenures.live(next.Ref.Name, next.Token)
	case core.StreamDisowned:
		notification.Stream = l.tenures.disowned(next.Ref, next.Token)
	case core.StreamTerminated:
		notification.Err = terminationCause(next.Err)
	}
	return notification, true
}

// received notes that the application has received the notification.
func (l *loop) received(notification Notification) {
	switch notification.Kind {
	case core.StreamAdded:
		l.tenures.tell(notification.Stream)
	case core.StreamDisowned:
		l.tenures.forget(notification.Stream)
	case core.StreamTerminated:
		l.over = true
	}
	l.batch = append(l.batch, core.NotificationReceived{})
}

// terminationCause tells an end that the application asked for, which has no
// cause of its own in the core, from one that it did not.
func terminationCause(cause error) error {
	if cause == nil {
		return fmt.Errorf("%w by Close", ErrClosed)
	}
	return cause
}
