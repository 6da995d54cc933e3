package failures_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestFailure04AGracefulShutdownKeepsWhatIsUnfinished(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: time.Minute})
	s.startMembers(2)
	refs := s.announce(streamNames(testsize.Pick(100, 10_000))...)
	s.awaitOwned(refs)

	s.endMembers()
	left, err := s.keys.left(t.Context())
	require.NoError(t, err)
	assert.EqualValues(t, len(refs), left["entries"], "unfinished assignments after everybody has closed")
	assert.Zero(t, left["leases"], "leases after everybody has closed")

	s.startMembers(1)
	s.awaitOwned(refs)
	for ref, owners := range s.books.owners() {
		assert.Zero(t, owners[0].failures+owners[0].crashes, "the shutdown was counted against %v", ref)
	}
	s.finish()
}
