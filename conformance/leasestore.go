package conformance

import (
	"testing"

	"github.com/streamlease/streamlease/ports"
)

// LeaseStoreHarness brings a lease store to its examination.
type LeaseStoreHarness interface {
	// Limits are what the store cannot do better.
	Limits() Limits
	// Open makes a store with nothing in it, isolated from every other. It is
	// called once or more for each sentence.
	Open() (LeaseStoreInstance, error)
}

// LeaseStoreInstance is one store, which any number of processes could share.
// Beyond these methods it may be a Clock, Flusher, Restarter, KeyDeleter,
// Refuser, MemoryLimiter, LeaseStoreFaults.
type LeaseStoreInstance interface {
	// Handle is the store as one more process has it: with its own
	// connections and whatever the adapter keeps for itself. A handle that is
	// an io.Closer is closed by the suite.
	Handle() (ports.LeaseStore, error)
	// Close is the end of the store.
	Close() error
}

// LeaseStoreFaults is an instance whose connections can be broken.
type LeaseStoreFaults interface {
	// HandleWith is a Handle whose first call meets the mishap.
	HandleWith(mishap Mishap) (ports.LeaseStore, error)
	Deliverer
}

// LeaseStore examines a lease store, with a sub-test for each sentence of the
// contract of ports.LeaseStore. It fails t where a sentence does not hold and
// logs what was not covered.
func LeaseStore(t *testing.T, harness LeaseStoreHarness) Report {
	t.Helper()
	return leaseStoreSuite(harness).runIn(t)
}
