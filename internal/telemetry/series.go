package telemetry

import (
	"context"
	"sync"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// series are the attributes of one instrument's measurements, by a key that
// takes few values. Those of each value are put together once, so that
// measuring does not allocate.
type series[K comparable] struct {
	fixed      []attribute.KeyValue
	attributes func(K) []attribute.KeyValue

	mu    sync.Mutex
	known map[K]*options
}

type options struct {
	add    []metric.AddOption
	record []metric.RecordOption
}

func newSeries[K comparable](fixed []attribute.KeyValue, attributes func(K) []attribute.KeyValue) *series[K] {
	return &series[K]{fixed: fixed, attributes: attributes, known: make(map[K]*options)}
}

func (s *series[K]) of(key K) *options {
	s.mu.Lock()
	defer s.mu.Unlock()
	known, found := s.known[key]
	if !found {
		all := append(append([]attribute.KeyValue(nil), s.fixed...), s.attributes(key)...)
		set := metric.WithAttributeSet(attribute.NewSet(all...))
		known = &options{add: []metric.AddOption{set}, record: []metric.RecordOption{set}}
		s.known[key] = known
	}
	return known
}

// counter counts by the values of its attributes.
type counter[K comparable] struct {
	instrument metric.Int64Counter
	series     *series[K]
}

func (c counter[K]) add(key K, count int) {
	if count > 0 {
		c.instrument.Add(context.Background(), int64(count), c.series.of(key).add...)
	}
}

// by makes the attributes of a counter that has one.
func by(key attribute.Key) func(string) []attribute.KeyValue {
	return func(value string) []attribute.KeyValue { return []attribute.KeyValue{key.String(value)} }
}

// plain are the attributes of an instrument that has none of its own.
type plain struct{}

func none(plain) []attribute.KeyValue { return nil }

// histogram records seconds, or numbers.
type histogram[K comparable] struct {
	instrument metric.Float64Histogram
	series     *series[K]
}

func (h histogram[K]) record(ctx context.Context, key K, number float64) {
	h.instrument.Record(ctx, number, h.series.of(key).record...)
}
