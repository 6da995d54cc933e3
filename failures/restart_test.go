package failures_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestFailure06AfterARestartOfRedisNothingIsOrphanedAndLaterCrashesAreNoticed(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second})
	s.startMembers(3)
	refs := s.announce(streamNames(testsize.Pick(200, 2_000))...)
	s.awaitOwned(refs)

	outage := testsize.Pick(3*time.Second, 5*time.Second)
	s.server.Stop()
	<-time.After(outage)
	s.server.Launch()
	s.server.AwaitReady()
	t.Logf("Redis was away for %v; TTL %v", outage, s.settings.TTL)
	s.awaitOwned(refs)
	for ref, owners := range s.books.owners() {
		assert.Zero(t, owners[0].failures+owners[0].crashes, "the outage was counted against %v", ref)
	}

	victim, orphans := s.largestOwner()
	killed := victim.kill9()
	s.awaitOwned(refs)
	owners := s.books.owners()
	var recovery times
	for ref := range orphans {
		recovery = append(recovery, owners[ref][0].began-killed)
	}
	t.Logf("killed the owner of %d streams after the restart; owned again: %v", len(orphans), recovery)
	require.Equal(t, "", s.notifications(), "notify-keyspace-events, which nobody needs")
	s.finish()
}

// notifications is the server's setting notify-keyspace-events.
func (s *scenario) notifications() string {
	s.t.Helper()
	setting, err := s.keys.client.ConfigGet(s.t.Context(), "notify-keyspace-events").Result()
	require.NoError(s.t, err)
	return setting["notify-keyspace-events"]
}
