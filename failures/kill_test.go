package failures_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestAfterSIGKILLOfOneOfFourAllStreamsAreOwnedAgainEachExactlyOnce(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 3 * time.Second})
	s.startMembers(4)
	refs := s.announce(streamNames(testsize.Pick(1_000, 10_000))...)
	s.awaitOwned(refs)

	victim, orphans := s.largestOwner()
	killed := victim.kill9()
	t.Logf("killed the owner of %d of %d streams; TTL %v", len(orphans), len(refs), s.settings.TTL)
	s.awaitOwned(refs)

	owners := s.books.owners()
	var recovery times
	for ref, earlier := range orphans {
		later := owners[ref][0]
		assert.Greater(t, later.token, earlier.token, "S2: the tokens of %v", ref)
		recovery = append(recovery, later.began-killed)
	}
	t.Logf("owned again after the kill: %v", recovery)
	s.finish()
}
