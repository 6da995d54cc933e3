package lockstore

import (
	"context"
	"errors"
	"time"
)

// Lock is one lock of the library.
type Lock struct {
	Key   string
	Value string
	// TTL is a whole number of milliseconds.
	TTL time.Duration
}

// Locks is what the library does, for a batch, with one error for each lock, in
// order: nil, a definite no, a *ports.RefusedError, or any other, and then the
// outcome is unknown. Nothing is tried twice.
type Locks interface {
	// Obtain takes locks that nobody has; ErrTaken: somebody has it.
	Obtain(ctx context.Context, locks []Lock) []error
	// Extend lets locks that have the value last for TTL from now on; ErrGone:
	// the lock does not have the value, and will never have it again.
	Extend(ctx context.Context, locks []Lock) []error
	// Release gives back the locks that have the value; ErrGone: none had it.
	Release(ctx context.Context, locks []Lock) []error
}

// The definite noes of Locks.
var (
	ErrTaken = errors.New("another value has the lock")
	ErrGone  = errors.New("the value has lost the lock")
)

// millisecondsOf rounds up, so that no lease is shorter than asked for:
// libraries cut.
func millisecondsOf(ttl time.Duration) time.Duration {
	if whole := ttl.Truncate(time.Millisecond); whole != ttl {
		return whole + time.Millisecond
	}
	return ttl
}

// firsts returns the first item for each name, and the rest: of two in one batch
// the first comes first, and a step does all of its locks at once.
func firsts[T interface{ name() string }](all []T) (first, rest []T) {
	seen := make(map[string]bool, len(all))
	for _, item := range all {
		if seen[item.name()] {
			rest = append(rest, item)
			continue
		}
		seen[item.name()] = true
		first = append(first, item)
	}
	return first, rest
}
