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

func TestFailure15TheSameNameAnnouncedFourTimesRunsOneAfterTheOther(t *testing.T) {
	t.Parallel()
	const announcements = 4
	s := newScenario(t, settings{TTL: 3 * time.Second})
	s.startMembers(3)
	doubled := streamNames(testsize.Pick(20, 500))
	for range announcements {
		s.announce(doubled...)
	}
	// What is behind the doubles has an owner only when all doubles were met.
	s.awaitOwned(s.announce("behind the doubles", "and another"))
	s.await("each doubled name has one owner", func() error { return s.eachNameHasOneOwner(doubled) })

	for range announcements - 1 {
		running := s.ownersByName()
		for _, name := range doubled {
			running[name].member.ask(actFinish, running[name].ref)
		}
		s.await("another assignment of each name runs", func() error { return s.eachNameHasAnotherOwner(doubled, running) })
	}
	s.expectOneAfterTheOther(doubled, announcements)
	s.finish()
}

func (s *scenario) eachNameHasAnotherOwner(names []string, before map[string]tenure) error {
	now := s.ownersByName()
	for _, name := range names {
		if owner, owned := now[name]; !owned || owner.ref == before[name].ref {
			return fmt.Errorf("%s has no other owner yet", name)
		}
	}
	return nil
}

// expectOneAfterTheOther looks at so many tenures of each name.
func (s *scenario) expectOneAfterTheOther(names []string, count int) {
	s.t.Helper()
	var waits times
	for _, name := range names {
		tenures := s.books.history(name)
		require.Len(s.t, tenures, count, "tenures of %s", name)
		for i, later := range tenures[1:] {
			earlier := tenures[i]
			assert.GreaterOrEqual(s.t, later.began, earlier.settling, "%s ran twice at once", name)
			assert.Greater(s.t, later.token, earlier.token, "S2: the tokens of %s", name)
			assert.NotEqual(s.t, earlier.ref, later.ref, "an assignment of %s ran twice", name)
			assert.Zero(s.t, later.failures+later.crashes, "the wait was counted against %v", later.ref)
			waits = append(waits, later.began-earlier.settling)
		}
	}
	s.t.Logf("from Done of one to the begin of the next: %v", waits)
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
