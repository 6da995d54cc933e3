package conformance

import (
	"testing"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// ExpiryNotifierHarness brings an expiry notifier to its examination.
type ExpiryNotifierHarness interface {
	// Limits are what the notifier, and its lease store, cannot do better.
	Limits() NotifierLimits
	// Open makes a service with nothing in it, isolated from every other. It
	// is called once or more for each sentence.
	Open() (ExpiryNotifierInstance, error)
}

// NotifierLimits are what a notifier cannot do better. The zero value asks for
// nothing.
type NotifierLimits struct {
	Limits
	// HintWithin is how long a hint may take on its way, in real time, on the
	// slowest machine that the suite is run on: what comes later counts as
	// lost. Defaults to 15 s; nothing waits for it when the hint comes.
	HintWithin time.Duration
}

func (l NotifierLimits) withDefaults() NotifierLimits {
	l.Limits = l.Limits.withDefaults()
	if l.HintWithin == 0 {
		l.HintWithin = 15 * time.Second
	}
	return l
}

// ExpiryNotifierInstance is one service, which any number of processes could
// share. Beyond these methods it may be a Clock, Refuser, Cutter,
// ExpiryNotifierFaults. Watch waits in real time, also with a Clock.
type ExpiryNotifierInstance interface {
	// Handle is the notifier as one more process has it: with its own
	// connections and whatever the adapter keeps for itself. A handle that is
	// an io.Closer is closed by the suite.
	Handle() (ports.ExpiryNotifier, error)
	// Leases is a handle on the lease store whose expired grants the notifier
	// tells of; nil if it tells of none and only passes on what is published.
	Leases() (ports.LeaseStore, error)
	// Close is the end of the service.
	Close() error
}

// Cutter is a service whose connections can be broken, all at once. Its handles
// stay good: they reconnect.
type Cutter interface {
	Cut() error
}

// ExpiryNotifierFaults is an instance whose calls can be disturbed.
type ExpiryNotifierFaults interface {
	// HandleWith is a Handle whose first call meets the mishap.
	HandleWith(mishap Mishap) (ports.ExpiryNotifier, error)
}

// ExpiryNotifier examines an expiry notifier, with a sub-test for each sentence
// of the contract of ports.ExpiryNotifier. It fails t where a sentence does not
// hold and logs what was not covered.
func ExpiryNotifier(t *testing.T, harness ExpiryNotifierHarness) Report {
	t.Helper()
	return expiryNotifierSuite(harness).runIn(t)
}
