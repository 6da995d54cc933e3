package conformance

import (
	"time"

	"github.com/streamlease/streamlease/ports"
)

var fleetQuestions = []sourceQuestion{
	{
		where:   "StreamSource.Heartbeat",
		text:    "A member whose Expiry passed without another beat, or that said Leaving, is no longer counted",
		examine: whoIsSilentOrLeavesIsNotCounted,
	}, {
		where:   "StreamSource.Heartbeat",
		text:    "a later beat of the same incarnation joins again.",
		examine: aLaterBeatJoinsAgain,
	}, {
		where:   "StreamSource.Heartbeat",
		text:    "Fleet.Version rises when a member joined, left, or came to or from no room",
		examine: theVersionRisesWithEveryChange,
	}, {
		where:   "StreamSource.Heartbeat",
		text:    "Members is answered only if it differs from beat.FleetVersion.",
		examine: membersAreAnsweredWhenTheyChanged,
	}, {
		where:   "Member",
		text:    "Two processes with one ID differ in their Incarnation and are two members.",
		examine: oneIDCanBeTwoMembers,
	}, {
		where:   "Fleet.Owned",
		text:    "Owned is the sum over all live members; OwnedWithRoom the same over those that have room.",
		examine: ownedIsTheSum,
	}, {
		where:   "Fleet.Backlog",
		text:    "Backlog counts the assignments that nobody was given yet.",
		examine: backlogCountsTheUndelivered,
	}, {
		where:   "Fleet.OldestWait",
		text:    "OldestWait is how long the oldest of them has waited, by the source's clock; 0 when Backlog is 0.",
		examine: oldestWaitIsThatOfTheOldest,
	},
}

// living are the members that a fresh observer is told of, but for itself.
func (b *sourceBench) living() (members map[ports.Member]bool, fleet ports.Fleet) {
	observer := b.joinAs("observer")
	fleet = observer.beat()
	members = map[ports.Member]bool{}
	seen := 0
	for _, member := range fleet.Members {
		if member.Member == observer.Member {
			seen++
			continue
		}
		if _, twice := members[member.Member]; twice {
			b.violated("%s is listed twice among the members", member.Member.Incarnation)
		}
		members[member.Member] = member.HasRoom
	}
	if seen != 1 {
		b.violated("whoever sends a beat with the fleet version 0 is %d times among the members that it is told of", seen)
	}
	observer.beatWith(ports.Beat{Leaving: true})
	return members, fleet
}

// expectLiving wants exactly these members, with and without room.
func (b *sourceBench) expectLiving(want map[*sourceMember]bool, when string) ports.Fleet {
	got, fleet := b.living()
	for member, room := range want {
		gotRoom, is := got[member.Member]
		switch {
		case !is:
			b.violated("%s: the member %q/%q is not among the members", when, member.ID, member.Incarnation)
		case gotRoom != room:
			b.violated("%s: the member %s is listed with room %t; its last beat said %t", when, member.Incarnation, gotRoom, room)
		}
		delete(got, member.Member)
	}
	for member := range got {
		b.violated("%s: %q/%q is among the members", when, member.ID, member.Incarnation)
	}
	return fleet
}

func whoIsSilentOrLeavesIsNotCounted(b *sourceBench) {
	b.withTime(func(expiry time.Duration) (conclusive bool) {
		b.alice.beatWith(ports.Beat{HasRoom: true, Owned: 3, Expiry: long})
		_, beat := b.bob.beatWith(ports.Beat{HasRoom: true, Owned: 5, Expiry: expiry})
		members, _ := b.living()
		if b.now() < beat.began+expiry {
			conclusive = true
			if _, lives := members[bob]; !lives {
				b.violated("bob is not among the members %v after a beat that is good for %v", b.now()-beat.began, expiry)
			}
		}
		b.passOver(beat.ended + expiry)
		fleet := b.expectLiving(map[*sourceMember]bool{b.alice: true}, "bob's expiry has passed without another beat")
		b.expectOwned(fleet, 3, 3, "bob, who owned 5, is not counted any more")
		return conclusive
	})
	b.alice.beatWith(ports.Beat{HasRoom: true, Owned: 3, Expiry: long})
	b.bob.beatWith(ports.Beat{HasRoom: true, Owned: 5, Expiry: long})
	b.bob.beatWith(ports.Beat{HasRoom: true, Owned: 5, Expiry: long, Leaving: true})
	fleet := b.expectLiving(map[*sourceMember]bool{b.alice: true}, "bob has said that he leaves")
	b.expectOwned(fleet, 3, 3, "bob, who owned 5, has left")
	b.bob.beatWith(ports.Beat{Leaving: true})
	b.expectLiving(map[*sourceMember]bool{b.alice: true}, "bob has said twice that he leaves")
}

func (b *sourceBench) expectOwned(fleet ports.Fleet, owned, withRoom int64, when string) {
	if fleet.Owned != owned || fleet.OwnedWithRoom != withRoom {
		b.violated("%s: the fleet owns %d (with room %d); it must be %d (%d)", when, fleet.Owned, fleet.OwnedWithRoom, owned, withRoom)
	}
}

func aLaterBeatJoinsAgain(b *sourceBench) {
	b.alice.beat()
	b.bob.beat()
	b.bob.beatWith(ports.Beat{Leaving: true})
	before := b.alice.beat().Version
	b.bob.beat()
	after := b.expectLiving(map[*sourceMember]bool{b.alice: true, b.bob: true}, "bob has left and come back").Version
	if after <= before {
		b.violated("bob has left and come back, and the version is %d; it was %d when he was away", after, before)
	}
	_, beat := b.bob.beatWith(ports.Beat{HasRoom: true, Expiry: b.limits.SmallestTTL})
	b.passOver(beat.ended + b.limits.SmallestTTL)
	b.expectLiving(map[*sourceMember]bool{b.alice: true}, "bob's expiry has passed")
	b.bob.beat()
	b.expectLiving(map[*sourceMember]bool{b.alice: true, b.bob: true}, "bob is heard of again after his expiry")
	_, beat = b.bob.beatWith(ports.Beat{HasRoom: true, Expiry: b.limits.SmallestTTL})
	b.bob.beat()
	b.passOver(beat.ended + b.limits.SmallestTTL)
	b.expectLiving(map[*sourceMember]bool{b.alice: true, b.bob: true}, "bob's last beat is good for an hour, the one before it is over")
}

func theVersionRisesWithEveryChange(b *sourceBench) {
	version := b.alice.beat().Version
	if version <= 0 {
		b.violated("the version is %d with one member; 0 means that none is known", version)
	}
	rises := func(should bool, what string) {
		now := b.alice.beat().Version
		switch {
		case should && now <= version:
			b.violated("the version was %d and is %d after %s; it must rise", version, now, what)
		case !should && now != version:
			b.violated("the version was %d and is %d after %s; nothing changed that it counts", version, now, what)
		}
		version = now
	}
	rises(false, "another beat of the only member")
	b.bob.beat()
	rises(true, "bob has joined")
	b.bob.beatWith(ports.Beat{HasRoom: true, Owned: 9, Expiry: long})
	rises(false, "bob's beat with another number of streams")
	b.bob.beatWith(ports.Beat{Expiry: long})
	rises(true, "bob has no room any more")
	b.bob.beatWith(ports.Beat{Expiry: long})
	rises(false, "bob's beat, still without room")
	b.bob.beat()
	rises(true, "bob has room again")
	b.bob.beatWith(ports.Beat{Leaving: true})
	rises(true, "bob has left")
	b.bob.beat()
	rises(true, "bob has joined again")
	_, beat := b.bob.beatWith(ports.Beat{HasRoom: true, Expiry: b.limits.SmallestTTL})
	b.passOver(beat.ended + b.limits.SmallestTTL)
	rises(true, "bob's expiry has passed")
}

func membersAreAnsweredWhenTheyChanged(b *sourceBench) {
	known := b.alice.beat().Version
	same, _ := b.alice.beatWith(ports.Beat{HasRoom: true, Expiry: long, FleetVersion: known})
	if same.Members != nil {
		b.violated("Members is %s for a member that knows the newest version, %d", listed(same.Members, fleetMemberText), known)
	}
	b.bob.beat()
	changed, _ := b.alice.beatWith(ports.Beat{HasRoom: true, Expiry: long, FleetVersion: known})
	if len(changed.Members) != 2 {
		b.violated("Members is %s for a member that knows version %d, before another joined; there are two", listed(changed.Members, fleetMemberText), known)
	}
	b.bob.beatWith(ports.Beat{Expiry: long})
	room, _ := b.alice.beatWith(ports.Beat{HasRoom: true, Expiry: long, FleetVersion: changed.Version})
	if len(room.Members) != 2 {
		b.violated("Members is %s when another member has come to no room; there are two", listed(room.Members, fleetMemberText))
	}
	joined, _ := b.join(twin).beatWith(ports.Beat{HasRoom: true, Expiry: long, FleetVersion: room.Version})
	if len(joined.Members) != 3 {
		b.violated("Members is %s for a member that joins with this beat; there are three", listed(joined.Members, fleetMemberText))
	}
	own, _ := b.alice.beatWith(ports.Beat{Expiry: long, FleetVersion: joined.Version})
	if len(own.Members) != 3 {
		b.violated("Members is %s for a member that comes to no room with this beat; there are three", listed(own.Members, fleetMemberText))
	}
	future, _ := b.alice.beatWith(ports.Beat{Expiry: long, FleetVersion: own.Version + 1000})
	if len(future.Members) != 3 {
		b.violated("Members is %s for a member that knows a version of before a flush, greater than that of now; there are three", listed(future.Members, fleetMemberText))
	}
}

func oneIDCanBeTwoMembers(b *sourceBench) {
	same := b.join(twin)
	b.alice.beatWith(ports.Beat{HasRoom: true, Owned: 3, Expiry: long})
	same.beatWith(ports.Beat{Owned: 4, Expiry: long})
	fleet := b.expectLiving(map[*sourceMember]bool{b.alice: true, same: false}, "two processes have one ID")
	b.expectOwned(fleet, 7, 3, "two processes with one ID own 3, with room, and 4, without")

	ref := b.owned("s", nthToken(1))
	result := same.take(ref, nthToken(1))
	b.expectDisowned(result.Err, result.Remembered, nthToken(1), "Take with the same token by another process of the same ID")
	settled := same.settle(ref, nthToken(1), ports.Done)
	b.expectDisowned(settled.Err, settled.Remembered, nthToken(1), "Settle with the same token by another process of the same ID")
	b.expectTally(same.beat().Taken, ports.Tally{}, "the Heartbeat of a member whose ID somebody else has, who took one,")
	b.expectNoRef(refsOfDeliveries(same.deliveries()), ref, "Deliveries of the other process of this ID", "it has neither fetched nor taken it")
	same.beatWith(ports.Beat{Leaving: true})
	b.expectLiving(map[*sourceMember]bool{b.alice: true}, "one of two processes with one ID has left")
}

func ownedIsTheSum(b *sourceBench) {
	b.alice.beatWith(ports.Beat{HasRoom: true, Owned: 3, Expiry: long})
	fleet, _ := b.bob.beatWith(ports.Beat{Owned: 5, Expiry: long})
	b.expectOwned(fleet, 8, 3, "alice owns 3 and has room, bob owns 5 and has none")
	fleet, _ = b.alice.beatWith(ports.Beat{Owned: 1 << 40, Expiry: long})
	b.expectOwned(fleet, 5+1<<40, 0, "alice owns 2^40, bob 5, and neither has room")
	fleet, _ = b.bob.beatWith(ports.Beat{HasRoom: true, Owned: 1, Expiry: long})
	b.expectOwned(fleet, 1+1<<40, 1, "alice owns 2^40 and has no room, bob owns 1 and has room")
	fleet, _ = b.alice.beatWith(ports.Beat{Leaving: true})
	b.expectOwned(fleet, 1, 1, "alice has left")
}

func backlogCountsTheUndelivered(b *sourceBench) {
	backlog := func(want int64, when string) {
		if got := b.alice.beat().Backlog; got != want {
			b.violated("the backlog is %d when %s; it must be %d", got, when, want)
		}
	}
	backlog(0, "nothing was announced")
	refs := b.announceMany("s", 5)
	backlog(5, "5 were announced")
	fetched := len(b.alice.fetch(2).Assignments)
	backlog(int64(5-fetched), "some were fetched")
	b.bob.fetchAll()
	backlog(0, "all were fetched, and none was taken")
	b.alice.taken(refs[0], nthToken(1))
	b.alice.ended(refs[0], nthToken(1), ports.HandedOff)
	backlog(0, "all were fetched, and one was given back")
	b.alice.taken(refs[0], nthToken(2))
	b.alice.ended(refs[0], nthToken(2), ports.Done)
	b.announce("more")
	backlog(1, "one more was announced, and one of the others is done")
}

func oldestWaitIsThatOfTheOldest(b *sourceBench) {
	if fleet := b.alice.beat(); fleet.OldestWait != 0 {
		b.violated("the oldest has waited %v when nothing waits", fleet.OldestWait)
	}
	began := b.now()
	b.announce("first")
	first := span{began, b.now()}
	b.pass(b.limits.SmallestTTL)
	b.announce("second")
	b.expectOldest(first, "two wait")
	b.pass(b.limits.SmallestTTL)
	b.expectOldest(first, "two wait, a little later,")
	b.bob.fetchAll()
	began = b.now()
	b.announce("third")
	b.expectOldest(span{began, b.now()}, "those before were fetched")
	b.alice.fetchAll()
	if fleet := b.alice.beat(); fleet.OldestWait != 0 {
		b.violated("the oldest has waited %v when nothing waits any more", fleet.OldestWait)
	}
}

func (b *sourceBench) expectOldest(announced span, when string) {
	fleet, beat := b.alice.beatWith(ports.Beat{HasRoom: true, Expiry: long})
	b.expectBetween(fleet.OldestWait, beat.began-announced.ended, beat.ended-announced.began, "OldestWait when "+when)
}
