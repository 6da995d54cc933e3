package redsync_test

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/redsync"
	"github.com/streamlease/streamlease/internal/lockstest"
	"github.com/streamlease/streamlease/ports"
)

func TestTheLeaseStoreKeepsItsContractOnOneServer(t *testing.T) { conforms(t, 1) }

func TestTheLeaseStoreKeepsItsContractOnAQuorum(t *testing.T) { conforms(t, 3) }

func conforms(t *testing.T, servers int) {
	report := lockstest.Conform(t, servers, open)
	require.Empty(t, report.NotCovered())
}

func TestTheNotifierKeepsItsContractOnOneServer(t *testing.T) { notifierConforms(t, 1) }

func TestTheNotifierKeepsItsContractOnAQuorum(t *testing.T) { notifierConforms(t, 3) }

func notifierConforms(t *testing.T, servers int) {
	report := lockstest.ConformNotifier(t, servers, open, func(service string, clients ...redis.UniversalClient) (ports.ExpiryNotifier, error) {
		return redsync.NewNotifier(service, redsync.NotifierConfig{}, clients...)
	})
	require.Empty(t, report.NotCovered())
}

func open(service string, clients ...redis.UniversalClient) (ports.LeaseStore, error) {
	return redsync.NewLeases(service, clients...)
}
