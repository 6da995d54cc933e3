package failures_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/internal/testsize"
)

func TestFailure09ServerSettingsAreLeftAloneAndNoRightToReadThemIsNeeded(t *testing.T) {
	t.Parallel()
	for _, setting := range []string{"", "A", "g$sK"} {
		t.Run(fmt.Sprintf("notify-keyspace-events %q", setting), func(t *testing.T) {
			t.Parallel()
			server := redistest.Start(t, fmt.Sprintf("notify-keyspace-events %q", setting))
			s := newScenarioAt(t, place{server, 0, serviceName}, settings{TTL: 2 * time.Second})
			before := s.notifications()
			s.forbid("-config")
			s.startMembers(3)
			refs := s.announce(streamNames(testsize.Pick(60, 1_000))...)
			s.awaitOwned(refs)

			victim, _ := s.largestOwner()
			victim.kill9()
			s.awaitOwned(refs)
			s.finish()
			assert.Equal(t, before, s.notifications(), "notify-keyspace-events")
			s.expectNothingDenied()
		})
	}
}

// forbid makes the members that are started from now on users without these
// rights.
func (s *scenario) forbid(rights ...any) {
	s.t.Helper()
	rule := append([]any{"ACL", "SETUSER", "member", "on", "nopass", "~*", "&*", "+@all"}, rights...)
	require.NoError(s.t, s.keys.client.Do(s.t.Context(), rule...).Err())
	s.settings.Redis = fmt.Sprintf("redis://member:any@%s/0", s.server.Addr())
}

// expectNothingDenied: nobody even tried what is forbidden.
func (s *scenario) expectNothingDenied() {
	s.t.Helper()
	denied, err := s.keys.client.ACLLog(s.t.Context(), 10).Result()
	require.NoError(s.t, err)
	for _, entry := range denied {
		assert.Fail(s.t, "a member did what it may not", "%s %s", entry.Reason, entry.Object)
	}
}
