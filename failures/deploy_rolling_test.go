package failures_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/testsize"
)

func TestRollingRestartsHandEveryStreamOffAndCountNothingAgainstIt(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: time.Minute}) // who waits for a lease is seen
	s.startMembers(4)
	refs := s.announce(streamNames(testsize.Pick(100, 500))...)
	s.awaitOwned(refs)

	rounds := testsize.Pick(3, 20)
	for range rounds {
		for _, leaving := range s.living() {
			s.replace(leaving)
		}
		s.awaitOwned(refs)
		s.expectNoSuspects()
	}
	s.expectOnlyHandOffs(refs, rounds)

	s.finishNow(refs)
	for _, leaving := range s.living()[1:] {
		leaving.beginClose()
		leaving.awaitEnd()
	}
	s.finish()
	require.NoError(t, s.nothingLeft(), "after the last member has closed, too")
	s.expectOnlyKeysOfTheService()
}

// replace closes a member and starts a new one, and waits for no stream: a
// deploy does not know of them.
func (s *scenario) replace(leaving *member) {
	s.t.Helper()
	before, err := s.keys.leasesOf(s.t.Context(), leaving.id)
	require.NoError(s.t, err)
	leaving.beginClose()
	leaving.awaitEnd()
	left, err := s.keys.leasesOf(s.t.Context(), leaving.id)
	require.NoError(s.t, err)
	assert.Zero(s.t, left, "leases that %v has left to expire, of %d", leaving, before)
	s.awaitJoined(s.startMember())
}

// expectOnlyHandOffs: each tenure but the last was ended by its member's Close,
// and nothing was ever counted.
func (s *scenario) expectOnlyHandOffs(refs []streamlease.StreamRef, rounds int) {
	s.t.Helper()
	const bound = 30 * time.Second // half of what a lease takes to expire
	var gaps times
	for _, ref := range refs {
		tenures := s.books.history(ref.Name)
		for i, tenure := range tenures {
			assert.Zero(s.t, tenure.failures+tenure.crashes, "a hand-off of %v was counted against it", ref)
			assert.Zero(s.t, tenure.disowned, "when %v heard that it lost %v", tenure.member, ref)
			if i == 0 {
				continue
			}
			earlier := tenures[i-1]
			assert.Equal(s.t, endedByClose, earlier.ending, "how the tenure of %v by %v ended", ref, earlier.member)
			assert.Greater(s.t, tenure.token, earlier.token, "S2: the tokens of %v", ref)
			gap := tenure.began - earlier.ended
			assert.Less(s.t, gap, bound, "%v waited for its lease to expire", ref)
			gaps = append(gaps, gap)
		}
		assert.False(s.t, tenures[len(tenures)-1].over, "%v has no owner any more", ref)
		// All four that began a round are gone when it ends.
		assert.Greater(s.t, len(tenures), rounds, "tenures of %v", ref)
	}
	excused, _ := s.books.overlaps()
	assert.Empty(s.t, excused, "streams with two owners at once")
	s.t.Logf("%d rounds, %d hand-offs; without an owner for %v", rounds, len(gaps), gaps)
}

// expectNoSuspects looks into the records: a tenure without a settlement is
// remembered there until the next one ends.
func (s *scenario) expectNoSuspects() {
	s.t.Helper()
	suspects, err := s.keys.suspects(s.t.Context())
	require.NoError(s.t, err)
	assert.Empty(s.t, suspects, "tenures that were not settled, by message ID")
}

// expectOnlyKeysOfTheService: no key is there for a member's or a stream's sake.
func (s *scenario) expectOnlyKeysOfTheService() {
	s.t.Helper()
	keys, err := s.keys.client.Keys(s.t.Context(), "*").Result()
	require.NoError(s.t, err)
	ofTheService := s.keys.ofTheService()
	assert.Empty(s.t, slices.DeleteFunc(keys, func(key string) bool {
		return slices.Contains(ofTheService, key)
	}), "keys that are left over")
}

// leasesOf is how many leases the sessions of members with this ID hold.
func (l layout) leasesOf(ctx context.Context, id string) (leases int, err error) {
	states, err := l.client.HGetAll(ctx, l.key("session-states")).Result()
	if err != nil {
		return 0, err
	}
	const words = 5 // change number, count, epoch, incarnation, ID
	for grant, text := range states {
		state := strings.SplitN(text, " ", words)
		if len(state) != words {
			return 0, fmt.Errorf("the state of session %s is %q", grant, text)
		}
		count, err := strconv.Atoi(state[1])
		if err != nil {
			return 0, fmt.Errorf("the state of session %s is %q: %w", grant, text, err)
		}
		if state[4] == id {
			leases += count
		}
	}
	return leases, nil
}

// suspects are the takers of tenures without a settlement, by message ID.
func (l layout) suspects(ctx context.Context) (map[string]string, error) {
	records, err := l.client.HGetAll(ctx, l.key("records")).Result()
	if err != nil {
		return nil, err
	}
	suspects := map[string]string{}
	for id, text := range records {
		if strings.HasPrefix(id, "taken:") {
			continue
		}
		words := strings.SplitN(text, " ", 5) // token, taker, since, suspect, and more
		if len(words) < 5 {
			return nil, fmt.Errorf("the record of %s is %q", id, text)
		}
		if words[3] != "." {
			suspects[id] = words[3]
		}
	}
	return suspects, nil
}
