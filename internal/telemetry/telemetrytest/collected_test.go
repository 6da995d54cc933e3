package telemetrytest_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
)

// collected is what the SDK has measured, by the names of the instruments.
type collected struct {
	t       *testing.T
	metrics map[string]metricdata.Metrics
}

func (w *world) collect() collected {
	w.t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(w.t, w.reader.Collect(context.Background(), &all))
	c := collected{t: w.t, metrics: make(map[string]metricdata.Metrics)}
	for _, scope := range all.ScopeMetrics {
		for _, metric := range scope.Metrics {
			c.metrics[metric.Name] = metric
		}
	}
	return c
}

// number adds up what an instrument says under the attributes: values, or how
// often a histogram was told.
func (c collected) number(name string, where ...attribute.KeyValue) (total float64) {
	c.t.Helper()
	switch data := c.metrics[name].Data.(type) {
	case nil:
	case metricdata.Sum[int64]:
		for _, point := range matching(data.DataPoints, where) {
			total += float64(point.Value)
		}
	case metricdata.Gauge[float64]:
		for _, point := range matching(data.DataPoints, where) {
			total += point.Value
		}
	case metricdata.Histogram[float64]:
		for _, point := range c.histogram(name, where...) {
			total += float64(point.Count)
		}
	default:
		require.Fail(c.t, "unexpected data", "%s is %T", name, data)
	}
	return total
}

func (c collected) histogram(name string, where ...attribute.KeyValue) (points []metricdata.HistogramDataPoint[float64]) {
	c.t.Helper()
	data, found := c.metrics[name].Data.(metricdata.Histogram[float64])
	require.True(c.t, found, "%s is no histogram: %+v", name, c.metrics[name])
	for _, point := range data.DataPoints {
		if has(point.Attributes, where) {
			points = append(points, point)
		}
	}
	return points
}

func matching[N int64 | float64](points []metricdata.DataPoint[N], where []attribute.KeyValue) (found []metricdata.DataPoint[N]) {
	for _, point := range points {
		if has(point.Attributes, where) {
			found = append(found, point)
		}
	}
	return found
}

func has(set attribute.Set, where []attribute.KeyValue) bool {
	for _, wanted := range where {
		if value, found := set.Value(wanted.Key); !found || value != wanted.Value {
			return false
		}
	}
	return true
}

func of(key, value string) attribute.KeyValue {
	return attribute.String("streamlease."+key, value)
}
