package combinations_test

import (
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/redistest"
)

// TestEveryCombinationOfAdapters has all that make sense.
func TestEveryCombinationOfAdapters(t *testing.T) {
	three := startServers(t, 3)
	for _, source := range []string{"memory", "goredis"} {
		for _, leases := range []string{"memory", "goredis", "redsync", "redsync quorum", "redislock"} {
			for _, notifier := range notifiersBeside(leases) {
				c := combination{source: source, leases: leases, notifier: notifier}
				if source != "memory" || leases != "memory" || notifier == "goredis" {
					c.servers = three
				}
				t.Run(c.String(), func(t *testing.T) {
					t.Parallel()
					conformance.Combination(t, c)
				})
			}
		}
	}
}

// startServers runs servers that are independent of each other.
func startServers(t *testing.T, count int) *servers {
	started := make([]*redistest.Server, count)
	all := &servers{}
	for i := range started {
		started[i] = redistest.Start(t)
		all.operators = append(all.operators, started[i].Client(t))
	}
	all.clients = func() []redis.UniversalClient {
		clients := make([]redis.UniversalClient, count)
		for i, server := range started {
			clients[i] = redis.NewClient(&redis.Options{Addr: server.Addr()})
		}
		return clients
	}
	return all
}
