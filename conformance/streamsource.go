package conformance

import (
	"testing"

	"github.com/streamlease/streamlease/ports"
)

// StreamSourceHarness brings a stream source to its examination.
type StreamSourceHarness interface {
	// Limits are what the source cannot do better; its SmallestTTL is the
	// shortest time for which a heartbeat may be good, and the shortest time
	// until an assignment that failed is tried again.
	Limits() Limits
	// Open makes a source with nothing in it, isolated from every other. It is
	// called once or more for each sentence.
	Open() (StreamSourceInstance, error)
}

// StreamSourceInstance is one source, which any number of processes could
// share. Beyond these methods it may be a Clock, Flusher, Refuser,
// MemoryLimiter, Trimmer, GroupLoser, DeliveryLoser, Poisoner,
// StreamSourceFaults. Fetch waits in real time, also with a Clock.
//
// The suite announces by way of a handle. Where handles are no
// ports.Announcer, the instance must be one.
type StreamSourceInstance interface {
	// Handle is the source as one more process has it: with its own
	// connections and whatever the adapter keeps for itself. A handle that is
	// an io.Closer is closed by the suite.
	Handle() (ports.StreamSource, error)
	// Quarantine is what is in quarantine, in any order.
	Quarantine() ([]Quarantined, error)
	// Close is the end of the source.
	Close() error
}

// Quarantined is what the quarantine holds of one assignment.
type Quarantined struct {
	// Ref is the assignment's; of an entry that could not be read, and of one
	// that was trimmed, the MessageID is enough.
	Ref               ports.StreamRef
	Reason            string
	Failures, Crashes int
	// Endings are the reasons of the last tenures, oldest first.
	Endings []string
}

// Trimmer is a source whose entries an operator can delete behind the records'
// back.
type Trimmer interface {
	Trim(ref ports.StreamRef) error
}

// GroupLoser is a source in which what hands assignments out, as a consumer
// group does, can be lost as a whole, while assignments and records stay.
type GroupLoser interface {
	LoseGroup() error
}

// DeliveryLoser is a source in which what hands assignments out can forget that
// it delivered one, and to whom: the assignment is in nobody's list.
type DeliveryLoser interface {
	LoseDelivery(ref ports.StreamRef) error
}

// Poisoner is a source on which a producer may put what is no well-formed
// assignment.
type Poisoner interface {
	// Poisons are the kinds of malformed entries that there are.
	Poisons() []Poison
}

// StreamSourceFaults is an instance whose connections can be broken.
type StreamSourceFaults interface {
	// HandleWith is a Handle whose first call meets the mishap.
	HandleWith(mishap Mishap) (ports.StreamSource, error)
	Deliverer
}

// StreamSource examines a stream source, with a sub-test for each sentence of
// the contracts of ports.StreamSource and ports.Announcer. It fails t where a
// sentence does not hold and logs what was not covered.
func StreamSource(t *testing.T, harness StreamSourceHarness) Report {
	t.Helper()
	return streamSourceSuite(harness).runIn(t)
}
