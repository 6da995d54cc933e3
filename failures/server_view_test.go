package failures_test

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// awaitRenewals waits until each session that lives now has been extended so
// many times, by the lease store's word.
func (s *scenario) awaitRenewals(count int) {
	s.t.Helper()
	s.awaitExtended("the sessions were renewed", count, s.sessionDeadlines)
}

// awaitBeats waits until each member that lives now has sent so many
// heartbeats more. After two each has heard what all had said at the first.
func (s *scenario) awaitBeats(count int) {
	s.t.Helper()
	s.awaitExtended("the members have sent a heartbeat", count, s.memberDeadlines)
}

// awaitExtended waits until each of the deadlines that there are now was moved
// so many times.
func (s *scenario) awaitExtended(what string, count int, deadlines func() map[string]float64) {
	s.t.Helper()
	before, extended := deadlines(), map[string]int{}
	all := slices.Collect(maps.Keys(before))
	s.await(fmt.Sprintf("%s %d times", what, count), func() error {
		now := deadlines()
		var missing error
		for _, one := range all {
			if now[one] > before[one] {
				extended[one]++
			}
			if extended[one] < count {
				missing = fmt.Errorf("%q only %d times", one, extended[one])
			}
		}
		before = now
		return missing
	})
}

// memberDeadlines is when each member has left without another heartbeat, in
// milliseconds of the server's clock.
func (s *scenario) memberDeadlines() map[string]float64 {
	s.t.Helper()
	deadlines := map[string]float64{}
	fleet, err := s.keys.client.HGetAll(s.t.Context(), s.keys.key("fleet")).Result()
	require.NoError(s.t, err)
	for field, text := range fleet {
		if strings.HasPrefix(field, "member:") {
			deadlines[field], err = strconv.ParseFloat(strings.Fields(text)[0], 64)
			require.NoError(s.t, err)
		}
	}
	return deadlines
}

// sessionDeadlines is when each session expires, in microseconds of the
// server's clock.
func (s *scenario) sessionDeadlines() map[string]float64 {
	s.t.Helper()
	deadlines := map[string]float64{}
	all, err := s.keys.client.ZRangeWithScores(s.t.Context(), s.keys.key("sessions"), 0, -1).Result()
	require.NoError(s.t, err)
	for _, session := range all {
		deadlines[session.Member.(string)] = session.Score
	}
	return deadlines
}

// awaitIdle waits until each delivery has been idle for so long, by the server's
// word: renewing does not touch it.
func (s *scenario) awaitIdle(count int, idle time.Duration) {
	s.t.Helper()
	s.await(fmt.Sprintf("each delivery has been idle for %v", idle), func() error {
		pending, err := s.keys.client.XPendingExt(s.t.Context(), &redis.XPendingExtArgs{
			Stream: s.keys.stream(), Group: s.keys.group(), Idle: idle, Start: "-", End: "+", Count: int64(count),
		}).Result()
		if err == nil && len(pending) < count {
			err = fmt.Errorf("%d of %d have", len(pending), count)
		}
		return err
	})
}

// awaitSweeps waits until so many further rounds of the sweep have begun.
func (s *scenario) awaitSweeps(rounds int) {
	s.t.Helper()
	began := s.sweeps()
	s.await(fmt.Sprintf("%d rounds of the sweep", rounds), func() error {
		if now := s.sweeps(); now <= began+rounds {
			return fmt.Errorf("%d rounds have begun", now-began)
		}
		return nil
	})
}

func (s *scenario) sweeps() int {
	s.t.Helper()
	number, err := s.keys.client.HGet(s.t.Context(), s.keys.key("sweep"), "number").Int()
	if err != redis.Nil {
		require.NoError(s.t, err)
	}
	return number
}
