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

func TestAStreamThatKillsItsProcessesIsQuarantinedWithTheEvidenceWhileItsNeighboursGoOn(t *testing.T) {
	t.Parallel()
	const name = "kills its process"
	s := newScenario(t, settings{TTL: 2 * time.Second, MaxCrashes: testsize.Pick(3, 0), Deadly: []string{name}})
	s.startMembers(4)
	neighbours := s.announce(streamNames(testsize.Pick(100, 1_000))...)
	s.awaitOwned(neighbours)
	before := s.books.owners()

	deadly := s.announce(name)[0]
	s.awaitSupervised("the deadly stream is in quarantine", func() error {
		if _, found := s.quarantine()[deadly.MessageID]; !found {
			return fmt.Errorf("it is not, after %d tenures", len(s.books.history(name)))
		}
		return nil
	})
	s.awaitSupervised("each neighbour has an owner, or is in quarantine too", func() error {
		going, _ := s.divide(neighbours)
		return errors.Join(s.eachHasOneOwner(going), s.storesAgree(going))
	})

	s.expectEvidence(deadly)
	s.expectUnfinished(deadly)
	s.expectNeighboursOnlyInEveryCrash(neighbours, before, s.books.history(name)[0].member)
	s.finish()
}

// quarantine is what an operator sees in it.
func (s *scenario) quarantine() map[string]quarantined {
	s.t.Helper()
	entries, err := s.keys.quarantine(s.t.Context())
	require.NoError(s.t, err)
	return entries
}

// divide tells the streams that go on from those in quarantine.
func (s *scenario) divide(refs []streamlease.StreamRef) (going, quarantined []streamlease.StreamRef) {
	s.t.Helper()
	entries := s.quarantine()
	for _, ref := range refs {
		if _, found := entries[ref.MessageID]; found {
			quarantined = append(quarantined, ref)
		} else {
			going = append(going, ref)
		}
	}
	return going, quarantined
}

// expectEvidence compares what the quarantine says of the stream with the
// tenures that the members told of.
func (s *scenario) expectEvidence(deadly streamlease.StreamRef) {
	s.t.Helper()
	limit := cmp.Or(s.settings.MaxCrashes, defaultMaxCrashes)
	tenures := s.books.history(deadly.Name)
	// The last crash was a mere suspicion when the count before it was at the
	// limit: who took the stream then began no tenure.
	require.Len(s.t, tenures, limit+1, "tenures that killed their processes")
	for _, tenure := range tenures {
		assert.Equal(s.t, endedByKill, tenure.ending, "the tenure of %v with token %d", tenure.member, tenure.token)
	}

	entry := s.quarantine()[deadly.MessageID]
	s.t.Logf("evidence: %+v", entry)
	assert.Equal(s.t, fmt.Sprintf("its owner crashed %d times", limit), entry.Reason)
	assert.Equal(s.t, deadly.Name, entry.Name)
	assert.Equal(s.t, "0", entry.Failures)
	assert.Equal(s.t, strconv.Itoa(limit+1), entry.Crashes)
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

// expectNeighboursOnlyInEveryCrash: the record of a stream cannot tell whether
// the stream was the cause or shared the process. So a neighbour is in
// quarantine only if it was with the deadly stream in each of its crashes,
// which no neighbour was that the first victim did not own.
func (s *scenario) expectNeighboursOnlyInEveryCrash(
	neighbours []streamlease.StreamRef, before map[streamlease.StreamRef][]tenure, firstVictim *member,
) {
	s.t.Helper()
	going, unlucky := s.divide(neighbours)
	elsewhere := 0
	for _, ref := range neighbours {
		if before[ref][0].member != firstVictim {
			elsewhere++
		}
	}
	require.Positive(s.t, elsewhere, "the first victim owned all neighbours; nothing was shown")
	for _, ref := range unlucky {
		assert.Equal(s.t, firstVictim, before[ref][0].member, "%v is in quarantine, and was not in the first crash", ref)
	}
	s.t.Logf("of %d neighbours %d had not shared the first crash and %d had shared all of them; crashes counted against the others: %v",
		len(neighbours), elsewhere, len(unlucky), s.crashCounts(going))
	s.expectUnfinished(unlucky...)
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
