package lockstest

import (
	"fmt"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

// BenchmarkRenew renews a thousand leases at once, and prints beside Go's own
// figures the processor time that one costs the client: the goal is 12 µs.
func (s Suite) BenchmarkRenew(b *testing.B) {
	const leases = 1000
	clients := make([]redis.UniversalClient, s.Servers)
	for i := range clients {
		clients[i] = redistest.Start(b).Client(b)
	}
	store, err := s.Open(clients...)
	require.NoError(b, err)
	defer store.Close()
	requests := make([]ports.AcquireRequest, leases)
	grants := make([]ports.GrantID, leases)
	for i := range requests {
		requests[i] = opening(fmt.Sprintf("stream-%011d", i))
		grants[i] = requests[i].Grant
	}
	acquired, err := store.Acquire(b.Context(), alice, requests, long)
	require.NoError(b, err)
	for _, result := range acquired {
		require.NoError(b, result.Err)
	}
	before := processorTime(b)
	for b.Loop() {
		results, err := store.Renew(b.Context(), grants, long)
		require.NoError(b, err)
		for _, result := range results {
			require.NoError(b, result.Err)
		}
	}
	spent := processorTime(b) - before
	b.ReportMetric(float64(spent.Microseconds())/float64(b.N*leases), "client-µs/lease")
}

// processorTime is what this process has used.
func processorTime(b *testing.B) time.Duration {
	var usage syscall.Rusage
	require.NoError(b, syscall.Getrusage(syscall.RUSAGE_SELF, &usage))
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}
