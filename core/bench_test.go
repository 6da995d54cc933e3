package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// BenchmarkStep says what a machine with 100,000 owned streams costs, for both
// shapes of the lease store. Compare runs with benchstat:
//
//	go test ./core -run '^$' -bench Step -count 10
//
// Each operation is the whole exchange that its name says, answers included;
// what the bench allocates to make the answers up is counted too.
func BenchmarkStep(b *testing.B) {
	for _, shape := range []GrantShape{GrantPerMember, GrantPerLease} {
		b.Run("shape="+shape.String(), func(b *testing.B) {
			b.Run("renewal", func(b *testing.B) { benchmarkRenewal(b, shape) })
			b.Run("heartbeat", func(b *testing.B) { benchmarkHeartbeat(b, shape) })
			b.Run("assignment", func(b *testing.B) { benchmarkAssignment(b, shape) })
			b.Run("done", func(b *testing.B) { benchmarkDone(b, shape) })
		})
	}
}

const (
	benchStreams = 100_000
	// benchChunk is how many streams come and go between two pauses of the
	// timer, so that the number owned stays the same.
	benchChunk = 1000
	longTime   = 1000 * time.Hour
)

// benchmarkRenewal: a Renew falls due and is answered: the session, or one
// batch of single leases (grants/op says how many).
func benchmarkRenewal(b *testing.B, shape GrantShape) {
	w := newBench(b, Config{Shape: shape, HeartbeatEvery: longTime, MemberExpiry: 2 * longTime})
	b.ReportAllocs()
	b.ResetTimer()
	before := w.renewed
	for b.Loop() {
		w.sleepUntilWoken()
	}
	b.ReportMetric(float64(w.renewed-before)/float64(b.N), "grants/op")
	require.Equal(b, benchStreams, w.machine.owned)
}

// benchmarkHeartbeat: a heartbeat falls due and is answered.
func benchmarkHeartbeat(b *testing.B, shape GrantShape) {
	w := newBench(b, Config{Shape: shape, TTL: longTime, HeartbeatEvery: time.Second})
	b.ReportAllocs()
	b.ResetTimer()
	before := w.beats
	for b.Loop() {
		w.sleepUntilWoken()
	}
	require.GreaterOrEqual(b, w.beats-before, b.N)
}

// benchmarkAssignment: a Fetch brings one stream, which is leased, taken, and
// received by the application.
func benchmarkAssignment(b *testing.B, shape GrantShape) {
	w := newBench(b, Config{Shape: shape, TTL: longTime, HeartbeatEvery: time.Second})
	w.sleepUntilWoken() // the second heartbeat, which lets the member fetch
	refs := w.strangers()
	b.ReportAllocs()
	b.ResetTimer()
	for next := 0; b.Loop(); next++ {
		if next == len(refs) {
			b.StopTimer()
			w.finish(refs)
			refs, next = w.strangers(), 0
			b.StartTimer()
		}
		w.deliver(refs[next])
	}
	require.Greater(b, w.machine.owned, benchStreams)
}

// benchmarkDone: the application is done with one stream, which is settled,
// released, and published.
func benchmarkDone(b *testing.B, shape GrantShape) {
	w := newBench(b, Config{Shape: shape, TTL: longTime, HeartbeatEvery: time.Second})
	w.sleepUntilWoken()
	var refs []StreamRef
	b.ReportAllocs()
	b.ResetTimer()
	for next := 0; b.Loop(); next++ {
		if next == len(refs) {
			b.StopTimer()
			refs, next = w.strangers(), 0
			for _, ref := range refs {
				w.deliver(ref)
			}
			b.StartTimer()
		}
		w.done(refs[next])
	}
	require.GreaterOrEqual(b, w.machine.owned, benchStreams)
}
