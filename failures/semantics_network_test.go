package failures_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/testsize"
)

// partition is which packets of a member do not arrive.
type partition struct{ requests, replies bool }

var partitions = map[string]partition{
	"both ways":                     {requests: true, replies: true},
	"its requests do not arrive":    {requests: true},
	"the replies to it do not come": {replies: true},
}

func TestAMemberThatIsCutOffFencesItselfAndOthersOwnItsStreamsMeanwhile(t *testing.T) {
	t.Parallel()
	atOnce(t, partitions, func(t *testing.T, partition partition) {
		s := newScenario(t, settings{TTL: 2 * time.Second, SweepInterval: time.Second})
		line, victim := s.startBehindALine()
		s.startMembers(2)
		s.announceMore(testsize.Pick(60, 1_000))
		s.awaitOwned(s.announced)
		s.awaitShare(victim)
		refs := s.announced
		s.awaitOwned(refs)
		lost := s.books.ownedBy(victim)
		require.NotEmpty(t, lost)

		began := s.now()
		mend := line.breakWays(partition.requests, partition.replies)
		s.awaitDisowned(lost, began)
		s.awaitOwned(refs)
		owners := s.books.owners()
		var recovery times
		for ref := range lost {
			recovery = append(recovery, owners[ref][0].began-began)
		}
		t.Logf("TTL %v; owned by others after the cut: %v", s.settings.TTL, recovery)
		s.announceMore(30)
		s.awaitOwned(s.announced)

		mend()
		s.awaitBeats(2)
		s.awaitOwned(s.announced)
		s.expectSameOwners(owners)
		s.expectNothingCounted(s.announced, nil)
		s.finish()
	})
}

// A connection is opened, and a call made on it, within one call timeout, a
// sixth of the TTL by default. So a round trip may take a twelfth.
func TestASlowNetworkMovesNoStreamWhileTwoRoundTripsFitIntoACallTimeout(t *testing.T) {
	t.Parallel()
	const ttl, roundTrip = 20 * time.Second, time.Second
	s, lines := newSlowNetwork(t, ttl)
	owners := s.books.owners()
	lines.slowDown(roundTrip / 2)
	s.awaitRenewals(3) // a TTL
	s.announceMore(10)
	s.awaitOwned(s.announced)
	s.expectSameOwners(owners)
	lines.slowDown(0)
	s.finish()
}

func TestANetworkInWhichEveryCallTimesOutIsAnOutageThatCostsNothing(t *testing.T) {
	t.Parallel()
	const ttl, roundTrip = 3 * time.Second, 2 * time.Second
	s, lines := newSlowNetwork(t, ttl)
	before, began := s.books.owners(), s.now()
	lines.slowDown(roundTrip / 2)
	s.awaitEachDisowned(before, began)
	lines.slowDown(0)
	s.awaitOwned(s.announced)
	s.expectNothingCounted(s.announced, before)
	s.finish()
}

// lines are those of all members of a scenario.
type lines []*line

func (l lines) slowDown(delay time.Duration) {
	for _, line := range l {
		line.slowDown(delay)
	}
}

// newSlowNetwork has members that own streams, in a network that is not slow yet.
func newSlowNetwork(t *testing.T, ttl time.Duration) (*scenario, lines) {
	t.Helper()
	s := newScenario(t, settings{TTL: ttl, SweepInterval: time.Second})
	var all lines
	for range 3 {
		line, _ := s.startBehindALine()
		all = append(all, line)
	}
	s.awaitOwned(s.announceMore(testsize.Pick(60, 5_000)))
	return s, all
}

// awaitDisowned waits until the members have heard of the end of each tenure,
// and prints how long that took.
func (s *scenario) awaitDisowned(lost map[streamlease.StreamRef]tenure, began time.Duration) {
	s.t.Helper()
	tenures := map[streamlease.StreamRef][]tenure{}
	for ref, one := range lost {
		tenures[ref] = []tenure{one}
	}
	s.awaitEachDisowned(tenures, began)
}

// startBehindALine starts a member with a line of its own.
func (s *scenario) startBehindALine() (*line, *member) {
	s.t.Helper()
	line, own := startLine(s.t, s.server.Addr()), s.settings
	own.Redis = line.URL()
	started := s.startMemberWith(own)
	s.awaitJoined(started)
	return line, started
}
