package telemetrytest_test

import (
	"bytes"
	"errors"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/metric/embedded"
	"go.opentelemetry.io/otel/metric/noop"

	"github.com/streamlease/streamlease"
)

var errRefused = errors.New("no more instruments")

// refusing is a provider that makes no instruments.
type refusing struct{ embedded.MeterProvider }

func (refusing) Meter(string, ...metric.MeterOption) metric.Meter { return refusingMeter{} }

type refusingMeter struct{ noop.Meter }

func (refusingMeter) Int64Counter(string, ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	return nil, errRefused
}

func (refusingMeter) Float64Histogram(string, ...metric.Float64HistogramOption) (metric.Float64Histogram, error) {
	return nil, errRefused
}

func (refusingMeter) Float64ObservableGauge(string, ...metric.Float64ObservableGaugeOption) (metric.Float64ObservableGauge, error) {
	return nil, errRefused
}

func (refusingMeter) Int64ObservableUpDownCounter(string, ...metric.Int64ObservableUpDownCounterOption) (metric.Int64ObservableUpDownCounter, error) {
	return nil, errRefused
}

func (refusingMeter) RegisterCallback(metric.Callback, ...metric.Observable) (metric.Registration, error) {
	return nil, errRefused
}

func TestAProviderThatRefusesInstrumentsIsNoReasonNotToServe(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		var log bytes.Buffer
		m := w.join("m1", func(config *streamlease.Config) {
			config.MeterProvider = refusing{}
			config.Logger = slog.New(slog.NewTextHandler(&log, nil))
		})
		w.announce(1)
		require.NoError(t, m.added(1)[0].Done(t.Context()))
		m.end()
		require.Contains(t, log.String(), "some of the metrics are missing")
		require.Contains(t, log.String(), errRefused.Error())
	})
}
