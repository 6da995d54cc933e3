package conformance

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

func TestRightCheckpointsPassInFull(t *testing.T) {
	report := Checkpoints(t, toyCheckpoints{})
	assert.False(t, report.IsPartial(), "%v", report)
}

// plainCheckpoints can do nothing but what every service can.
type plainCheckpoints struct{}

func (plainCheckpoints) Open() (CheckpointsInstance, error) {
	store, err := memory.NewCheckpoints(memory.Config{})
	return plainCheckpointService{store}, err
}

type plainCheckpointService struct{ store *memory.Checkpoints }

func (s plainCheckpointService) Handle() (ports.Checkpoints, error) { return s.store, nil }

func (s plainCheckpointService) Close() error { return nil }

func TestWhatCheckpointsCannotShowIsSaidNotToBeCovered(t *testing.T) {
	report := Checkpoints(t, plainCheckpoints{})
	assert.Len(t, report.NotCovered(), 5, "%v", report)
}
