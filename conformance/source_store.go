package conformance

import (
	"fmt"

	"github.com/streamlease/streamlease/ports"
)

var sourceQuestions = []sourceQuestion{
	{
		where:   "StreamSource",
		text:    "Take and Settle are atomic, each for one ref",
		examine: takeAndSettleAreAtomic,
		chance:  true,
	}, {
		where:   "StreamSource",
		text:    "The records live outside of what hands out and survive its loss",
		examine: recordsSurviveTheLossOfTheGroup,
	}, {
		where:   "StreamSource",
		text:    "a group or stream that is missing (flushed, failed over) is made again by the call that needs it.",
		examine: whatIsMissingIsMadeAgain,
	}, {
		where:   "Set",
		text:    "Set is the ports of one service.",
		examine: anotherSourceSeesNothing,
	},
}

// takeAndSettleAreAtomic lets many members come at the same time: of those with
// one token one wins, and the highest token wins in the end.
func takeAndSettleAreAtomic(b *sourceBench) {
	const members = 6
	all := make([]*sourceMember, members)
	for i := range all {
		all[i] = b.joinAs(fmt.Sprint("m", i))
		all[i].beat()
	}
	for round := range 6 {
		ref := b.delivered(fmt.Sprint("s", round))
		b.raceForOneToken(all, ref)
		b.raceToSettle(all, b.raceForTheHighest(all, ref), ref)
	}
	for _, member := range all {
		tally := member.beat().Taken
		if tally.Count != 0 {
			b.violated("the Heartbeat of %s counts %d taken when all is done", member.Incarnation, tally.Count)
		}
	}
}

func (b *sourceBench) raceForOneToken(all []*sourceMember, ref ports.StreamRef) {
	won := make([]bool, len(all))
	b.atOnce(all, func(i int) { won[i] = all[i].take(ref, nthToken(1)).Err == nil })
	winners := 0
	for _, is := range won {
		if is {
			winners++
		}
	}
	if winners != 1 {
		b.violated("%d of %d members took %s with the same token at the same time", winners, len(all), refText(ref))
	}
}

func (b *sourceBench) raceForTheHighest(all []*sourceMember, ref ports.StreamRef) (owner int) {
	b.atOnce(all, func(i int) { all[i].take(ref, nthToken(10+i)) })
	owner = len(all) - 1
	all[owner].expectOwns(ref, nthToken(10+owner), "its token is the highest of those that came at the same time")
	return owner
}

func (b *sourceBench) raceToSettle(all []*sourceMember, owner int, ref ports.StreamRef) {
	changed := make([]bool, len(all))
	b.atOnce(all, func(i int) {
		changed[i] = all[owner].settle(ref, nthToken(10+owner), ports.Done).Changed
		all[i].settle(ref, nthToken(10+i), ports.HandedOff)
	})
	times := 0
	for _, is := range changed {
		if is {
			times++
		}
	}
	if times != 1 {
		b.violated("the same settlement, sent %d times at the same time, changed something %d times", len(all), times)
	}
}

func (b *sourceBench) atOnce(all []*sourceMember, do func(i int)) {
	parts := make([]func(), len(all))
	for i := range all {
		parts[i] = func() { do(i) }
	}
	b.together(parts...)
}

func recordsSurviveTheLossOfTheGroup(b *sourceBench) {
	loser, able := can[GroupLoser](b.probe, b.instance)
	if !able {
		return
	}
	b.alice.beat()
	taken, delivered := b.owned("taken", nthToken(5)), b.delivered("delivered")
	failed := b.owned("failed", nthToken(5))
	b.alice.ended(failed, nthToken(5), ports.Failed)
	suspect := b.owned("suspect", nthToken(1))
	b.bob.taken(suspect, nthToken(2))
	done := b.owned("done", nthToken(5))
	b.alice.ended(done, nthToken(5), ports.Done)
	before := b.alice.beat().Taken
	undelivered := b.announce("undelivered")[0]

	b.must(loser.LoseGroup(), "lose what hands out")
	late := b.bob.take(taken, nthToken(4))
	b.expectDisowned(late.Err, late.Remembered, nthToken(5), "Take with a lower token after the loss of the group")
	b.alice.expectOwns(taken, nthToken(5), "the loss of the group changes no record")
	b.expectTally(b.alice.beat().Taken, before, "the Heartbeat after the loss of the group")
	b.expectAmong(refsOfDeliveries(b.alice.deliveries()), []ports.StreamRef{taken}, "Deliveries after the loss of the group")
	fetched := refsOf(b.bob.fetchAll())
	b.expectAmong(fetched, []ports.StreamRef{undelivered}, "Fetch after the loss of the group")
	b.expectNoRef(fetched, done, "Fetch", "it is done")
	b.alice.expectOwns(taken, nthToken(5), "the Fetches of others change no record")
	_, round := b.bob.sweepRound(10)
	b.expectAmong(append(refsOfSwept(round), fetched...), []ports.StreamRef{taken, delivered, suspect},
		"what a whole round of Sweep and Fetch answer together after the loss of the group")
	b.expectCounts(b.bob.take(failed, nthToken(6)), 1, 0, "Take, after the loss of the group, of what failed before")
	b.bob.ended(suspect, nthToken(2), ports.HandedOff)
	b.expectCounts(b.bob.take(suspect, nthToken(3)), 0, 1, "Take, after the loss of the group, of what had a suspect before")
	b.alice.ended(taken, nthToken(5), ports.Done)
	b.expectGone(taken, "it was done after the loss of the group")
}

// whatIsMissingIsMadeAgain loses everything, and has each call be the first
// after that.
func whatIsMissingIsMadeAgain(b *sourceBench) {
	lose := b.waysToLose()
	if len(lose) == 0 {
		return
	}
	for _, loss := range lose {
		ref := b.owned("before", nthToken(1))
		for _, call := range []struct {
			what string
			do   func() error
		}{
			{"Heartbeat", func() error { b.alice.beat(); return nil }},
			{"Fetch", func() error { _, err := b.alice.fetchWithin(10, 0); return err }},
			{"Deliveries", func() error { _, err := b.alice.tryPage(alice, "", 10); return err }},
			{"Sweep", func() error { b.alice.sweep(ports.SweepRequest{Limit: 10}); return nil }},
			{"Settle", func() error { return b.alice.settle(ref, nthToken(1), ports.HandedOff).Err }},
		} {
			b.must(loss.lose(), loss.what)
			b.expectSuccess(call.do(), call.what+", the first call after the harness did "+loss.what+",")
		}
		b.must(loss.lose(), loss.what)
		if err := b.alice.take(ref, nthToken(2)).Err; loss.everything {
			b.expectIs(err, ports.ErrDone, "ErrDone", "Take of what was flushed")
		} else {
			b.expectSuccess(err, "Take, the first call after the harness did "+loss.what+",")
		}
		b.must(loss.lose(), loss.what)
		fresh := b.announce("after")[0]
		b.expectAmong(refsOf(b.bob.fetchAll()), []ports.StreamRef{fresh}, "Fetch of what was announced after the harness did "+loss.what)
		b.expectSuccess(b.bob.take(fresh, nthToken(1)).Err, "Take of what was announced after the harness did "+loss.what)
		b.expectSuccess(b.bob.settle(fresh, nthToken(1), ports.Done).Err, "Settle of what was announced after the harness did "+loss.what)
	}
}

type wayToLose struct {
	what       string
	lose       func() error
	everything bool
}

func (b *sourceBench) waysToLose() (ways []wayToLose) {
	if flusher, able := can[Flusher](b.probe, b.instance); able {
		ways = append(ways, wayToLose{"flush the source", flusher.Flush, true})
	}
	if loser, able := can[GroupLoser](b.probe, b.instance); able {
		ways = append(ways, wayToLose{"lose what hands out", loser.LoseGroup, false})
	}
	return ways
}

func anotherSourceSeesNothing(b *sourceBench) {
	other := newSourceBench(b.probe, b.harness)
	defer other.close()
	b.alice.beatWith(ports.Beat{HasRoom: true, Owned: 3, Expiry: long})
	ref := b.announce("s", "waits")[0]
	b.alice.fetch(1)
	b.alice.taken(ref, nthToken(1))

	fleet := other.expectLiving(nil, "members live at another source only")
	other.expectOwned(fleet, 0, 0, "members live at another source only")
	if fleet.Backlog != 0 || fleet.Taken.Count != 0 {
		b.violated("the backlog is %d and %d are taken, at another source than the one where something was announced", fleet.Backlog, fleet.Taken.Count)
	}
	fetched := other.bob.fetchAll()
	if len(fetched) > 0 {
		b.violated("Fetch answers %s, which was announced at another source", listed(fetched, assignmentText))
	}
	if page := other.alice.deliveries(); len(page) > 0 {
		b.violated("Deliveries answers %s, which was delivered at another source", listed(page, deliveryText))
	}
	b.expectIs(other.bob.take(ref, nthToken(2)).Err, ports.ErrDone, "ErrDone", "Take of what was announced at another source")
	b.alice.expectOwns(ref, nthToken(1), "what happened was at another source")
}
