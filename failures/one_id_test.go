package failures_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestFailure07TwoProcessesWithOneIDAreTwoMembersAndTheFrozenOnesDoneDeletesNothing(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second, ID: "twin"})
	twins := s.startMembers(2)
	refs := s.announce(streamNames(testsize.Pick(20, 1_000))...)
	s.awaitOwned(refs)
	for _, twin := range twins {
		assert.NotEmpty(t, s.books.ownedBy(twin), "one of the twins owns nothing")
	}
	left, err := s.keys.left(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, len(twins), left["members"], "members of the fleet")

	s.freezeTheLargestOwner(refs)
	s.finish()
}
