package failures_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/testsize"
)

const (
	// floodRoom is how many streams each member may own.
	floodRoom = 100
	// floodBatch is how many assignments are announced at once.
	floodBatch = 500
	// floodInfo is what all infos of a flood are together. A member that kept
	// them would be seen to, whatever the number of assignments.
	floodInfo = 128 << 20
	// mostGrowth is how much memory a member may take on while others flood
	// the stream. It says nothing of how much they announce.
	mostGrowth = 64 << 20
	// mostProcessor is the part of a processor that a member may use while it
	// can do nothing.
	mostProcessor = 0.25
)

func TestMembersWithoutRoomStayAsSmallAsTheyAreWhileProducersFloodTheStream(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 4 * time.Second, SweepInterval: time.Second, MaxStreams: floodRoom})
	deaf := s.settings
	deaf.Deaf = true // it reads none of its notifications either
	s.awaitJoined(s.startMember(), s.startMember(), s.startMemberWith(deaf))
	room := len(s.members) * floodRoom
	first := s.announceMore(room)
	s.awaitFull()
	s.awaitBeats(2)

	before := s.footprints()
	s.watchSlowCommands()
	flooded := s.now()
	s.flood(testsize.Pick(20_000, 1_000_000), before)
	s.awaitSweeps(1)
	s.awaitBeats(2)
	s.expectSmall(before, s.footprints(), s.now()-flooded)
	s.reportSlowCommands()
	assert.EqualValues(t, room, s.pending(), "assignments that were delivered to members that have room for no more")

	s.members[2].ask(actHear)
	s.awaitOwned(first)
	for _, member := range s.members {
		member.ask(actFinish, first...)
	}
	s.awaitFlooded(first)
	s.drop()
	s.announced = s.handedOut(first)
	s.finish()
}

// awaitFlooded waits until streams of the flood have all the room. Which ones
// is not said: on a slow machine members lose some, and fetch others meanwhile.
func (s *scenario) awaitFlooded(before []streamlease.StreamRef) {
	s.t.Helper()
	s.await("the flood has all the room", func() error {
		owned := 0
		for _, member := range s.members {
			for ref := range s.books.ownedBy(member) {
				if !slices.Contains(before, ref) {
					owned++
				}
			}
		}
		if owned < len(before) {
			return fmt.Errorf("%d streams of the flood are owned, and there is room for %d", owned, len(before))
		}
		return nil
	})
}

// awaitFull waits until the source has recorded a tenure for all the room that
// there is: a member that is deaf does not say what it owns.
func (s *scenario) awaitFull() {
	s.t.Helper()
	s.await("all members are full", func() error {
		leases, err := s.keys.leases(s.t.Context())
		if err == nil && len(leases) < len(s.announced) {
			err = fmt.Errorf("%d of %d streams are leased", len(leases), len(s.announced))
		}
		return err
	})
}

// flood announces so many streams, with large infos, and looks at the members
// all the while. A producer that floods does not ask what became of a call that
// was not answered in time.
func (s *scenario) flood(count int, before []footprint) {
	s.t.Helper()
	info := streamlease.Info(fmt.Sprintf(`{"x":"%s"}`, strings.Repeat("i", floodInfo/count)))
	for sent := 0; sent < count; sent += floodBatch {
		batch := make([]streamlease.Assignment, floodBatch)
		for i := range batch {
			batch[i] = streamlease.Assignment{Ref: streamlease.StreamRef{Name: fmt.Sprint("flood-", sent+i)}, Info: info}
		}
		if _, err := s.producer.Announce(s.t.Context(), batch...); err != nil {
			require.ErrorIs(s.t, err, streamlease.ErrUnknownOutcome)
		}
		require.NoError(s.t, s.health())
		s.expectNoGrowth(before, s.footprints())
	}
	entries, err := s.keys.client.XLen(s.t.Context(), s.keys.stream()).Result()
	require.NoError(s.t, err)
	s.t.Logf("%d assignments on the stream", entries)
	require.Greater(s.t, entries, int64(count/2), "assignments of a flood of %d", count)
}

// handedOut are these assignments and what else the stream still has.
func (s *scenario) handedOut(before []streamlease.StreamRef) []streamlease.StreamRef {
	s.t.Helper()
	entries, err := s.keys.client.XRange(s.t.Context(), s.keys.stream(), "-", "+").Result()
	require.NoError(s.t, err)
	refs := slices.Clone(before)
	for _, entry := range entries {
		var payload struct{ DataStreamName string }
		require.NoError(s.t, json.Unmarshal([]byte(entry.Values[lbsField].(string)), &payload))
		if ref := (streamlease.StreamRef{Name: payload.DataStreamName, MessageID: entry.ID}); !slices.Contains(before, ref) {
			refs = append(refs, ref)
		}
	}
	return refs
}

// dropSource deletes the next entries of a stream, and answers how many.
const dropSource = `
local ids = {}
for i, entry in ipairs(redis.call('XRANGE', KEYS[1], ARGV[1], '+', 'COUNT', ARGV[2])) do
  ids[i] = entry[1]
end
return #ids > 0 and redis.call('XDEL', KEYS[1], unpack(ids)) or 0`

// drop deletes what nobody was given, so that nobody has to work on it.
func (s *scenario) drop() {
	s.t.Helper()
	stream := []string{s.keys.stream()}
	for dropped := 1; dropped > 0; {
		var err error
		dropped, err = s.keys.client.Eval(s.t.Context(), dropSource, stream, "("+s.lastDelivered(), floodBatch).Int()
		require.NoError(s.t, err)
	}
}

// lastDelivered is the message ID of the newest assignment that was handed out.
func (s *scenario) lastDelivered() string {
	s.t.Helper()
	groups, err := s.keys.client.XInfoGroups(s.t.Context(), s.keys.stream()).Result()
	require.NoError(s.t, err)
	require.Len(s.t, groups, 1)
	return groups[0].LastDeliveredID
}

func (s *scenario) pending() int64 {
	s.t.Helper()
	pending, err := s.keys.client.XPending(s.t.Context(), s.keys.stream(), s.keys.group()).Result()
	require.NoError(s.t, err)
	return pending.Count
}

// watchSlowCommands lets the server note what takes it long, from now on.
func (s *scenario) watchSlowCommands() {
	s.t.Helper()
	const slow = 5 * time.Millisecond
	require.NoError(s.t, s.keys.client.ConfigSet(s.t.Context(), "slowlog-log-slower-than", fmt.Sprint(slow.Microseconds())).Err())
	require.NoError(s.t, s.keys.client.Do(s.t.Context(), "SLOWLOG", "RESET").Err())
}

// reportSlowCommands prints them: how long they take is for the machine to say.
func (s *scenario) reportSlowCommands() {
	s.t.Helper()
	commands, err := s.keys.client.SlowLogGet(s.t.Context(), -1).Result()
	require.NoError(s.t, err)
	s.t.Logf("SLOWLOG has %d commands of more than 5 ms", len(commands))
	for _, command := range commands {
		s.t.Logf("  %v: %.100q", command.Duration, command.Args)
	}
}
