package failures_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/testsize"
)

func TestMembersOfAnEarlierCommitOfThisLayoutWorkBesideTodays(t *testing.T) {
	t.Parallel()
	earlier := buildEarlier(t)
	killed := settings{TTL: 2 * time.Second}
	claimed := killed
	claimed.ManualClaim = true
	for _, way := range []struct {
		name     string
		settings settings
		end      func(*scenario, ...*member)
		crashes  int // that are known of a stream which has moved so twice
	}{
		{"streams are handed off", settings{TTL: time.Minute}, (*scenario).closeAll, 0},
		{"streams of killed members are taken over", killed, (*scenario).killAll, 1},
		{"streams of killed members are claimed", claimed, (*scenario).killAll, 1},
	} {
		t.Run(way.name, func(t *testing.T) {
			t.Parallel()
			s := newScenario(t, way.settings)
			mixed := mixedFleet{s, earlier}
			mixed.moveBothWays(way.end, way.crashes)
		})
	}
}

// mixedFleet is a scenario with members of two commits.
type mixedFleet struct {
	*scenario
	earlier string // binary
}

// moveBothWays moves streams from members of the earlier commit to today's, and
// all of them back; then both finish what they own.
func (m mixedFleet) moveBothWays(end func(*scenario, ...*member), crashes int) {
	m.t.Helper()
	earlier, todays := m.startEarlier(2), m.startMembers(2)
	m.announceUntilEachOwns(slices.Concat(earlier, todays))
	refs := m.announced

	end(m.scenario, earlier...)
	m.awaitOwned(refs)
	m.expectAllOwnedBy(todays, refs)

	again := m.startEarlier(2)
	end(m.scenario, todays...)
	m.awaitOwned(refs)
	m.expectAllOwnedBy(again, refs)
	m.expectCounted(crashes, earlier, todays, again)

	todays = m.startMembers(2)
	m.announceUntilEachOwns(slices.Concat(again, todays))
	m.finish()
	m.expectEachFinished(again, todays)
}

func (m mixedFleet) startEarlier(count int) (started []*member) {
	m.t.Helper()
	settings := m.settings
	settings.binary = m.earlier
	for range count {
		started = append(started, m.startMemberWith(settings))
	}
	m.awaitJoined(started...)
	return started
}

// closeAll ends them at once, by Close.
func (s *scenario) closeAll(members ...*member) {
	s.t.Helper()
	for _, member := range members {
		member.beginClose()
	}
	for _, member := range members {
		member.awaitEnd()
	}
}

func (s *scenario) killAll(members ...*member) {
	for _, member := range members {
		member.kill9()
	}
}

// announceUntilEachOwns: nobody is left out because of its commit. One that the
// machine holds up may be, once.
func (m mixedFleet) announceUntilEachOwns(members []*member) {
	m.t.Helper()
	for began := m.now(); ; {
		m.awaitBeats(2) // all know now that all are there
		m.awaitOwned(m.announceMore(testsize.Pick(100, 2_000)))
		without := slices.IndexFunc(members, func(member *member) bool { return len(m.books.ownedBy(member)) == 0 })
		if without < 0 {
			return
		}
		require.Less(m.t, m.now()-began, patience, "%v is given nothing", members[without])
	}
}

func (m mixedFleet) expectAllOwnedBy(members []*member, refs []streamlease.StreamRef) {
	m.t.Helper()
	owners := m.books.owners()
	for _, ref := range refs {
		assert.Contains(m.t, members, owners[ref][0].member, "who owns %v", ref)
	}
}

// expectCounted: what members of one commit write into the records of streams,
// those of the other understand. It looks at what each of the groups owned in
// turn.
func (m mixedFleet) expectCounted(crashes int, groups ...[]*member) {
	m.t.Helper()
	moved := 0
	for _, ref := range m.announced {
		tenures := m.books.history(ref.Name)
		last := tenures[len(tenures)-1]
		assert.Zero(m.t, last.failures, "failures counted against %v", ref)
		for i, later := range tenures[1:] {
			assert.Greater(m.t, later.token, tenures[i].token, "S2: the tokens of %v", ref)
		}
		if ownedInTurn(tenures, groups) {
			moved++
			assert.Equal(m.t, crashes, last.crashes, "crashes counted against %v, which has moved both ways", ref)
		}
	}
	m.t.Logf("%d of %d streams have moved both ways", moved, len(m.announced))
	assert.Positive(m.t, moved, "streams that have moved both ways")
}

// ownedInTurn: each group owned the stream once, until the test ended the owner.
func ownedInTurn(tenures []tenure, groups [][]*member) bool {
	return slices.EqualFunc(tenures, groups, func(tenure tenure, members []*member) bool {
		return slices.Contains(members, tenure.member) && tenure.disowned == 0
	})
}

// expectEachFinished: by the effects of its own tenures.
func (m mixedFleet) expectEachFinished(groups ...[]*member) {
	m.t.Helper()
	for _, members := range groups {
		for _, member := range members {
			finished := 0
			for _, tenure := range m.books.begunBy(member) {
				if tenure.ending == endedByDone {
					finished++
				}
			}
			m.t.Logf("%v has finished %d", member, finished)
			assert.Positive(m.t, finished, "streams that %v has finished", member)
		}
	}
}
