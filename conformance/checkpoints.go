package conformance

import (
	"testing"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// CheckpointsHarness brings a store of checkpoints to its examination.
type CheckpointsHarness interface {
	// Open makes a service with nothing in it, isolated from every other. It
	// is called once or more for each sentence.
	Open() (CheckpointsInstance, error)
}

// CheckpointsInstance is one service, which any number of processes could
// share. Beyond these methods it may be a Clock or an Ager, a Refuser, a
// MemoryLimiter, CheckpointsFaults.
type CheckpointsInstance interface {
	// Handle is the store as one more process has it. A handle that is an
	// io.Closer is closed by the suite.
	Handle() (ports.Checkpoints, error)
	// Close is the end of the service.
	Close() error
}

// Ager is a store whose clock cannot be advanced, but that can be made to
// believe of all it keeps that so much more time has passed.
type Ager interface {
	Age(by time.Duration) error
}

// CheckpointsFaults is an instance whose calls can be disturbed.
type CheckpointsFaults interface {
	// HandleWith is a Handle whose first call meets the mishap.
	HandleWith(mishap Mishap) (ports.Checkpoints, error)
}

// Checkpoints examines a store of checkpoints, with a sub-test for each sentence
// of the contract of ports.Checkpoints. It fails t where a sentence does not
// hold and logs what was not covered.
func Checkpoints(t *testing.T, harness CheckpointsHarness) Report {
	t.Helper()
	return checkpointsSuite(harness).runIn(t)
}
