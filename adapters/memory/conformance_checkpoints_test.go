package memory_test

import (
	"testing"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/ports"
)

func TestTheCheckpointsKeepTheirContract(t *testing.T) {
	conformance.Checkpoints(t, checkpointsHarness{})
}

// checkpointsHarness makes checkpoints that are forgotten by the suite's clock.
type checkpointsHarness struct{}

func (checkpointsHarness) Open() (conformance.CheckpointsInstance, error) {
	clock := newClock()
	store, err := memory.NewCheckpoints(memory.Config{Now: clock.Now})
	return &checkpointsInstance{clock, store}, err
}

// checkpointsInstance is one service: all members of a process share it.
type checkpointsInstance struct {
	*clock
	store *memory.Checkpoints
}

func (i *checkpointsInstance) Handle() (ports.Checkpoints, error) { return i.store, nil }

func (i *checkpointsInstance) Close() error { return nil }
