package failures_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestFailure14AMemberThatStartsAmongManyPendingEntriesIsReadyAndDisturbsNobody(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 3 * time.Second, SweepInterval: time.Second})
	s.startMembers(1)
	refs := s.announce(streamNames(testsize.Pick(2_001, 10_001))...)
	s.awaitOwned(refs)
	owners := s.books.owners()

	busy, began := s.serverBusy(), s.now()
	s.startMembers(1)
	s.awaitSweeps(1)
	s.awaitRenewals(3)
	share := float64(s.serverBusy()-busy) / float64(s.now()-began)
	t.Logf("Redis was busy for %.1f %% of the time", 100*share)
	assert.Less(t, share, 0.5, "how much of the time Redis was busy")
	s.expectSameOwners(owners)

	// What is new goes to the new member, which has less than its share.
	s.awaitOwned(s.announce("new"))
	assert.Equal(t, "member-2", s.ownersByName()["new"].member.id)
	s.finish()
}

// serverBusy is how much processor time the server has used.
func (s *scenario) serverBusy() (used time.Duration) {
	s.t.Helper()
	text, err := s.keys.client.Info(s.t.Context(), "cpu").Result()
	require.NoError(s.t, err)
	for _, kind := range []string{"user", "sys"} {
		_, after, found := strings.Cut(text, fmt.Sprintf("used_cpu_%s:", kind))
		require.True(s.t, found, "used_cpu_%s in %q", kind, text)
		seconds, err := strconv.ParseFloat(strings.Fields(after)[0], 64)
		require.NoError(s.t, err)
		used += time.Duration(seconds * float64(time.Second))
	}
	return used
}
