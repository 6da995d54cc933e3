package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestTheFleetIsWhoBeatsAndWhatTheyOwn(t *testing.T) {
	f := newFixture(t)
	f.beatWith(ports.Beat{Member: alice, HasRoom: true, Owned: 3, Expiry: time.Minute})
	fleet := f.beatWith(ports.Beat{Member: bob, Owned: 4, Expiry: time.Minute})
	require.EqualValues(t, 7, fleet.Owned)
	require.EqualValues(t, 3, fleet.OwnedWithRoom)
	require.ElementsMatch(t, []ports.FleetMember{{Member: alice, HasRoom: true}, {Member: bob}}, fleet.Members)

	fleet = f.beatWith(ports.Beat{Member: alice, Owned: 5, HasRoom: true, Expiry: time.Minute, FleetVersion: fleet.Version})
	require.EqualValues(t, 9, fleet.Owned)
	require.EqualValues(t, 5, fleet.OwnedWithRoom)
	require.Nil(t, fleet.Members, "nobody came, went, or came to or from no room")
}

func TestTheVersionRisesWithEveryChangeOfTheFleet(t *testing.T) {
	f := newFixture(t)
	version := f.beat(alice).Version
	rises := func(beat ports.Beat, does bool) {
		t.Helper()
		beat.Expiry, beat.FleetVersion = time.Minute, version
		fleet := f.beatWith(beat)
		require.Equal(t, does, fleet.Version > version)
		require.Equal(t, does, fleet.Members != nil)
		version = fleet.Version
	}
	rises(ports.Beat{Member: alice, HasRoom: true, Owned: 1}, false)
	rises(ports.Beat{Member: bob, HasRoom: true}, true)
	rises(ports.Beat{Member: bob, HasRoom: false}, true)
	rises(ports.Beat{Member: bob, HasRoom: false}, false)
	rises(ports.Beat{Member: bob, HasRoom: true}, true)
	rises(ports.Beat{Member: bob, Leaving: true}, true)
	rises(ports.Beat{Member: bob, Leaving: true}, false)
	rises(ports.Beat{Member: alice, HasRoom: true}, false)
	require.NoError(t, f.redis.FlushAll(f.ctx).Err())
	rises(ports.Beat{Member: alice, HasRoom: true}, true)
}

func TestAMemberWithoutABeatHasLeftAndCanJoinAgain(t *testing.T) {
	f := newFixture(t)
	f.beat(alice)
	start := f.serverNow()
	f.beatWith(ports.Beat{Member: bob, HasRoom: true, Owned: 5, Expiry: 50 * time.Millisecond})
	var fleet ports.Fleet
	f.eventually(func() bool { fleet = f.beat(alice); return len(fleet.Members) == 1 }, "bob never expires")
	require.GreaterOrEqual(t, f.serverNow().Sub(start), 50*time.Millisecond)
	require.Zero(t, fleet.Owned)
	again := f.beat(bob)
	require.Len(t, again.Members, 2)
	require.Greater(t, again.Version, fleet.Version)
}

func TestTwoProcessesWithOneIDAreTwoMembers(t *testing.T) {
	f := newFixture(t)
	f.beat(ports.Member{ID: "same", Incarnation: "one"})
	fleet := f.beat(ports.Member{ID: "same", Incarnation: "two"})
	require.Len(t, fleet.Members, 2)
}

func TestIDsAndVersionsOfMembersMayBeAnything(t *testing.T) {
	f := newFixture(t)
	for i, id := range []string{"", " ", "a b", "1 2 3", "\x00\n", "\xff", "é"} {
		who := ports.Member{ID: id, Incarnation: fmt.Sprint("i", i)}
		fleet := f.beatWith(ports.Beat{Member: who, HasRoom: true, Owned: 1, Version: " v 1\n", Expiry: time.Minute})
		require.Contains(t, fleet.Members, ports.FleetMember{Member: who, HasRoom: true})
		require.EqualValues(t, i+1, fleet.Owned)
	}
}

func TestBacklogAndTheOldestWait(t *testing.T) {
	f := newFixture(t)
	fleet := f.beat(alice)
	require.Zero(t, fleet.Backlog)
	require.Zero(t, fleet.OldestWait)

	oldest := f.announce("a", "b", "c")[0]
	f.waitOnServer(20 * time.Millisecond)
	newest := f.announce("d")[0]
	fleet = f.beat(alice)
	require.EqualValues(t, 4, fleet.Backlog)
	require.GreaterOrEqual(t, fleet.OldestWait, 20*time.Millisecond)
	require.LessOrEqual(t, fleet.OldestWait, f.ageOf(oldest))

	f.fetch(alice, 3)
	fleet = f.beat(alice)
	require.EqualValues(t, 1, fleet.Backlog)
	require.LessOrEqual(t, fleet.OldestWait, f.ageOf(newest))
	require.Less(t, f.ageOf(newest), f.ageOf(oldest)-19*time.Millisecond)
	f.fetch(alice, 3)
	fleet = f.beat(alice)
	require.Zero(t, fleet.Backlog)
	require.Zero(t, fleet.OldestWait)
}

func TestANewerLayoutIsRefusedAndNothingIsDone(t *testing.T) {
	f := newFixture(t)
	f.beat(alice)
	require.NoError(t, f.redis.Set(f.ctx, f.conn.Layout(), "2.0", 0).Err())
	_, err := f.Heartbeat(f.ctx, ports.Beat{Member: bob, Expiry: time.Minute})
	var refused *ports.RefusedError
	require.ErrorAs(t, err, &refused)
	require.True(t, refused.Lasting)
	require.Contains(t, err.Error(), "2.0")
	require.NoError(t, f.redis.Set(f.ctx, f.conn.Layout(), "1.7", 0).Err())
	require.Len(t, f.beat(alice).Members, 1)
}

func TestMembersThatLeftLeaveNothingBehind(t *testing.T) {
	f := newFixture(t)
	f.beat(alice)
	f.fetch(alice, 1)
	before := f.redis.Keys(f.ctx, "*").Val()
	slices.Sort(before)
	for i := range 60 {
		who := member(fmt.Sprint("m", i))
		f.beatWith(ports.Beat{Member: who, HasRoom: true, Expiry: time.Millisecond})
		ref := f.owned(who, fmt.Sprint(i), 7)
		f.end(who, ref, 7, ports.Done)
		if i%2 == 0 {
			f.beatWith(ports.Beat{Member: who, Leaving: true})
		}
	}
	f.eventually(func() bool {
		f.beatWith(ports.Beat{Member: alice, HasRoom: true, Expiry: time.Millisecond})
		return f.consumers() == 0
	}, "consumers of members that died stay")
	after := f.redis.Keys(f.ctx, "*").Val()
	after = slices.DeleteFunc(after, func(key string) bool { return key == f.conn.Records() })
	slices.Sort(after)
	require.Equal(t, before, after)
	fields := f.redis.HKeys(f.ctx, f.conn.Fleet()).Val()
	require.Len(t, slices.DeleteFunc(fields, func(field string) bool { return !strings.HasPrefix(field, "member:") }), 1)
	require.Empty(t, f.redis.HKeys(f.ctx, f.conn.Records()).Val())
}

func TestAConsumerWithSomethingPendingIsNeverDeleted(t *testing.T) {
	f := newFixture(t)
	refs := f.announce("delivered", "given back")
	f.beatWith(ports.Beat{Member: bob, Expiry: time.Millisecond})
	f.fetch(bob, 2)
	f.take(bob, refs[1], 7)
	f.end(bob, refs[1], 7, ports.HandedOff)
	f.beatWith(ports.Beat{Member: bob, Leaving: true})
	f.eventually(func() bool {
		return len(f.beatWith(ports.Beat{Member: alice, Expiry: time.Millisecond}).Members) == 1
	}, "bob stays")
	f.awaitTick()
	f.beatWith(ports.Beat{Member: alice, Expiry: time.Millisecond})
	require.Equal(t, 1, f.consumers())
	require.Equal(t, []ports.StreamRef{refs[0]}, deliveredRefs(f.deliveries(bob)))

	for _, ref := range refs {
		require.NoError(t, f.take(alice, ref, 8).Err)
	}
	f.eventually(func() bool {
		f.beatWith(ports.Beat{Member: alice, Expiry: time.Millisecond})
		return f.consumers() == 1 && len(f.deliveries(bob).Deliveries) == 0
	}, "bob's consumer stays though it has nothing pending")
}

func TestTheLastWhoLeavesTakesTheConsumersOfThoseBeforeAlong(t *testing.T) {
	f := newFixture(t)
	refs := f.announce("handed off", "another")
	f.beat(alice)
	f.beat(bob)
	f.fetch(alice, 1)
	f.fetch(bob, 1)
	f.beatWith(ports.Beat{Member: alice, Leaving: true})
	require.Equal(t, 2, f.consumers(), "what is pending must not be forgotten")

	for _, ref := range refs {
		require.NoError(t, f.take(bob, ref, 7).Err)
		f.end(bob, ref, 7, ports.Done)
	}
	f.beatWith(ports.Beat{Member: bob, Leaving: true})
	require.Zero(t, f.consumers())
}

func TestATallyOfAMemberThatDiedGoesOnceItsStreamsAreTaken(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	f.beatWith(ports.Beat{Member: alice, Leaving: true})
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, f.deliveries(alice).Taken, "what is taken still counts")
	f.take(bob, ref, 8)
	f.beat(bob)
	f.eventually(func() bool {
		f.sweep(sweepAll)
		return !slices.Contains(f.redis.HKeys(f.ctx, f.conn.Records()).Val(), "taken:alice")
	}, "the tally of a member that left with nothing stays")
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, f.beat(bob).Taken)
}

// consumers counts the group's.
func (f *fixture) consumers() int {
	f.t.Helper()
	list, err := f.redis.XInfoConsumers(f.ctx, f.conn.Stream(), f.conn.Group()).Result()
	require.NoError(f.t, err)
	return len(list)
}

// ageOf is how long ago an assignment was announced, by the server's clock.
func (f *fixture) ageOf(ref ports.StreamRef) time.Duration {
	f.t.Helper()
	millis, _, _ := strings.Cut(ref.MessageID, "-")
	announced, err := strconv.ParseInt(millis, 10, 64)
	require.NoError(f.t, err)
	return f.serverNow().Sub(time.UnixMilli(announced))
}
