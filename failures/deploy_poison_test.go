package failures_test

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/testsize"
)

// defaultMaxCrashes is what Config.MaxCrashes defaults to.
const defaultMaxCrashes = 10

// deadlyName is a stream that kills each process that begins it.
const deadlyName = "kills its process"

func TestAStreamThatKillsItsProcessesIsQuarantinedWithTheEvidenceWhileItsNeighboursGoOn(t *testing.T) {
	t.Parallel()
	for _, fleet := range []struct {
		name                string
		members, maxCrashes int
		neighbours          int
	}{
		{"of four members with ten crashes allowed", 4, 0, testsize.Pick(40, 1_000)},
		{"of four members with three crashes allowed", 4, 3, testsize.Pick(100, 1_000)},
		{"of one member with three crashes allowed", 1, 3, testsize.Pick(12, 60)},
	} {
		t.Run(fleet.name, func(t *testing.T) {
			t.Parallel()
			s := newScenario(t, settings{TTL: 2 * time.Second, Trial: 500 * time.Millisecond,
				MaxCrashes: fleet.maxCrashes, Deadly: []string{deadlyName}})
			s.startMembers(fleet.members)
			neighbours := s.announce(streamNames(fleet.neighbours)...)
			s.awaitOwned(neighbours)
			s.poison(neighbours)
		})
	}
}

// poison announces the deadly stream to members that own its neighbours.
func (s *scenario) poison(neighbours []streamlease.StreamRef) {
	s.t.Helper()
	deadly := s.announce(deadlyName)[0]
	for killed := range s.maxCrashes() + 2 {
		s.awaitSupervised(fmt.Sprintf("%d processes killed", killed+1), func() error {
			if tenures := len(s.books.history(deadly.Name)); tenures <= killed {
				return fmt.Errorf("%d are", tenures)
			}
			return nil
		})
	}
	s.awaitSupervised("the deadly stream is in quarantine", func() error {
		if _, found := s.quarantine()[deadly.MessageID]; !found {
			return fmt.Errorf("it is not, after %d tenures", len(s.books.history(deadly.Name)))
		}
		return nil
	})
	s.awaitSupervised("each neighbour has an owner", func() error {
		return errors.Join(s.eachHasOneOwner(neighbours), s.storesAgree(neighbours))
	})

	s.expectEvidence(deadly)
	s.expectUnfinished(deadly)
	assert.Len(s.t, s.quarantine(), 1, "the deadly stream, and no neighbour")
	s.t.Logf("crashes counted against neighbours: %v", s.crashCounts(neighbours))
	s.finish()
}

// maxCrashes is the limit that the members keep.
func (s *scenario) maxCrashes() int { return cmp.Or(s.settings.MaxCrashes, defaultMaxCrashes) }

// quarantine is what an operator sees in it.
func (s *scenario) quarantine() map[string]quarantined {
	s.t.Helper()
	entries, err := s.keys.quarantine(s.t.Context())
	require.NoError(s.t, err)
	return entries
}

// expectEvidence compares what the quarantine says of the stream with the
// tenures that the members told of.
func (s *scenario) expectEvidence(deadly streamlease.StreamRef) {
	s.t.Helper()
	tenures := s.books.history(deadly.Name)
	s.t.Logf("%d processes were killed; the limit is %d", len(tenures), s.maxCrashes())
	// So many that the stream was tried, and twice more. A process that the machine
	// holds up for the time of a trial may be killed after it.
	require.GreaterOrEqual(s.t, len(tenures), s.maxCrashes()+2, "tenures that killed their processes")
	for _, tenure := range tenures {
		assert.Equal(s.t, endedByKill, tenure.ending, "the tenure of %v with token %d", tenure.member, tenure.token)
	}

	entry := s.quarantine()[deadly.MessageID]
	s.t.Logf("evidence: %+v", entry)
	assert.Equal(s.t, fmt.Sprintf("its owner crashed %d times", len(tenures)-1), entry.Reason,
		"whoever took it last began no tenure, and of the last one it had a mere suspicion")
	assert.Equal(s.t, deadly.Name, entry.Name)
	assert.Equal(s.t, "0", entry.Failures)
	assert.Equal(s.t, strconv.Itoa(len(tenures)), entry.Crashes)
	assert.Positive(s.t, entry.Kept, "bytes of the payload")
	require.Greater(s.t, len(entry.Endings), 3, "endings of tenures")
	quarantining := entry.Endings[len(entry.Endings)-1]
	assert.Equal(s.t, "Quarantined", quarantining.Outcome)
	assert.Equal(s.t, entry.Token, quarantining.Token)
	assert.Equal(s.t, entry.Taker, quarantining.Incarnation)
	crashes := entry.Endings[:len(entry.Endings)-1]
	s.expectCrashes(crashes, tenures[len(tenures)-len(crashes):])
}

// expectCrashes: each is about one tenure, in order, and known since the next
// one was taken.
func (s *scenario) expectCrashes(crashes []endingEvidence, tenures []tenure) {
	s.t.Helper()
	var earlier time.Duration
	for i, crash := range crashes {
		assert.Equal(s.t, "Crashed", crash.Outcome)
		assert.Equal(s.t, tenures[i].member.id, crash.Member, "the member that crashed")
		assert.Equal(s.t, fmt.Sprint(tenures[i].token), crash.Token, "the token of its tenure")
		assert.NotEmpty(s.t, crash.Reason)
		millis, err := strconv.ParseInt(crash.Time, 10, 64)
		require.NoError(s.t, err, "the time of a crash")
		// Of one machine, rounded down.
		at := time.UnixMilli(millis + 1).Sub(s.epoch)
		assert.Greater(s.t, at, tenures[i].began, "when the crash became known")
		assert.Greater(s.t, at, earlier, "when the crash became known, after the one before it")
		assert.Less(s.t, at, s.now()+time.Millisecond, "when the crash became known")
		earlier = at
	}
	assert.Len(s.t, slices.CompactFunc(slices.Clone(crashes), func(a, b endingEvidence) bool {
		return a.Incarnation == b.Incarnation
	}), len(crashes), "incarnations that crashed")
}

// crashCounts is how many streams have each number of crashes against them.
func (s *scenario) crashCounts(refs []streamlease.StreamRef) map[int]int {
	counts := map[int]int{}
	for ref, owners := range s.books.owners() {
		if slices.Contains(refs, ref) {
			counts[owners[0].crashes]++
		}
	}
	return counts
}
