package telemetry

import (
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"
)

// metrics are the instruments of one member. docs/operations/metrics.md says
// what each is for.
type metrics struct {
	began     counter[string]
	ended     counter[ending]
	settled   counter[string]
	renewed   counter[string]
	hints     counter[string]
	sweeps    counter[plain]
	listed    counter[string]
	sweptUp   counter[plain]
	failures  histogram[plain]
	crashes   histogram[plain]
	timeLeft  histogram[plain]
	recovery  histogram[plain]
	hintLag   histogram[plain]
	callTimes histogram[callKey]

	free          *freeStreams
	registrations []metric.Registration
}

// ending is how a tenure ended for its owner, and why.
type ending struct{ outcome, reason string }

func (e ending) attributes() []attribute.KeyValue {
	return []attribute.KeyValue{outcomeKey.String(e.outcome), reasonKey.String(e.reason)}
}

// callKey is which method of which port answered what.
type callKey struct{ port, method, outcome string }

func (c callKey) attributes() []attribute.KeyValue {
	return []attribute.KeyValue{portKey.String(c.port), methodKey.String(c.method), outcomeKey.String(c.outcome)}
}

// Where the buckets of the histograms end.
var (
	callBuckets     = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}
	leftBuckets     = []float64{0, .05, .1, .25, .5, 1, 2, 3, 4, 5, 6, 7, 8, 10, 15, 20, 30, 60}
	recoveryBuckets = []float64{.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 20, 30, 60, 120, 300}
	lagBuckets      = []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 300}
	countBuckets    = []float64{0, 1, 2, 3, 4, 5, 7, 10, 15, 20, 30}
)

func newMetrics(config Config, fixed []attribute.KeyValue) (*metrics, error) {
	make := &maker{meter: config.Meters.Meter(Scope), fixed: fixed}
	m := &metrics{
		free: newFreeStreams(),
		began: newCounter(make, "streamlease.tenures.began", "{tenure}",
			"Tenures that began: streams of which this member became the owner", by(reasonKey)),
		ended: newCounter(make, "streamlease.tenures.ended", "{tenure}",
			"Tenures that ended, by what that means for the owner, and why", ending.attributes),
		settled: newCounter(make, "streamlease.settlements", "{settlement}",
			"Tenures whose end the source has confirmed", by(outcomeKey)),
		renewed: newCounter(make, "streamlease.renewals", "{grant}",
			"Renewals of grants: the member's session, or each lease", by(outcomeKey)),
		hints: newCounter(make, "streamlease.hints", "{hint}",
			"Hints received; a gap says that some may have been missed", by(kindKey)),
		sweeps: newCounter(make, "streamlease.sweeps", "{page}",
			"Pages of the sweep that this member went through", none),
		listed: newCounter(make, "streamlease.sweep.listed", "{assignment}",
			"Assignments on these pages: given back and due, or part of the fleet's round", by(kindKey)),
		sweptUp: newCounter(make, "streamlease.sweep.recovered", "{stream}",
			"Streams that this member took over because a sweep, and no hint, told of them", none),
		failures: newHistogram(make, "streamlease.tenure.failures", "{failure}",
			"Failures that stand against a stream when a tenure of it begins", countBuckets, none),
		crashes: newHistogram(make, "streamlease.tenure.crashes", "{crash}",
			"Crashes that stand against a stream when a tenure of it begins", countBuckets, none),
		timeLeft: newHistogram(make, "streamlease.lease.time_left", "s",
			"Validity that leases had left when their renewal was answered", leftBuckets, none),
		recovery: newHistogram(make, "streamlease.recovery.duration", "s",
			"Time from the expiry of a stream's lease to its new owner", recoveryBuckets, none),
		hintLag: newHistogram(make, "streamlease.hint.lag", "s",
			"Time from an expiry to the hint of it, where the notifier knows", lagBuckets, none),
		callTimes: newHistogram(make, "streamlease.port.call.duration", "s",
			"Duration of calls to ports; Fetch includes its waiting", callBuckets, callKey.attributes),
	}
	m.observe(make, config, fixed)
	return m, make.err()
}
