package goredis_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/examined"
	"github.com/streamlease/streamlease/ports"
)

func TestTheCheckpointsKeepTheirContract(t *testing.T) {
	report := conformance.Checkpoints(t, checkpointsHarness{examined.Start(t, 1)})
	require.Empty(t, report.NotCovered())
}

// checkpointsHarness makes services on one server.
type checkpointsHarness struct{ *examined.Servers }

func (h checkpointsHarness) Open() (conformance.CheckpointsInstance, error) {
	return &checkpointsInstance{h.NewService()}, nil
}

type checkpointsInstance struct{ *examined.Service }

func (i *checkpointsInstance) Handle() (ports.Checkpoints, error) { return i.HandleWith(0) }

func (i *checkpointsInstance) HandleWith(kind conformance.Mishap) (ports.Checkpoints, error) {
	client, err := i.Client(0, kind)
	if err != nil {
		return nil, err
	}
	return goredis.NewCheckpoints(client, i.Name)
}

// Age brings the end of every key nearer that has one.
func (i *checkpointsInstance) Age(by time.Duration) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	keys, err := i.Keys()
	if err != nil {
		return err
	}
	for _, key := range keys {
		left, err := i.Operators[0].PTTL(ctx, key).Result()
		if err != nil {
			return err
		}
		if left < 0 {
			continue // it has none
		}
		if err := i.Operators[0].PExpire(ctx, key, left-by).Err(); err != nil {
			return err
		}
	}
	return nil
}
