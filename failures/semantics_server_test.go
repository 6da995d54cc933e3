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

func TestOwnersDoNotNoticeThatTheGroupIsDeletedAndNothingIsOrphaned(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second, SweepInterval: time.Second})
	s.startMembers(3)
	s.awaitOwned(s.announceMore(testsize.Pick(60, 5_000)))
	owners := s.books.owners()
	require.EqualValues(t, 1, s.keys.client.XGroupDestroy(t.Context(), s.keys.stream(), s.keys.group()).Val())
	s.announceMore(10)
	s.awaitOwned(s.announced)
	s.expectSameOwners(owners)

	victim, _ := s.largestOwner()
	victim.kill9()
	s.awaitOwned(s.announced)
	s.finish()
}

func TestATrimmedAssignmentIsNeverTakenForDoneAndItsNameIsInTheQuarantine(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second, SweepInterval: time.Second})
	s.startMembers(3)
	trimmed := s.announceMore(testsize.Pick(60, 5_000))
	s.awaitOwned(trimmed)
	require.EqualValues(t, len(trimmed), s.keys.client.XTrimMaxLen(t.Context(), s.keys.stream(), 0).Val())
	s.await("each trimmed assignment is in the quarantine", func() error { return s.eachIsQuarantined(trimmed) })
	s.await("the members have heard that they lost them", func() error {
		for _, ref := range trimmed {
			for _, tenure := range s.books.history(ref.Name) {
				if !tenure.over {
					return fmt.Errorf("%v still owns %v", tenure.member, ref)
				}
			}
		}
		return nil
	})
	assert.Len(t, s.books.notDone(trimmed), len(trimmed), "trimmed streams that nobody has done")
	s.finishAfterLoss(s.announceMore(10))
}

// eachIsQuarantined is what is missing in the quarantine.
func (s *scenario) eachIsQuarantined(refs []streamlease.StreamRef) error {
	entries, err := s.keys.quarantine(s.t.Context())
	if err != nil {
		return err
	}
	for _, ref := range refs {
		if entries[ref.MessageID].Reason == "" {
			return fmt.Errorf("%v is not there, nor %d others", ref, len(refs)-len(entries)-1)
		}
	}
	return nil
}
