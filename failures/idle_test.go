package failures_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestFailure13NobodyTakesTheStreamsOfALiveOwnerHoweverLongTheirDeliveriesAreIdle(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: time.Second, SweepInterval: 500 * time.Millisecond})
	s.startMembers(2)
	refs := s.announce(streamNames(testsize.Pick(200, 5_000))...)
	s.awaitOwned(refs)
	owners := s.books.owners()

	s.awaitIdle(len(refs), 3*s.settings.TTL)
	s.startMembers(1) // which takes a look at all that is pending, too
	s.awaitSweeps(2)
	s.awaitOwned(refs)
	s.expectSameOwners(owners)
	for _, ref := range refs {
		assert.Len(t, s.books.history(ref.Name), 1, "tenures of %v", ref)
	}
	s.finish()
}
