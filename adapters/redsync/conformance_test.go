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
	report := lockstest.Conform(t, servers, func(service string, clients ...redis.UniversalClient) (ports.LeaseStore, error) {
		return redsync.NewLeases(service, clients...)
	})
	require.Empty(t, report.NotCovered())
}
