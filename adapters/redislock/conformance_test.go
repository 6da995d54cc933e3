package redislock_test

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/redislock"
	"github.com/streamlease/streamlease/internal/lockstest"
	"github.com/streamlease/streamlease/ports"
)

func TestTheLeaseStoreKeepsItsContract(t *testing.T) {
	report := lockstest.Conform(t, 1, func(service string, clients ...redis.UniversalClient) (ports.LeaseStore, error) {
		return redislock.NewLeases(clients[0], service)
	})
	require.Empty(t, report.NotCovered())
}
