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

func TestASecondAssignmentWithTheSameNameWaitsUntilTheFirstHasEndedThenRuns(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 3 * time.Second})
	s.startMembers(3)
	doubled := streamNames(testsize.Pick(20, 500))
	s.announce(doubled...)
	s.announce(doubled...)
	// What is behind the doubles has an owner only when all doubles were met.
	s.awaitOwned(s.announce("behind the doubles", "and another"))
	s.await("each doubled name has one owner", func() error { return s.eachNameHasOneOwner(doubled) })

	first := s.ownersByName()
	for _, name := range doubled {
		first[name].member.ask(actFinish, first[name].ref)
	}
	s.await("the other assignment of each name runs", func() error { return s.eachNameHasAnotherOwner(doubled, first) })

	var waits times
	for _, name := range doubled {
		tenures := s.books.history(name)
		require.Len(t, tenures, 2, "tenures of %s", name)
		assert.Equal(t, first[name].ref, tenures[0].ref)
		assert.GreaterOrEqual(t, tenures[1].began, tenures[0].settling, "%s ran twice at once", name)
		assert.Greater(t, tenures[1].token, tenures[0].token, "S2: the tokens of %s", name)
		assert.Zero(t, tenures[1].failures+tenures[1].crashes, "the wait was counted against %v", tenures[1].ref)
		waits = append(waits, tenures[1].began-tenures[0].settling)
	}
	t.Logf("from Done of the first to the begin of the second: %v", waits)
	s.finish()
}

func (s *scenario) eachNameHasAnotherOwner(names []string, first map[string]tenure) error {
	now := s.ownersByName()
	for _, name := range names {
		if owner, owned := now[name]; !owned || owner.ref == first[name].ref {
			return fmt.Errorf("%s has no other owner yet", name)
		}
	}
	return nil
}

// ownersByName is a tenure that lives under each name.
func (s *scenario) ownersByName() map[string]tenure {
	byName := map[string]tenure{}
	for ref, owners := range s.books.owners() {
		byName[ref.Name] = owners[0]
	}
	return byName
}

func (s *scenario) eachNameHasOneOwner(names []string) error {
	owned := map[string][]streamlease.StreamRef{}
	for ref, owners := range s.books.owners() {
		for range owners {
			owned[ref.Name] = append(owned[ref.Name], ref)
		}
	}
	for _, name := range names {
		if len(owned[name]) != 1 {
			return fmt.Errorf("%s has the owners of %v", name, owned[name])
		}
	}
	return nil
}
