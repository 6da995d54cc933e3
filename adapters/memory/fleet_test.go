package memory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestTheFleetIsItsLiveMembers(t *testing.T) {
	s := newSourceStory(t)
	alone := s.beat(ports.Beat{Member: alice, HasRoom: true, Owned: 3})
	require.Equal(t, []ports.FleetMember{{Member: alice, HasRoom: true}}, alone.Members)
	two := s.beat(ports.Beat{Member: bob, Owned: 4, FleetVersion: alone.Version})
	require.Greater(t, two.Version, alone.Version, "a member joined")
	require.ElementsMatch(t, []ports.FleetMember{{Member: alice, HasRoom: true}, {Member: bob}}, two.Members)
	require.Equal(t, int64(7), two.Owned)
	require.Equal(t, int64(3), two.OwnedWithRoom)
}

func TestMembersAreAnsweredOnlyToWhoDoesNotKnowThem(t *testing.T) {
	s := newSourceStory(t)
	first := s.beat(ports.Beat{Member: alice, HasRoom: true})
	known := s.beat(ports.Beat{Member: alice, HasRoom: true, Owned: 9, FleetVersion: first.Version})
	require.Equal(t, first.Version, known.Version, "what is owned is no reason for a new version")
	require.Nil(t, known.Members)
	require.Equal(t, int64(9), known.Owned)
	require.NotNil(t, s.beat(ports.Beat{Member: alice, HasRoom: true}).Members)
}

func TestComingToOrFromNoRoomRaisesTheVersion(t *testing.T) {
	s := newSourceStory(t)
	room := s.beat(ports.Beat{Member: alice, HasRoom: true})
	full := s.beat(ports.Beat{Member: alice, HasRoom: false})
	again := s.beat(ports.Beat{Member: alice, HasRoom: true})
	require.Less(t, room.Version, full.Version)
	require.Less(t, full.Version, again.Version)
}

func TestAMemberLeavesByItsWordOrBySilence(t *testing.T) {
	for _, row := range []struct {
		story string
		leave func(*sourceStory)
	}{
		{"leaving", func(s *sourceStory) { s.beat(ports.Beat{Member: bob, Leaving: true}) }},
		{"expiry", func(s *sourceStory) { s.clock.Advance(5 * time.Second) }},
	} {
		t.Run(row.story, func(t *testing.T) {
			s := newSourceStory(t)
			s.beat(ports.Beat{Member: alice, Expiry: time.Minute})
			both := s.beat(ports.Beat{Member: bob, Owned: 5, Expiry: 5 * time.Second})
			row.leave(s)
			left := s.beat(ports.Beat{Member: alice, Expiry: time.Minute, FleetVersion: both.Version})
			require.Greater(t, left.Version, both.Version)
			require.Equal(t, []ports.FleetMember{{Member: alice}}, left.Members)
			require.Zero(t, left.Owned)

			back := s.beat(ports.Beat{Member: bob, FleetVersion: left.Version})
			require.Greater(t, back.Version, left.Version, "a later beat joins again")
			require.Len(t, back.Members, 2)
		})
	}
}

func TestAMemberStaysUntilItsExpiry(t *testing.T) {
	s := newSourceStory(t)
	s.beat(ports.Beat{Member: alice, Expiry: 5 * time.Second})
	s.clock.Advance(5*time.Second - 1)
	require.Len(t, s.beat(ports.Beat{Member: bob}).Members, 2)
}

func TestTheLeavingOfAStrangerChangesNothing(t *testing.T) {
	s := newSourceStory(t)
	before := s.beat(ports.Beat{Member: alice})
	after := s.beat(ports.Beat{Member: bob, Leaving: true, FleetVersion: before.Version})
	require.Equal(t, before.Version, after.Version)
}

func TestTwoProcessesWithOneIDAreTwoMembers(t *testing.T) {
	s := newSourceStory(t)
	s.beat(ports.Beat{Member: ports.Member{ID: "same", Incarnation: "one"}})
	require.Len(t, s.beat(ports.Beat{Member: ports.Member{ID: "same", Incarnation: "two"}}).Members, 2)
}

func TestHeartbeatSaysWhatWaits(t *testing.T) {
	s := newSourceStory(t)
	require.Zero(t, s.beat(ports.Beat{Member: alice}).OldestWait)
	s.announce("a")
	s.clock.Advance(2 * time.Second)
	s.announce("b")
	s.clock.Advance(time.Second)
	waiting := s.beat(ports.Beat{Member: alice})
	require.Equal(t, int64(2), waiting.Backlog)
	require.Equal(t, 3*time.Second, waiting.OldestWait)
	s.fetch(alice, 1)
	waiting = s.beat(ports.Beat{Member: alice})
	require.Equal(t, int64(1), waiting.Backlog)
	require.Equal(t, time.Second, waiting.OldestWait)
	s.fetch(alice, 1)
	waiting = s.beat(ports.Beat{Member: alice})
	require.Zero(t, waiting.Backlog)
	require.Zero(t, waiting.OldestWait)
}

func TestWhatIsDoneBeforeItWasDeliveredNoLongerWaits(t *testing.T) {
	s := newSourceStory(t)
	ref := s.announce("a")[0]
	s.taken(alice, ref, 1)
	require.Equal(t, int64(1), s.beat(ports.Beat{Member: alice}).Backlog)
	s.settled(alice, ports.Settlement{Ref: ref, Token: 1, Outcome: ports.Done})
	require.Zero(t, s.beat(ports.Beat{Member: alice}).Backlog)
	require.Empty(t, s.fetch(bob, 1).Assignments)
}

func TestTheTallyCountsEveryChangeWhoeverMadeIt(t *testing.T) {
	s := newSourceStory(t)
	a, b := s.delivered(alice, "a"), s.delivered(alice, "b")
	tally := func() ports.Tally { return s.beat(ports.Beat{Member: alice}).Taken }
	require.Equal(t, ports.Tally{}, tally())
	s.taken(alice, a, 1)
	s.taken(alice, b, 2)
	require.Equal(t, ports.Tally{Change: 2, Count: 2}, tally())
	s.taken(bob, a, 3)
	require.Equal(t, ports.Tally{Change: 3, Count: 1}, tally())
	s.handedOff(alice, b, 2)
	require.Equal(t, ports.Tally{Change: 4, Count: 0}, tally())
	page, err := s.source.Deliveries(t.Context(), alice, "", 10)
	require.NoError(t, err)
	require.Equal(t, ports.Tally{Change: 4, Count: 0}, page.Taken)
}
