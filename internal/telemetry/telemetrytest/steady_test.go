package telemetrytest_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/telemetry"
)

// renewal is what happens all the time while nothing changes: a call to Renew
// that goes well, of so many grants.
type renewal struct {
	command core.SendRenew
	answer  core.RenewAnswered
	heard   []core.Event
}

func newRenewal(grants int) renewal {
	r := renewal{
		command: core.SendRenew{Call: core.Call{Reason: core.ReasonRenewal}, Grants: make([]core.GrantID, grants)},
		answer:  core.RenewAnswered{Results: make([]core.RenewResult, grants)},
	}
	r.heard = []core.Event{r.answer}
	return r
}

func (r renewal) happens(m *telemetry.Member) {
	if observer := m.Observer(); observer != nil {
		_, observation := observer.Begin(context.Background(), r.command)
		observation.Returned(r.answer)
		observation.End()
	}
	m.Heard(r.heard)
	m.Did(nil, r.heard, core.Status{LeftAtRenewal: time.Second})
}

func measured(t testing.TB, config telemetry.Config) *telemetry.Member {
	config.Member, config.TTL = "m1", time.Second
	config.Now = func() time.Duration { return time.Hour }
	config.Status = func() core.Status { return core.Status{} }
	m, err := telemetry.New(config)
	require.NoError(t, err)
	return m
}

func withMetrics() telemetry.Config {
	return telemetry.Config{Meters: metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))}
}

// A member renews ten streams, or a million in pages of 500, for months.
func TestRenewingDoesNotAllocateForEachStream(t *testing.T) {
	m := measured(t, withMetrics())
	allocations := func(grants int) float64 {
		r := newRenewal(grants)
		return testing.AllocsPerRun(100, func() { r.happens(m) })
	}
	one, many := allocations(1), allocations(500)
	t.Logf("%v allocations for a Renew of one grant, %v of 500", one, many)
	require.InDelta(t, one, many, 0.5)
	require.Less(t, many, 10.0)
}

func TestNothingIsAllocatedWhenNothingIsMeasured(t *testing.T) {
	m := measured(t, telemetry.Config{})
	r := newRenewal(500)
	require.Zero(t, testing.AllocsPerRun(100, func() {
		r.happens(m)
		_, request := m.BeginRequest(context.Background(), "Done", "s1")
		request.About(core.StreamRef{Name: "s1"}, 7)
		request.End(nil)
	}))
}

func BenchmarkRenewal(b *testing.B) {
	spans := trace.NewTracerProvider(trace.WithSampler(trace.NeverSample()))
	configs := map[string]telemetry.Config{"off": {}, "metrics": withMetrics(), "spans that are not sampled": {Tracers: spans}}
	for name, config := range configs {
		b.Run(name, func(b *testing.B) {
			m, r := measured(b, config), newRenewal(500)
			b.ReportAllocs()
			for b.Loop() {
				r.happens(m)
			}
		})
	}
}
