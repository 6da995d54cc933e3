package redislock_test

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/redislock"
	"github.com/streamlease/streamlease/internal/lockstest"
	"github.com/streamlease/streamlease/ports"
)

func open(service string, clients ...redis.UniversalClient) (ports.LeaseStore, error) {
	return redislock.NewLeases(clients[0], service)
}

func TestTheLeaseStoreKeepsItsContract(t *testing.T) {
	report := lockstest.Conform(t, 1, open)
	require.Empty(t, report.NotCovered())
}

func TestTheNotifierKeepsItsContract(t *testing.T) {
	report := lockstest.ConformNotifier(t, 1, open, func(service string, clients ...redis.UniversalClient) (ports.ExpiryNotifier, error) {
		return redislock.NewNotifier(clients[0], service, redislock.NotifierConfig{})
	})
	require.Empty(t, report.NotCovered())
}
