package streamlease_test

import (
	"bytes"
	"context"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
)

func TestStatusTellsHowTheMemberIs(t *testing.T) {
	inBubble(t, func(w *world) {
		joined := time.Now()
		m := w.join("m1", func(config *streamlease.Config) { config.MaxStreams = 3 })
		require.Equal(w.t, joined, m.Status().ConnectedSince)
		require.True(w.t, m.Status().LastRenewal.IsZero())
		require.Equal(w.t, 3, m.Status().Room)

		w.announce(names(5)...)
		m.added(3)
		time.Sleep(3 * ttl)
		status := m.Status()
		require.Equal(w.t, joined, status.ConnectedSince)
		require.Less(w.t, time.Since(status.LastRenewal), ttl)
		require.Equal(w.t, 3, status.Owned)
		require.Zero(w.t, status.Room)
		require.Equal(w.t, 1, status.Fleet)
		require.EqualValues(w.t, 2, status.Backlog)
		require.GreaterOrEqual(w.t, status.SweepInterval, 30*time.Second)
		require.NoError(w.t, status.LastError)

		w.faults.failing(errCut, all...)
		time.Sleep(3 * ttl)
		status = m.Status()
		require.True(w.t, status.ConnectedSince.IsZero(), "%+v", status)
		require.ErrorIs(w.t, status.LastError, errCut)
		require.Zero(w.t, status.Owned)
		w.faults.failing(nil, all...)
	})
}

func TestAClientThatHasEndedIsNotConnected(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		m.end()
		require.True(w.t, m.Status().ConnectedSince.IsZero())
	})
}

// journalOf is a member's log, to be read when it has ended.
func journalOf(level slog.Level) (*bytes.Buffer, func(*streamlease.Config)) {
	var log bytes.Buffer
	return &log, func(config *streamlease.Config) {
		config.Logger = slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: level}))
	}
}

func TestOwnershipChangesAreOneLineForEachBatch(t *testing.T) {
	inBubble(t, func(w *world) {
		w.announce(names(20)...)
		log, withLog := journalOf(slog.LevelInfo)
		m := w.join("m1", withLog)
		m.added(20)
		m.end()
		require.Contains(w.t, log.String(), `msg="ownership changed" member=m1/`)
		require.Less(w.t, strings.Count(log.String(), "ownership changed"), 20)
		for _, reason := range []string{`began\.assigned`, `ended\.closing`} {
			require.Equal(w.t, 20, sum(w.t, log.String(), reason+`=(\d+)`))
		}
		require.NotContains(w.t, log.String(), "s0001", "names are for Debug")
	})
}

// sum adds the numbers that the pattern finds.
func sum(t *testing.T, text, pattern string) (total int) {
	t.Helper()
	for _, match := range regexp.MustCompile(pattern).FindAllStringSubmatch(text, -1) {
		number, err := strconv.Atoi(match[1])
		require.NoError(t, err)
		total += number
	}
	return total
}

func TestDebugTellsEachChangeAndNoInfo(t *testing.T) {
	inBubble(t, func(w *world) {
		log, withLog := journalOf(slog.LevelDebug)
		m := w.join("m1", withLog)
		require.NoError(w.t, w.one(m, "s1").Done(w.t.Context()))
		m.end()
		require.Contains(w.t, log.String(), `msg="tenure began"`)
		require.Contains(w.t, log.String(), `msg="tenure ended"`)
		require.Contains(w.t, log.String(), "stream=s1:")
		require.NotContains(w.t, log.String(), `"of"`)
		require.NotContains(w.t, log.String(), `\"of\"`)
	})
}

func TestAStreamThatGoesToTheQuarantineIsWarnedOf(t *testing.T) {
	inBubble(t, func(w *world) {
		log, withLog := journalOf(slog.LevelWarn)
		m := w.join("m1", withLog, func(config *streamlease.Config) { config.MaxFailures = 1 })
		require.NoError(w.t, w.one(m, "s1").Fail(w.t.Context(), errCut))
		time.Sleep(time.Minute)
		m.end()
		require.Equal(w.t, 1, strings.Count(log.String(), `msg="a stream goes to the quarantine"`), log)
		require.Contains(w.t, log.String(), `reason="failed 1 times"`)
	})
}

// slow is a handler that takes a while for each line.
type slow struct{ *slog.TextHandler }

func (s slow) Handle(ctx context.Context, record slog.Record) error {
	time.Sleep(100 * time.Millisecond)
	return s.TextHandler.Handle(ctx, record)
}

func (s slow) WithAttrs([]slog.Attr) slog.Handler { return s }

func TestWhatASlowHandlerMissesIsCounted(t *testing.T) {
	inBubble(t, func(w *world) {
		var log bytes.Buffer
		m := w.join("m1", func(config *streamlease.Config) {
			config.Logger = slog.New(slow{slog.NewTextHandler(&log, nil)})
		})
		stream := w.one(m, "s1")
		for range 2000 {
			require.NoError(w.t, stream.HandOff(w.t.Context()))
			stream = m.added(1)["s1"]
		}
		time.Sleep(time.Hour)
		m.end()
		require.Contains(w.t, log.String(), "entries were dropped")
	})
}

// Whoever is told of a stream finds it counted: of the thousand that one step
// begins, the first is told while the others are still on their way.
func TestStatusIsNeverOlderThanWhatWasTold(t *testing.T) {
	for range 20 {
		inBubble(t, func(w *world) {
			w.announce(names(1000)...)
			m := w.join("m1")
			require.False(w.t, m.Status().ConnectedSince.IsZero())
			<-m.notifications
			require.Positive(w.t, m.Status().Owned)
		})
	}
}

func TestStatusNeverBlocks(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		for _, method := range all {
			w.faults.holding(method)
		}
		time.Sleep(ttl)
		start := time.Now()
		m.Status()
		require.Zero(w.t, time.Since(start))
		synctest.Wait()
	})
}

func TestAMemberThatDoesNotTrustItsViewForLongSaysSoOnce(t *testing.T) {
	inBubble(t, func(w *world) {
		log, withLog := journalOf(slog.LevelWarn)
		m := w.join("m1", withLog)
		w.one(m, "s1")
		w.faults.failing(errCut, "Heartbeat")
		time.Sleep(5 * ttl)
		require.True(w.t, m.Status().Stale)
		w.faults.failing(nil, "Heartbeat")
		time.Sleep(2 * ttl)
		require.False(w.t, m.Status().Stale)
		m.end()
		require.Equal(w.t, 1, strings.Count(log.String(), "has taken nothing over"))
	})
}
