package telemetrytest_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/streamlease/streamlease"
)

func TestGaugesTellHowAMemberIsAndEndWithIt(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		m := w.join("m1", func(config *streamlease.Config) {
			config.MaxStreams = 3
			config.TelemetryAttributes = []attribute.KeyValue{attribute.String("service", "orders")}
		})
		w.announce(5)
		m.added(3)
		time.Sleep(ttl)
		got := w.collect()
		mine := []attribute.KeyValue{of("member", "m1"), attribute.String("service", "orders")}
		for name, want := range map[string]float64{
			"streamlease.streams.owned": 3, "streamlease.streams.room": 0, "streamlease.handlers.lingering": 0,
			"streamlease.member.connected": 1, "streamlease.member.stale": 0, "streamlease.fleet.members": 1,
			"streamlease.backlog.size": 2, "streamlease.lease.ttl": 10, "streamlease.sweep.interval": 30,
		} {
			require.Contains(t, got.metrics, name)
			require.InDelta(t, want, got.number(name, mine...), 0, name)
		}
		require.InDelta(t, ttl.Seconds(), got.number("streamlease.backlog.age"), 2)

		m.end()
		require.NotContains(t, w.collect().metrics, "streamlease.streams.owned")
	})
}

func TestAMemberWithoutHeartbeatsTellsNothingOfTheFleet(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		m := w.join("m1")
		m.line.cut.Store(true)
		time.Sleep(3 * ttl)
		got := w.collect()
		require.NotContains(t, got.metrics, "streamlease.backlog.size")
		require.NotContains(t, got.metrics, "streamlease.fleet.members")
		require.Zero(t, got.number("streamlease.member.connected"))
		require.InDelta(t, 1, got.number("streamlease.member.stale"), 0)
		m.line.cut.Store(false)
	})
}

func TestTenuresAndSettlementsAreCountedByWhatTheyWere(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		m := w.join("m1", func(config *streamlease.Config) { config.MaxFailures = 1 })
		w.announce(4)
		streams := m.added(4)
		require.NoError(t, streams[0].Done(t.Context()))
		require.NoError(t, streams[1].HandOff(t.Context()))
		m.added(1)
		require.NoError(t, streams[2].Fail(t.Context(), errors.New("no use")))
		time.Sleep(time.Minute) // until it is tried again, and found to be past help
		_, err := m.Claim(t.Context(), streams[3].Ref())
		require.NoError(t, err)

		got := w.collect()
		require.InDelta(t, 4, got.number("streamlease.tenures.began", of("reason", "assigned")), 0)
		require.InDelta(t, 1, got.number("streamlease.tenures.began", of("reason", "taken_over")), 0)
		require.InDelta(t, 1, got.number("streamlease.tenures.ended", of("outcome", "done"), of("reason", "asked_by_the_application")), 0)
		require.InDelta(t, 2, got.number("streamlease.tenures.ended", of("outcome", "given_back")), 0)
		for outcome, want := range map[string]float64{"done": 1, "handed_off": 1, "failed": 1, "quarantined": 1} {
			require.InDelta(t, want, got.number("streamlease.settlements", of("outcome", outcome)), 0, outcome)
		}
		require.InDelta(t, 5, got.number("streamlease.tenure.failures"), 0)
		require.InDelta(t, 5, got.number("streamlease.tenure.crashes"), 0)
	})
}

func TestRenewalsTellHowMuchTimeWasLeft(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		m := w.join("m1")
		w.announce(1)
		m.added(1)
		time.Sleep(3 * ttl)
		got := w.collect()
		renewals := got.number("streamlease.renewals", of("outcome", "ok"))
		require.Greater(t, renewals, 5.0)
		left := got.histogram("streamlease.lease.time_left")[0]
		require.EqualValues(t, renewals, left.Count)
		// TTL - margin - renewal interval, and no time passes in a call.
		require.InDelta(t, (ttl - ttl/10 - ttl/3).Seconds(), left.Sum/float64(left.Count), 0.1)

		m.line.cut.Store(true)
		time.Sleep(2 * ttl)
		got = w.collect()
		require.Positive(t, got.number("streamlease.renewals", of("outcome", "unknown")))
		require.Positive(t, got.number("streamlease.tenures.ended", of("outcome", "disowned"), of("reason", "local_validity_over")))
		m.line.cut.Store(false)
	})
}

func TestTheTimeToRecoverCountsFromTheExpiry(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		victim := w.join("victim")
		w.announce(100)
		victim.added(100)
		heir := w.join("heir")
		time.Sleep(ttl)
		victim.line.cut.Store(true)
		cutAt := time.Now()
		heir.added(100)
		recovered := time.Since(cutAt)
		require.Less(t, recovered, 2*ttl)

		got := w.collect()
		recoveries := got.histogram("streamlease.recovery.duration", of("member", "heir"))
		require.Len(t, recoveries, 1)
		require.EqualValues(t, 100, recoveries[0].Count)
		longest, _ := recoveries[0].Max.Value()
		require.Less(t, longest, 1.0, "the notifier looks every 50 ms")
		require.Positive(t, recoveries[0].Sum)
		require.InDelta(t, 1, got.number("streamlease.hints", of("member", "heir"), of("kind", "grant")), 0)
		require.InDelta(t, 1, got.number("streamlease.hints", of("member", "heir"), of("kind", "gap")), 0)
		require.InDelta(t, 1, got.number("streamlease.hint.lag", of("member", "heir")), 0)
		require.Zero(t, got.number("streamlease.sweep.recovered"))
		victim.line.cut.Store(false)
	})
}

func TestWhatOnlyTheSweepFindsIsCountedApart(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		victim := w.join("victim")
		w.announce(100)
		victim.added(100)
		heir := w.join("heir")
		time.Sleep(ttl)
		heir.line.deaf.Store(true)
		victim.line.cut.Store(true)
		heir.added(100)
		got := w.collect()
		require.InDelta(t, 100, got.number("streamlease.sweep.recovered", of("member", "heir")), 0)
		require.Zero(t, got.number("streamlease.recovery.duration", of("member", "heir")))
		require.Positive(t, got.number("streamlease.sweeps"))
		require.GreaterOrEqual(t, got.number("streamlease.sweep.listed", of("kind", "round")), 100.0)
		victim.line.cut.Store(false)
	})
}

func TestAHandOffIsNoRecovery(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		first := w.join("first")
		w.announce(10)
		streams := first.added(10)
		second := w.join("second")
		time.Sleep(ttl)
		for _, stream := range streams {
			require.NoError(t, stream.HandOff(t.Context()))
		}
		second.added(10)
		require.Zero(t, w.collect().number("streamlease.recovery.duration"))
		require.Zero(t, w.collect().number("streamlease.sweep.recovered"))
	})
}

func TestCallsToPortsAreTimedByMethodAndOutcome(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		m := w.join("m1")
		w.announce(1)
		stream := m.added(1)[0]
		require.NoError(t, stream.SaveCheckpoint(t.Context(), "5"))
		require.NoError(t, stream.Done(t.Context()))
		time.Sleep(ttl)
		got := w.collect()
		calls := func(port, method, outcome string) float64 {
			return got.number("streamlease.port.call.duration", of("port", port), of("method", method), of("outcome", outcome))
		}
		for _, called := range [][2]string{
			{"source", "Heartbeat"}, {"source", "Fetch"}, {"source", "Take"}, {"source", "Settle"}, {"source", "Sweep"},
			{"leases", "Acquire"}, {"leases", "Release"}, {"notifier", "Publish"}, {"checkpoints", "Save"}, {"checkpoints", "Finish"},
		} {
			require.Positive(t, calls(called[0], called[1], "ok"), "%v", called)
		}
		m.line.cut.Store(true)
		time.Sleep(ttl)
		got = w.collect()
		require.Positive(t, calls("source", "Heartbeat", "unknown"))
		m.line.cut.Store(false)
	})
}

// The names of streams and what producers say of them are for spans and for
// nobody; there is no end to them.
func TestNoMetricHasTheNameOfAStream(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		m := w.join("m1")
		w.announce(100)
		for _, stream := range m.added(100) {
			require.NoError(t, stream.Done(t.Context()))
		}
		sets := 0
		for name, metric := range w.collect().metrics {
			for _, set := range attributesOf(metric) {
				sets++
				for _, attribute := range set.ToSlice() {
					require.NotContains(t, attribute.Value.String(), "name-of-stream", name)
				}
			}
		}
		require.Less(t, sets, 100, "that many series for one member that did little")
	})
}

func attributesOf(metric metricdata.Metrics) (sets []attribute.Set) {
	switch data := metric.Data.(type) {
	case metricdata.Sum[int64]:
		for _, point := range data.DataPoints {
			sets = append(sets, point.Attributes)
		}
	case metricdata.Gauge[float64]:
		for _, point := range data.DataPoints {
			sets = append(sets, point.Attributes)
		}
	case metricdata.Histogram[float64]:
		for _, point := range data.DataPoints {
			sets = append(sets, point.Attributes)
		}
	}
	return sets
}

// The conventions: names in lower case with dots, a unit and a description for
// each, seconds for durations.
func TestNamesAndUnitsFollowTheConventions(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		m := w.join("m1")
		w.announce(1)
		require.NoError(t, m.added(1)[0].Done(t.Context()))
		synctest.Wait()
		for name, metric := range w.collect().metrics {
			require.Regexp(t, `^streamlease(\.[a-z]+(_[a-z]+)*)+$`, name)
			require.NotEmpty(t, metric.Description, name)
			require.Regexp(t, `^(s|1|\{[a-z]+\})$`, metric.Unit, name)
			if strings.HasSuffix(name, "duration") {
				require.Equal(t, "s", metric.Unit, name)
			}
		}
	})
}

func TestAnInitThatFailsLeavesNoGauges(t *testing.T) {
	inBubble(t, func(t *testing.T, w *world) {
		line := &line{}
		line.cut.Store(true)
		client, err := streamlease.New(streamlease.Config{
			Ports: line.wrap(w.service.Ports()), ID: "m1", TTL: ttl, MeterProvider: w.meters,
		})
		require.NoError(t, err)
		_, err = client.Init(t.Context())
		require.Error(t, err)
		require.NoError(t, client.Close(context.Background()))
		require.NotContains(t, w.collect().metrics, "streamlease.streams.owned")
	})
}
