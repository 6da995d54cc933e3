package failures_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestAMemberWithoutRoomGetsNothing(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second, SweepInterval: time.Second})
	const room = 5
	limited := s.settings
	limited.MaxStreams = room
	full := s.startMemberWith(limited)
	s.awaitJoined(full)
	s.awaitOwned(s.announceMore(room))
	owned := s.books.ownedBy(full)

	s.startMembers(2)
	s.awaitOwned(s.announceMore(testsize.Pick(200, 5_000)))
	s.startMember()
	dead := s.members[1]
	dead.kill9() // what it leaves behind goes elsewhere too
	s.awaitOwned(s.announced)
	assert.Equal(t, owned, s.books.ownedBy(full), "what the member without room owns")
	assert.Len(t, s.books.begunBy(full), room, "tenures of the member without room")
	s.finish()
}

func TestAMemberThatJoinsLaterGetsItsShareOfWhatIsLeft(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{})
	count := testsize.Pick(100, 1_000)
	first := s.settings
	first.MaxStreams = count
	s.awaitJoined(s.startMemberWith(first), s.startMemberWith(first))
	refs := s.announceMore(4 * count)
	s.await("the first two have no room any more", func() error {
		return s.eachOwns(count, s.members...)
	})

	later := s.startMembers(2)
	s.awaitOwned(refs)
	s.expectEqualShares("what was left", later, refs)
	s.finish()
}

func TestAMemberThatJoinsLaterGetsWhatIsAnnouncedThenUntilItHasAsMuchAsTheOthers(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{})
	count := testsize.Pick(300, 3_000)
	s.startMembers(3)
	s.awaitOwned(s.announceMore(count))
	s.startMembers(1)
	s.awaitBeats(2) // all know now that it is there, and it listens
	s.awaitOwned(s.announceMore(count / 3))
	s.expectEqualShares("all in all", s.members, s.announced)
	s.finish()
}
