package failures_test

import (
	"testing"
	"time"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestFailure11OfAllWhoClaimAStreamOneOwnsItForGood(t *testing.T) {
	t.Parallel()
	for name, manual := range map[string]bool{"the clients claim": false, "the applications claim": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newScenario(t, settings{TTL: 2 * time.Second, SweepInterval: time.Second, ManualClaim: manual})
			s.startMembers(4)
			refs := s.announce(streamNames(testsize.Pick(200, 5_000))...)
			s.awaitOwned(refs)
			for range 2 {
				victim, orphans := s.largestOwner()
				victim.kill9()
				s.awaitOwned(refs)
				t.Logf("%d streams were claimed", len(orphans))
				claimed := s.books.owners()
				s.awaitRenewals(4)
				s.awaitSweeps(1)
				s.awaitOwned(refs)
				s.expectSameOwners(claimed)
			}
			s.finish()
		})
	}
}
