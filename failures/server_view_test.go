package failures_test

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
)

// awaitRenewals waits until each session that lives now has been extended so
// many times, by the lease store's word.
func (s *scenario) awaitRenewals(count int) {
	s.t.Helper()
	before, renewed := s.deadlines(), map[string]int{}
	sessions := slices.Collect(maps.Keys(before))
	s.await(fmt.Sprintf("%d sessions were renewed %d times", len(sessions), count), func() error {
		now := s.deadlines()
		var missing error
		for _, session := range sessions {
			if now[session] > before[session] {
				renewed[session]++
			}
			if renewed[session] < count {
				missing = fmt.Errorf("%q was renewed %d times", session, renewed[session])
			}
		}
		before = now
		return missing
	})
}

// deadlines is when each session expires, in microseconds of the server's
// clock.
func (s *scenario) deadlines() map[string]float64 {
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
