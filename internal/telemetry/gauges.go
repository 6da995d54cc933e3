package telemetry

import (
	"context"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/streamlease/streamlease/core"
)

// gauges are read from the member's status whenever somebody collects.
type gauges struct {
	owned, lingering, connected, stale metric.Int64ObservableUpDownCounter

	room                         metric.Float64ObservableGauge
	ttl, sweepInterval           metric.Float64ObservableGauge
	fleet, backlog, backlogOlder metric.Float64ObservableGauge
}

func (m *metrics) observe(make *maker, config Config, fixed []attribute.KeyValue) {
	g := &gauges{
		owned:     make.sum("streamlease.streams.owned", "{stream}", "Streams that this member owns"),
		lingering: make.sum("streamlease.handlers.lingering", "{handler}", "Handlers that have not returned although ownership has ended"),
		connected: make.sum("streamlease.member.connected", "{member}", "1 while the member's heartbeats are answered, else 0"),
		stale:     make.sum("streamlease.member.stale", "{member}", "1 while the member does not trust its view and takes nothing over, else 0"),

		room:          make.gauge("streamlease.streams.room", "{stream}", "Streams that this member could own besides; absent without a limit"),
		ttl:           make.gauge("streamlease.lease.ttl", "s", "Time-to-live of the member's leases"),
		sweepInterval: make.gauge("streamlease.sweep.interval", "s", "Time that a round of the sweep takes at present"),
		fleet:         make.gauge("streamlease.fleet.members", "{member}", "Live members, as this one sees them"),
		backlog:       make.gauge("streamlease.backlog.size", "{assignment}", "Assignments of the whole service that nobody was given yet"),
		backlogOlder:  make.gauge("streamlease.backlog.age", "s", "How long the oldest of them has waited"),
	}
	own := metric.WithAttributeSet(attribute.NewSet(fixed...))
	registration, err := make.meter.RegisterCallback(func(_ context.Context, to metric.Observer) error {
		g.tell(to, config, own)
		return nil
	}, g.owned, g.lingering, g.room, g.connected, g.stale, g.ttl, g.sweepInterval, g.fleet, g.backlog, g.backlogOlder)
	if !make.failed(err) {
		m.registrations = append(m.registrations, registration)
	}
}

func (g *gauges) tell(to metric.Observer, config Config, own metric.ObserveOption) {
	status := config.Status()
	to.ObserveInt64(g.owned, int64(status.Owned), own)
	to.ObserveInt64(g.lingering, int64(status.Lingering), own)
	if status.Room >= 0 {
		to.ObserveFloat64(g.room, float64(status.Room), own)
	}
	to.ObserveInt64(g.stale, bit(status.Stale), own)
	to.ObserveFloat64(g.ttl, config.TTL.Seconds(), own)
	to.ObserveFloat64(g.sweepInterval, status.SweepInterval.Seconds(), own)
	connected := status.ConnectedSince >= 0
	to.ObserveInt64(g.connected, bit(connected), own)
	if connected {
		g.tellFleet(to, status, own)
	}
}

// tellFleet says what the last heartbeat said. Without heartbeats nothing is
// better than something old.
func (g *gauges) tellFleet(to metric.Observer, status core.Status, own metric.ObserveOption) {
	to.ObserveFloat64(g.fleet, float64(status.Members), own)
	to.ObserveFloat64(g.backlog, float64(status.Backlog), own)
	to.ObserveFloat64(g.backlogOlder, status.OldestWait.Seconds(), own)
}

func bit(is bool) int64 {
	if is {
		return 1
	}
	return 0
}
