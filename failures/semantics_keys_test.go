package failures_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/testsize"
)

// An eviction policy, an operator and a wrong script have one thing in common.
func TestEachKeyThatVanishesUnderLiveOwnersOrphansNothing(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second, SweepInterval: time.Second})
	s.startMembers(2)
	s.awaitOwned(s.announceMore(testsize.Pick(40, 2_000)))
	for _, key := range s.keysThatCanBeMadeAgain() {
		owners := s.books.owners()
		gone, err := s.keys.client.Unlink(t.Context(), key).Result()
		require.NoError(t, err)
		s.announceMore(2)
		s.awaitOwned(s.announced)
		s.awaitBeats(2)
		s.awaitOwned(s.announced)
		t.Logf("%-60s there: %d, tenures that ended: %d of %d", key, gone, s.ended(owners), len(owners))
	}
	s.expectNothingCounted(s.announced, nil)
	s.finish()
}

// keysThatCanBeMadeAgain are all but the stream of announcements itself.
func (s *scenario) keysThatCanBeMadeAgain() (keys []string) {
	grants, err := s.keys.client.ZRange(s.t.Context(), s.keys.key("sessions"), 0, 0).Result()
	require.NoError(s.t, err)
	require.Len(s.t, grants, 1)
	keys = append(keys, s.keys.key("session:"+grants[0]))
	for _, name := range []string{
		"layout", "records", "endings", "due", "sweep", "fleet", "sessions", "session-states", "leases", "token",
	} {
		keys = append(keys, s.keys.key(name))
	}
	return keys
}

// ended is how many of the tenures are over.
func (s *scenario) ended(owners map[streamlease.StreamRef][]tenure) (count int) {
	for _, owner := range owners {
		if s.books.of(owner[0]).over {
			count++
		}
	}
	return count
}

func TestMembersWaitWhileTheirServerLoadsItsData(t *testing.T) {
	t.Parallel()
	s, refs := newOutage(t, outage{}, 2*time.Second)
	require.NoError(t, s.keys.client.Eval(t.Context(), "for i = 1, 10000 do redis.call('SET', 'ballast' .. i, i) end return 1", nil).Err())
	before, began := s.books.owners(), s.now()
	s.server.Stop()
	s.server.Launch("key-load-delay 500", "loading-process-events-interval-bytes 1024")
	s.awaitEachDisowned(before, began)
	s.server.AwaitReady()
	t.Logf("the server was away, and then loading, for %v", (s.now() - began).Round(time.Millisecond))
	s.awaitOwned(refs)
	s.expectNothingCounted(refs, before)
	s.finish()
}
