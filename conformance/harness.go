package conformance

import "time"

// Limits are what a store cannot do better. The zero value asks for nothing.
type Limits struct {
	// SmallestTTL is the shortest time that a lease, or a member's heartbeat,
	// may be good for. Defaults to 200 ms; without a Clock the suite waits for
	// it many times.
	SmallestTTL time.Duration
	// ClockStep is how coarse the store's clock is: what expires may be gone
	// so much later than asked for, never earlier. Defaults to 1 ms.
	ClockStep time.Duration
}

func (l Limits) withDefaults() Limits {
	if l.SmallestTTL == 0 {
		l.SmallestTTL = 200 * time.Millisecond
	}
	if l.ClockStep == 0 {
		l.ClockStep = time.Millisecond
	}
	return l
}

// What an instance can do beyond its handles is found by type assertion. An
// instance implements what makes sense for it; the rest is listed as not
// covered. A method's error says that the harness failed: the check ends then,
// and the error is reported.

// Clock is a store whose time stands still but for Advance. Its Limits should
// name the true step of that clock.
type Clock interface {
	Advance(by time.Duration)
}

// Flusher is a store that can lose everything at once, as by FLUSHALL. Its
// handles stay good.
type Flusher interface {
	Flush() error
}

// Deliverer is a store with mishaps, of which ExecutedLate is one.
type Deliverer interface {
	// Deliver executes what ExecutedLate has held back, and returns when that
	// is done.
	Deliver() error
}

// Restarter is a store whose server can end and start again with what it had
// saved. Its handles stay good: they reconnect.
type Restarter interface {
	Restart() error
}

// KeyDeleter is a store of keys that an operator or an eviction can remove one
// by one.
type KeyDeleter interface {
	// Keys are the keys that the store has now.
	Keys() ([]string, error)
	// DeleteKey removes one of them from outside.
	DeleteKey(key string) error
}

// Refuser is a store whose server can be made to refuse: its rights are taken
// away, it becomes a replica, it loads its data.
type Refuser interface {
	// Refuse: from now on every call that writes is refused.
	Refuse() error
	// Accept ends that.
	Accept() error
}

// MemoryLimiter is a store whose server can run out of memory.
type MemoryLimiter interface {
	// Exhaust: from now on there is no memory for anything new.
	Exhaust() error
	// Relieve ends that.
	Relieve() error
}

// Mishap is what happens, once, to the next call that goes over a handle. What
// comes after it goes well, also a repetition by a client library, which shows
// itself by that.
type Mishap uint8

// The mishaps.
const (
	// CutBefore: the connection breaks before the call arrives. It is never
	// executed.
	CutBefore Mishap = iota + 1
	// ReplyLost: the call is executed, and the connection breaks before the
	// reply has come back.
	ReplyLost
	// ExecutedLate: the call is not answered, and is executed when it is
	// Delivered.
	ExecutedLate
	// Silence: the call does not arrive, and nothing is answered; the
	// connection stays open.
	Silence
)

// String says what happens.
func (m Mishap) String() string {
	switch m {
	case CutBefore:
		return "cut before the call arrives"
	case ReplyLost:
		return "reply lost"
	case ExecutedLate:
		return "executed late"
	case Silence:
		return "silence"
	default:
		return "no mishap"
	}
}
