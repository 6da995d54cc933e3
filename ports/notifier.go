package ports

import "context"

// ExpiryNotifier brings word of what is probably free. Nothing depends on it
// but speed: hints may be late, lost, doubled or wrong. A nil notifier is
// allowed, and then the sweep alone finds what has no owner.
type ExpiryNotifier interface {
	// Watch calls deliver with hints until ctx ends, and then returns nil. It
	// reconnects by itself, without end, and sends a HintGap whenever hints
	// may have been missed: after the first connect, after every reconnect,
	// after an overflow. It returns an error only for what trying again does
	// not mend (ErrRefused). deliver is called by one goroutine at a time and
	// may block; what piles up meanwhile is bounded, and dropping it is a
	// HintGap. The receiver does not keep the slice.
	//
	// A lost session is one HintGrant, not a hint for each of its leases; a
	// lost single lease is a HintRef.
	Watch(ctx context.Context, deliver func([]Hint)) error

	// Publish sends hints to every Watch of the same service, the caller's
	// own included, as they are. An error means that some may be lost.
	Publish(ctx context.Context, hints []Hint) error
}

// Checker is what any port may also be.
type Checker interface {
	// Check looks whether the port can do its work here: server version,
	// layout, flags, rights, eviction policy. The warnings say what is not
	// guaranteed on this server, one sentence each; an error, best a
	// *RefusedError, that it cannot work at all. Check changes nothing but
	// what the port needs and may set.
	Check(ctx context.Context) (warnings []string, err error)
}

// Set is the ports of one service. Notifier and Checkpoints may be nil.
type Set struct {
	Source      StreamSource
	Leases      LeaseStore
	Notifier    ExpiryNotifier
	Checkpoints Checkpoints
}
