package telemetry

import (
	"errors"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/noop"
)

// maker makes instruments and gathers what went wrong: a metric that the
// provider refuses is no reason not to serve.
type maker struct {
	meter    metric.Meter
	fixed    []attribute.KeyValue
	problems []error
}

func newCounter[K comparable](m *maker, name, unit, description string, attributes func(K) []attribute.KeyValue) counter[K] {
	instrument, err := m.meter.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
	if m.failed(err) {
		instrument = noop.Int64Counter{}
	}
	return counter[K]{instrument, newSeries(m.fixed, attributes)}
}

func newHistogram[K comparable](m *maker, name, unit, description string, buckets []float64, attributes func(K) []attribute.KeyValue) histogram[K] {
	instrument, err := m.meter.Float64Histogram(name, metric.WithUnit(unit), metric.WithDescription(description),
		metric.WithExplicitBucketBoundaries(buckets...))
	if m.failed(err) {
		instrument = noop.Float64Histogram{}
	}
	return histogram[K]{instrument, newSeries(m.fixed, attributes)}
}

func (m *maker) gauge(name, unit, description string) metric.Float64ObservableGauge {
	instrument, err := m.meter.Float64ObservableGauge(name, metric.WithUnit(unit), metric.WithDescription(description))
	if m.failed(err) {
		return noop.Float64ObservableGauge{}
	}
	return instrument
}

// sum is a gauge of what may be added up over members.
func (m *maker) sum(name, unit, description string) metric.Int64ObservableUpDownCounter {
	instrument, err := m.meter.Int64ObservableUpDownCounter(name, metric.WithUnit(unit), metric.WithDescription(description))
	if m.failed(err) {
		return noop.Int64ObservableUpDownCounter{}
	}
	return instrument
}

func (m *maker) failed(err error) bool {
	if err != nil {
		m.problems = append(m.problems, err)
	}
	return err != nil
}

func (m *maker) err() error { return errors.Join(m.problems...) }
