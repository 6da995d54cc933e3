package telemetry

import (
	"errors"
	"fmt"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"

	"github.com/streamlease/streamlease/core"
)

// Config says where measurements go, and whose they are.
type Config struct {
	Meters  metric.MeterProvider // nil: no metrics
	Tracers trace.TracerProvider // nil: no spans
	// Member is the member's ID.
	Member string
	// Attributes go with every measurement and span.
	Attributes []attribute.KeyValue
	// TTL is that of the member's leases.
	TTL time.Duration
	// Now is the clock of the member's machine. Called concurrently.
	Now func() time.Duration
	// Status is what the machine knows. Called concurrently; it must not block.
	Status func() core.Status
}

// Member measures one member. A nil *Member measures nothing. Heard and Did
// belong to the member's loop; every other method may be called concurrently.
type Member struct {
	now    func() time.Duration
	spans  *spans   // nil: no spans
	meters *metrics // nil: no metrics
}

// New begins to measure a member. With neither provider it returns nil. With an
// error, which says what the providers refused, the rest is measured.
func New(config Config) (*Member, error) {
	if config.Meters == nil && config.Tracers == nil {
		return nil, nil
	}
	fixed := append([]attribute.KeyValue{memberKey.String(config.Member)}, config.Attributes...)
	m := &Member{now: config.Now}
	if config.Tracers != nil {
		m.spans = &spans{tracer: config.Tracers.Tracer(Scope), fixed: fixed}
	}
	if config.Meters == nil {
		return m, nil
	}
	var err error
	if m.meters, err = newMetrics(config, fixed); err != nil {
		return m, fmt.Errorf("the meter provider refused: %w", err)
	}
	return m, nil
}

// Close ends the gauges, whose last values would be shown for ever.
func (m *Member) Close() error {
	if m == nil || m.meters == nil {
		return nil
	}
	var problems []error
	for _, registration := range m.meters.registrations {
		problems = append(problems, registration.Unregister())
	}
	return errors.Join(problems...)
}
