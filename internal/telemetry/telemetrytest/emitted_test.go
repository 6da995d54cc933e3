package telemetrytest_test

import (
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/stretchr/testify/require"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/sdk/metric"
)

// series is what Prometheus would find: for each name the labels, and their
// values.
type series map[string]map[string]map[string]bool

func (s series) add(name, label, value string) {
	if s[name] == nil {
		s[name] = map[string]map[string]bool{}
	}
	if s[name][label] == nil {
		s[name][label] = map[string]bool{}
	}
	s[name][label][value] = true
}

// emitted is what a fleet in turmoil shows to Prometheus, and the names and
// attributes of its instruments.
func emitted(t *testing.T) (shown series, instruments map[string]map[string]bool) {
	t.Helper()
	shown, instruments = series{}, map[string]map[string]bool{}
	inBubble(t, func(t *testing.T, w *world) {
		registry := prometheus.NewRegistry()
		reader, err := exporter.New(exporter.WithRegisterer(registry), exporter.WithoutScopeInfo(), exporter.WithoutTargetInfo())
		require.NoError(t, err)
		w.reader = metric.NewManualReader()
		w.meters = metric.NewMeterProvider(metric.WithReader(w.reader), metric.WithReader(reader))
		turmoil(t, w)
		shown.gather(t, registry)
		for name, data := range w.collect().metrics {
			instruments[name] = map[string]bool{}
			for _, set := range attributesOf(data) {
				for _, attribute := range set.ToSlice() {
					instruments[name][string(attribute.Key)] = true
				}
			}
		}
	})
	return shown, instruments
}

func (s series) gather(t *testing.T, registry *prometheus.Registry) {
	families, err := registry.Gather()
	require.NoError(t, err)
	for _, family := range families {
		for _, metric := range family.GetMetric() {
			names := []string{family.GetName()}
			if metric.GetHistogram() != nil {
				names = []string{family.GetName() + "_bucket", family.GetName() + "_sum", family.GetName() + "_count"}
				s.add(names[0], "le", "")
			}
			for _, name := range names {
				for _, label := range metric.GetLabel() {
					s.add(name, label.GetName(), label.GetValue())
				}
			}
		}
	}
}
