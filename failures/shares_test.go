package failures_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/testsize"
)

// fairest is how many times the smallest share the largest may be.
const fairest = 1.5

var (
	shareRuns    = testsize.Pick(3, 10)
	shareStreams = testsize.Pick(1_000, 10_000)
)

func TestFourIdleMembersGetEqualSharesOfWhatIsAnnounced(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{})
	members := s.startMembers(4)
	for run := range shareRuns {
		s.awaitBeats(2) // all know now that all are idle
		refs := s.announceMore(shareStreams)
		s.awaitOwned(refs)
		s.expectEqualShares(fmt.Sprintf("idle members, run %d", run+1), members, refs)
		s.finishNow(refs)
	}
	s.finish()
}

func TestFourMembersThatAreStartedTogetherGetEqualSharesOfTheBacklog(t *testing.T) {
	t.Parallel()
	// The members join at one instant; a busy machine lets some be late. Who
	// comes after a heartbeat interval finds that the others have begun to
	// share, and shows nothing.
	const together, longestLead = 500 * time.Millisecond, 2 * time.Minute
	s := newScenario(t, settings{})
	for run, lead := 0, time.Second; run < shareRuns; {
		refs := s.announceMore(shareStreams)
		s.settings.JoinAt = s.now() + lead
		members := s.startMembers(4)
		s.awaitOwned(refs)
		spread := s.spreadOf(members)
		t.Logf("started %v ahead; joined within %v", lead, spread)
		if spread < together {
			run++
			s.expectEqualShares(fmt.Sprintf("backlog, run %d", run), members, refs)
		} else {
			lead *= 2
			require.LessOrEqual(t, lead, longestLead, "this machine does not let four members join together")
		}
		s.finishNow(refs)
		s.endMembers()
	}
	s.startMembers(1)
	s.finish()
}

// announceMore announces so many streams with new names.
func (s *scenario) announceMore(count int) []streamlease.StreamRef {
	s.t.Helper()
	before := len(s.announced)
	return s.announce(streamNames(before + count)[before:]...)
}

// spreadOf is the time between the first and the last of the members' joining.
func (s *scenario) spreadOf(members []*member) time.Duration {
	var joined []time.Duration
	for _, member := range members {
		at, _ := s.books.readyAt(member)
		joined = append(joined, at)
	}
	return slices.Max(joined) - slices.Min(joined)
}

// sharesOf is how many of the streams each of the members owns.
func (s *scenario) sharesOf(members []*member, refs []streamlease.StreamRef) []int {
	owners := s.books.owners()
	byMember := map[*member]int{}
	for _, ref := range refs {
		for _, owner := range owners[ref] {
			byMember[owner.member]++
		}
	}
	var shares []int
	for _, member := range members {
		shares = append(shares, byMember[member])
	}
	return shares
}

func (s *scenario) expectEqualShares(what string, members []*member, refs []streamlease.StreamRef) {
	s.t.Helper()
	shares := s.sharesOf(members, refs)
	smallest, largest := slices.Min(shares), slices.Max(shares)
	s.t.Logf("%s: shares %v, largest to smallest %.3f", what, shares, float64(largest)/float64(smallest))
	assert.LessOrEqual(s.t, float64(largest), fairest*float64(smallest), "%s: shares %v", what, shares)
}

// finishNow lets the owners finish these streams and waits until they have.
func (s *scenario) finishNow(refs []streamlease.StreamRef) {
	s.t.Helper()
	byMember := map[*member][]streamlease.StreamRef{}
	owners := s.books.owners()
	for _, ref := range refs {
		owner := owners[ref][0].member
		byMember[owner] = append(byMember[owner], ref)
	}
	for member, theirs := range byMember {
		member.ask(actFinish, theirs...)
	}
	s.await(fmt.Sprintf("%d streams are done", len(refs)), func() error {
		if left := s.books.notDone(refs); len(left) > 0 {
			return fmt.Errorf("%s are not done", some(left))
		}
		return nil
	})
}
