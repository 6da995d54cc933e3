package failures_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/testsize"
)

func TestAMemberThatWasFrozenForThreeTTLsIsDisownedAndItsLateDoneChangesNothing(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second})
	s.startMembers(3)
	refs := s.announce(streamNames(testsize.Pick(300, 10_000))...)
	s.awaitOwned(refs)

	s.freezeTheLargestOwner(refs)
	s.finish()
}

// freezeTheLargestOwner shows that others own its streams meanwhile, and that
// it can do them no harm when it wakes, three TTLs later.
func (s *scenario) freezeTheLargestOwner(refs []streamlease.StreamRef) {
	s.t.Helper()
	victim, lost := s.largestOwner()
	frozen := victim.freeze()
	s.t.Logf("froze the owner of %d of %d streams; TTL %v", len(lost), len(refs), s.settings.TTL)
	s.awaitOwned(refs)
	others := s.books.owners()

	// This request waits in the pipe: the application insists on all that it
	// had in the very moment in which it wakes, before anybody told it a thing.
	victim.ask(actInsist)
	<-time.After(frozen + 3*s.settings.TTL - s.now())
	thawed := victim.thaw()
	s.await("the woken member has heard of every loss", func() error { return s.eachWasDisowned(lost, 1) })
	victim.ask(actInsist) // now it knows
	s.await("the woken member has insisted again", func() error { return s.eachWasDisowned(lost, 2) })

	s.expectEveryDoneRefused(lost, thawed)
	s.awaitOwned(refs)
	s.expectSameOwners(others)
}

// eachWasDisowned is what is missing until the members have heard
// StreamDisowned, and have so many answers of Done, for each tenure.
func (s *scenario) eachWasDisowned(lost map[streamlease.StreamRef]tenure, answers int) error {
	for ref, earlier := range lost {
		now := s.books.of(earlier)
		if now.disowned == 0 || len(now.verdicts) < answers {
			return fmt.Errorf("%v has not heard of the loss of %v, or has %d answers of Done", earlier.member, ref, len(now.verdicts))
		}
	}
	return nil
}

func (s *scenario) expectEveryDoneRefused(lost map[streamlease.StreamRef]tenure, thawed time.Duration) {
	s.t.Helper()
	var heard times
	refused, err := s.resource.refused(s.t.Context())
	require.NoError(s.t, err)
	for ref, earlier := range lost {
		now := s.books.of(earlier)
		heard = append(heard, now.disowned-thawed)
		assert.Equal(s.t, []string{errDisowned, errDisowned}, now.verdicts, "what the late Done of %v answered", ref)
		assert.EqualValues(s.t, 2, refused[refusedTenure(earlier)], "late effects on %v that the resource refused", ref)
	}
	s.t.Logf("heard StreamDisowned after waking: %v", heard)
	finished, err := s.resource.finished(s.t.Context())
	require.NoError(s.t, err)
	assert.Empty(s.t, finished, "the late effects finished streams")
}
