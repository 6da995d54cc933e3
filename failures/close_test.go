package failures_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestClosePassesEverythingOnWithoutWaitingForALease(t *testing.T) {
	t.Parallel()
	// Whoever waits for a lease waits almost a minute.
	const bound = 30 * time.Second
	s := newScenario(t, settings{TTL: time.Minute})
	s.startMembers(3)
	refs := s.announce(streamNames(testsize.Pick(300, 10_000))...)
	s.awaitOwned(refs)

	leaving, passedOn := s.largestOwner()
	t.Logf("closing the owner of %d of %d streams; TTL %v", len(passedOn), len(refs), s.settings.TTL)
	closing := leaving.beginClose()
	s.awaitOwned(refs)
	leaving.awaitEnd()

	owners := s.books.owners()
	var gaps times
	for ref := range passedOn {
		next := owners[ref][0]
		gaps = append(gaps, next.began-closing)
		assert.Less(t, next.began-closing, bound, "%v waited for its lease to expire", ref)
		assert.Zero(t, next.failures+next.crashes, "the hand-off of %v was counted against it", ref)
	}
	t.Logf("owned again after Close: %v", gaps)
	s.finish()
}
