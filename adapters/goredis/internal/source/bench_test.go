package source

import (
	"fmt"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

// The benchmarks report what each item costs the server in CPU time
// (redis-ns/item), parsing and replying included: that is what a batch holds up
// everybody else for. What Go measures has the preparation in it.

const benchmarkBatch = 200

func BenchmarkTake(b *testing.B) {
	bench := newBenchmark(b)
	for b.Loop() {
		refs := bench.fetched()
		bench.measure(func() { bench.take(alice, refs, 7) })
	}
	bench.report()
}

func BenchmarkTakeOver(b *testing.B) {
	bench := newBenchmark(b)
	for b.Loop() {
		refs := bench.fetched()
		bench.take(alice, refs, 7)
		bench.measure(func() { bench.take(bob, refs, 8) })
	}
	bench.report()
}

func BenchmarkFetch(b *testing.B) {
	bench := newBenchmark(b)
	for b.Loop() {
		bench.announce()
		bench.measure(func() { bench.fetch() })
	}
	bench.report()
}

func BenchmarkSettle(b *testing.B) {
	for _, outcome := range []ports.Outcome{ports.Done, ports.HandedOff, ports.Failed, ports.Quarantined} {
		b.Run(outcome.String(), func(b *testing.B) {
			bench := newBenchmark(b)
			for b.Loop() {
				refs := bench.fetched()
				bench.take(alice, refs, 7)
				bench.measure(func() { bench.settle(alice, refs, 7, outcome) })
			}
			bench.report()
		})
	}
}

func BenchmarkDeliveries(b *testing.B) {
	bench := newBenchmark(b)
	refs := bench.fetched()
	bench.take(alice, refs, 7)
	for b.Loop() {
		bench.measure(func() {
			page, err := bench.source.Deliveries(b.Context(), alice, "", benchmarkBatch)
			require.NoError(b, err)
			require.Len(b, page.Deliveries, benchmarkBatch)
		})
	}
	bench.report()
}

func BenchmarkSweepRound(b *testing.B) {
	bench := newBenchmark(b)
	for range 10 {
		bench.take(alice, bench.fetched(), 7)
	}
	for b.Loop() {
		bench.measure(func() {
			page, err := bench.source.Sweep(b.Context(), alice, ports.SweepRequest{Limit: benchmarkBatch})
			require.NoError(b, err)
			require.Len(b, page.Round, benchmarkBatch)
		})
	}
	bench.report()
}

func BenchmarkHeartbeat(b *testing.B) {
	bench := newBenchmark(b)
	const members = 128
	version := int64(0)
	beat := func(i int) {
		fleet, err := bench.source.Heartbeat(b.Context(), ports.Beat{Member: member(fmt.Sprint("m", i%members)), HasRoom: true, Expiry: 1 << 40, FleetVersion: version})
		require.NoError(b, err)
		version = fleet.Version
	}
	for i := range members {
		beat(i)
	}
	bench.announce()
	i := 0
	for b.Loop() {
		bench.measure(func() { beat(i) })
		i++
	}
	bench.reportFor(1)
}

type benchmark struct {
	*testing.B
	source *Source
	server *redistest.Server
	info   func() string
	spent  float64 // seconds of the server's CPU
}

func newBenchmark(b *testing.B) *benchmark {
	b.Helper()
	server := redistest.Start(b)
	opened, err := conn.Open(server.Client(b), "orders")
	require.NoError(b, err)
	source := New(opened)
	b.Cleanup(func() { require.NoError(b, source.Close()) })
	admin := server.Client(b)
	return &benchmark{B: b, source: source, server: server, info: func() string {
		return admin.Info(b.Context(), "cpu").Val()
	}}
}

func (b *benchmark) announce() {
	assignments := make([]ports.Assignment, benchmarkBatch)
	for i := range assignments {
		assignments[i] = ports.Assignment{Ref: ports.StreamRef{Name: fmt.Sprintf("session-%010d", i)}, Info: ports.Info(`{"tenant":"a"}`)}
	}
	_, err := b.source.Announce(b.Context(), assignments)
	require.NoError(b, err)
}

func (b *benchmark) fetch() []ports.StreamRef {
	fetched, err := b.source.Fetch(b.Context(), alice, benchmarkBatch, 0)
	require.NoError(b, err)
	require.Len(b, fetched.Assignments, benchmarkBatch)
	return refsOf(fetched.Assignments)
}

func (b *benchmark) fetched() []ports.StreamRef {
	b.announce()
	return b.fetch()
}

func (b *benchmark) take(who ports.Member, refs []ports.StreamRef, token ports.Token) {
	requests := make([]ports.TakeRequest, len(refs))
	for i, ref := range refs {
		requests[i] = ports.TakeRequest{Ref: ref, Token: token}
	}
	results, err := b.source.Take(b.Context(), who, requests)
	require.NoError(b, err)
	for _, result := range results {
		require.NoError(b, result.Err)
	}
}

func (b *benchmark) settle(who ports.Member, refs []ports.StreamRef, token ports.Token, outcome ports.Outcome) {
	settlements := make([]ports.Settlement, len(refs))
	for i, ref := range refs {
		settlements[i] = ports.Settlement{Ref: ref, Token: token, Outcome: outcome, Reason: "because"}
	}
	results, err := b.source.Settle(b.Context(), who, settlements)
	require.NoError(b, err)
	for _, result := range results {
		require.NoError(b, result.Err)
	}
}

var mainThread = regexp.MustCompile(`used_cpu_(?:sys|user)_main_thread:([0-9.]+)`)

func (b *benchmark) serverTime() (seconds float64) {
	for _, match := range mainThread.FindAllStringSubmatch(b.info(), -1) {
		spent, err := strconv.ParseFloat(match[1], 64)
		require.NoError(b, err)
		seconds += spent
	}
	return seconds
}

func (b *benchmark) measure(work func()) {
	before := b.serverTime()
	work()
	b.spent += b.serverTime() - before
}

func (b *benchmark) report() { b.reportFor(benchmarkBatch) }

func (b *benchmark) reportFor(items int) {
	b.ReportMetric(b.spent*1e9/float64(b.N*items), "redis-ns/item")
}
