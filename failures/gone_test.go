package failures_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestMembersThatDiedLeaveTheFleetTheGroupAndEveryIndex(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second, SweepInterval: time.Second})
	s.startMembers(testsize.Pick(5, 20))
	refs := s.announceMore(testsize.Pick(100, 5_000))
	s.awaitOwned(refs)
	for _, dying := range s.members[1:] {
		dying.kill9()
	}
	s.awaitOwned(refs)
	s.awaitTraces(1)
	s.finishNow(refs)
	s.awaitTraces(1)
	s.finish()
}

// awaitTraces waits until Redis knows of so many members and no more, wherever
// it knows of members.
func (s *scenario) awaitTraces(members int64) {
	s.t.Helper()
	s.await(fmt.Sprintf("Redis knows of %d members", members), func() error {
		left, err := s.keys.left(s.t.Context())
		if err != nil {
			return err
		}
		for _, kind := range ofMembers {
			if left[kind] > members {
				return fmt.Errorf("there are %d %s: %v", left[kind], kind, left)
			}
		}
		if left["session sets"] > members {
			return fmt.Errorf("there are %d session sets", left["session sets"])
		}
		return nil
	})
}

func TestManyClientsThatCameAndWentLeaveNothingBehind(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{})
	stays := s.startMembers(1)
	clients, atOnce := testsize.Pick(60, 1_000), 20
	worked := 0
	for gone := 0; gone < clients; gone += atOnce {
		var residents []*resident
		for range atOnce {
			residents = append(residents, s.startResident())
		}
		s.awaitBeats(2) // so all of them listen
		refs := s.announceMore(2 * atOnce)
		s.await("all work is given out", func() error { return s.eachIsLeased(refs) })
		var closing sync.WaitGroup
		for _, resident := range residents {
			worked += len(resident.client.Owned())
			closing.Go(resident.close)
		}
		closing.Wait()
		s.awaitOwned(refs)
		s.finishNow(refs)
	}
	assert.Positive(t, worked, "no client ever owned a stream; nothing was shown")
	t.Logf("%d clients came and went; they had %d streams", clients, worked)

	s.awaitTraces(1)
	require.NoError(t, s.health())
	keys, err := s.keys.client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	for _, key := range s.keys.ofTheService() {
		keys = slices.DeleteFunc(keys, func(found string) bool { return found == key })
	}
	assert.LessOrEqual(t, len(keys), len(stays), "keys of members: %q", keys)
	s.finish()
	assert.NoError(t, s.nothingLeft(), "after the last member has closed, too")
}
