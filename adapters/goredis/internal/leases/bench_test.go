package leases_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis/internal/leases"
	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

// BenchmarkStore prints, beside Go's own figures, how long the server was busy
// with a lease, by its own count of the scripts' time.
func BenchmarkStore(b *testing.B) {
	const batch = 200
	server := redistest.Start(b)
	raw := server.Client(b)
	c, err := conn.Open(raw, "bench")
	require.NoError(b, err)
	store := leases.New(c, leases.Config{})
	defer store.Close()
	grant, taken := newGrant(), 0
	opened, err := store.Acquire(b.Context(), alice, []ports.AcquireRequest{{Ref: ref("first"), Grant: grant, Open: true}}, long)
	require.NoError(b, err)
	require.NoError(b, opened[0].Err)

	acquire := func(b *testing.B) []ports.ReleaseRequest {
		requests := make([]ports.AcquireRequest, batch)
		for i := range requests {
			taken++
			requests[i] = ports.AcquireRequest{Ref: ports.StreamRef{Name: fmt.Sprintf("stream-%011d", taken), MessageID: "1795440002250-0"}, Grant: grant}
		}
		results, err := store.Acquire(b.Context(), alice, requests, long)
		require.NoError(b, err)
		releases := make([]ports.ReleaseRequest, batch)
		for i, result := range results {
			require.NoError(b, result.Err)
			releases[i].Lease = ports.Lease{Ref: requests[i].Ref, Grant: grant, Token: result.Token}
		}
		return releases
	}
	measured := func(name string, perRun int, run func(b *testing.B)) {
		b.Run(name, func(b *testing.B) {
			require.NoError(b, raw.ConfigResetStat(b.Context()).Err())
			b.ResetTimer()
			run(b)
			b.StopTimer()
			var calls, microseconds int
			stats, err := raw.InfoMap(b.Context(), "commandstats").Result()
			require.NoError(b, err)
			_, err = fmt.Sscanf(stats["Commandstats"]["cmdstat_evalsha"], "calls=%d,usec=%d,", &calls, &microseconds)
			require.NoError(b, err)
			b.ReportMetric(float64(microseconds)/float64(b.N*perRun), "redis-µs/item")
		})
	}
	measured("acquire-200", batch, func(b *testing.B) {
		for b.Loop() {
			acquire(b)
		}
	})
	measured("renew-one-session", 1, func(b *testing.B) {
		for b.Loop() {
			results, err := store.Renew(b.Context(), []ports.GrantID{grant}, long)
			require.NoError(b, err)
			require.NoError(b, results[0].Err)
		}
	})
	measured("acquire-and-release-200", batch, func(b *testing.B) {
		for b.Loop() {
			results, err := store.Release(b.Context(), acquire(b))
			require.NoError(b, err)
			require.True(b, results[0].Changed)
		}
	})
	measured("inspect-200", batch, func(b *testing.B) {
		names := numbered("stream", batch)
		for b.Loop() {
			_, err := store.Inspect(b.Context(), names)
			require.NoError(b, err)
		}
	})
}
