package conformance

import "github.com/streamlease/streamlease/ports"

var tallyQuestions = []sourceQuestion{
	{
		where:   "StreamSource.Heartbeat",
		text:    "Fleet.Taken counts what this incarnation has taken and not settled, by the records",
		examine: theTallyCountsWhatIsTaken,
	}, {
		where:   "StreamSource.Heartbeat",
		text:    "its change number rises by one with every assignment that is added (Take) or removed (Settle, a Take by another member, a purge).",
		examine: everyChangeOfWhatIsTakenCounts,
	}, {
		where:   "TakeResult.Changed",
		text:    "this very call added the assignment to the member's Taken set (false when it repeats an earlier success).",
		examine: takeSaysWhatItChanged,
	}, {
		where:   "TakeResult.Taken",
		text:    "Taken is the member's tally right after this item.",
		examine: takeAnswersTheTallyAfterEachItem,
	}, {
		where:   "SettleResult.Changed",
		text:    "this very call removed the assignment from the member's Taken set.",
		examine: settleSaysWhatItChanged,
	},
}

// requestsFor takes each with this token.
func requestsFor(refs []ports.StreamRef, held ports.Token) []ports.TakeRequest {
	requests := make([]ports.TakeRequest, len(refs))
	for i, ref := range refs {
		requests[i] = ports.TakeRequest{Ref: ref, Token: held}
	}
	return requests
}

func (b *sourceBench) expectCount(m *sourceMember, want int64, when string) {
	if got := m.beat().Taken.Count; got != want {
		b.violated("the Heartbeat of %s counts %d taken when %s; it must be %d", m.Incarnation, got, when, want)
	}
}

func theTallyCountsWhatIsTaken(b *sourceBench) {
	b.expectCount(b.alice, 0, "nothing was announced")
	refs := b.announceMany("s", 6)
	b.alice.fetchAll()
	b.expectCount(b.alice, 0, "six were delivered to her, and she took none")
	b.alice.takeAll(requestsFor(refs, nthToken(1))...)
	b.expectCount(b.alice, 6, "she took six")
	b.bob.taken(refs[0], nthToken(2))
	b.expectCount(b.alice, 5, "she took six, and bob one of them after her")
	b.expectCount(b.bob, 1, "he took one")
	for i, outcome := range outcomes {
		b.alice.ended(refs[i+1], nthToken(1), outcome)
		b.expectCount(b.alice, int64(4-i), "she settled one more, as "+outcome.String())
	}
	b.bob.ended(refs[0], nthToken(2), ports.HandedOff)
	b.expectCount(b.bob, 0, "he handed off the only one that he took")
	b.expectCount(b.join(alice), 1, "she asks by another handle")
	undelivered := b.announce("undelivered")[0]
	b.alice.taken(undelivered, nthToken(1))
	b.expectCount(b.alice, 2, "she took one that no Fetch has answered")
}

// tallySteps follows the tally of a member: each step says by how much it must
// change.
type tallySteps struct {
	bench  *sourceBench
	member *sourceMember
	tally  ports.Tally
}

func (s *tallySteps) expect(change, count int64, when string) {
	s.tally.Change += change
	s.tally.Count += count
	got := s.member.beat().Taken
	s.bench.expectTally(got, s.tally, "the Heartbeat of "+s.member.Incarnation+", when "+when+",")
	s.tally = got
}

func everyChangeOfWhatIsTakenCounts(b *sourceBench) {
	b.bob.beat()
	refs := b.announceMany("s", 5)
	b.alice.fetchAll()
	hers := &tallySteps{bench: b, member: b.alice}
	hers.expect(0, 0, "five were delivered to her")
	b.alice.taken(refs[0], nthToken(1))
	hers.expect(1, 1, "she took one")
	b.alice.take(refs[0], nthToken(1))
	hers.expect(0, 0, "she took it again with the same token")
	b.alice.take(refs[0], nthToken(2))
	hers.expect(0, 0, "she took it again with a higher token")
	b.alice.takeAll(requestsFor(refs[1:], nthToken(1))...)
	hers.expect(4, 4, "she took four more")
	b.bob.take(refs[1], nthToken(1))
	hers.expect(0, 0, "bob tried to take one with the same token")
	b.bob.taken(refs[1], nthToken(2))
	hers.expect(1, -1, "bob took one of hers")
	b.alice.settle(refs[1], nthToken(1), ports.Done)
	hers.expect(0, 0, "she settled, too late, what bob has taken")
	for i, outcome := range outcomes[:3] {
		b.alice.ended(refs[i+2], nthToken(1), outcome)
		hers.expect(1, -1, "she settled one as "+outcome.String())
		b.alice.settle(refs[i+2], nthToken(1), outcome)
		hers.expect(0, 0, "she settled it again as "+outcome.String())
	}
	b.alice.taken(refs[3], nthToken(3))
	hers.expect(1, 1, "she took again what she has handed off")
	b.alice.ended(refs[0], nthToken(2), ports.Quarantined)
	hers.expect(1, -1, "she settled one as Quarantined")
	(&tallySteps{bench: b, member: b.bob}).expect(1, 1, "he took one of alice's")
	if trimmer, able := can[Trimmer](b.probe, b.instance); able {
		b.must(trimmer.Trim(refs[3]), "trim an entry")
		b.bob.take(refs[3], nthToken(9))
		hers.expect(1, -1, "one of hers was trimmed and put into the quarantine")
	}
}

func takeSaysWhatItChanged(b *sourceBench) {
	ref := b.delivered("s")
	for _, step := range []struct {
		who     *sourceMember
		token   int
		changed bool
		what    string
	}{
		{b.alice, 1, true, "the first Take"},
		{b.alice, 1, false, "the same Take again"},
		{b.alice, 2, false, "a Take with a higher token by the member that has it"},
		{b.bob, 3, true, "a Take of what another member has"},
		{b.alice, 2, false, "a Take with a lower token"},
		{b.alice, 4, true, "a Take of what another member took from the same one"},
	} {
		if result := step.who.take(ref, nthToken(step.token)); result.Changed != step.changed {
			b.violated("%s answers Changed %t; it is %t", step.what, result.Changed, step.changed)
		}
	}
	b.alice.ended(ref, nthToken(4), ports.HandedOff)
	if !b.alice.take(ref, nthToken(5)).Changed {
		b.violated("the Take of what was handed off answers Changed false; it added the assignment")
	}
}

func takeAnswersTheTallyAfterEachItem(b *sourceBench) {
	refs := b.announceMany("s", 4)
	b.alice.fetchAll()
	b.bob.taken(refs[1], nthToken(9))
	results, _ := b.alice.takeAll(
		ports.TakeRequest{Ref: refs[0], Token: nthToken(1)},
		ports.TakeRequest{Ref: refs[1], Token: nthToken(1)},
		ports.TakeRequest{Ref: refs[0], Token: nthToken(1)},
		ports.TakeRequest{Ref: refs[2], Token: nthToken(1)},
		ports.TakeRequest{Ref: refs[3], Token: nthToken(1)},
	)
	for i, want := range []int64{1, 1, 1, 2, 3} {
		b.expectTally(results[i].Taken, ports.Tally{Change: want, Count: want}, "item "+string(rune('1'+i))+" of a Take of five, of which the second is disowned and the third repeats the first,")
	}
}

func settleSaysWhatItChanged(b *sourceBench) {
	refs := b.announceMany("s", 3)
	b.alice.fetchAll()
	b.alice.takeAll(requestsFor(refs, nthToken(1))...)
	results, _ := b.alice.settleAll(
		ports.Settlement{Ref: refs[0], Token: nthToken(1), Outcome: ports.HandedOff},
		ports.Settlement{Ref: refs[1], Token: nthToken(2), Outcome: ports.Done},
		ports.Settlement{Ref: refs[0], Token: nthToken(1), Outcome: ports.HandedOff},
		ports.Settlement{Ref: refs[1], Token: nthToken(1), Outcome: ports.Failed},
		ports.Settlement{Ref: refs[2], Token: nthToken(1), Outcome: ports.Done},
	)
	for i, want := range []ports.Tally{{Change: 4, Count: 2}, {Change: 4, Count: 2}, {Change: 4, Count: 2}, {Change: 5, Count: 1}, {Change: 6, Count: 0}} {
		if changed := i != 1 && i != 2; results[i].Changed != changed {
			b.violated("item %d of a Settle of five, of which the second is disowned and the third repeats the first, answers Changed %t; it is %t", i+1, results[i].Changed, changed)
		}
		b.expectTally(results[i].Taken, want, "item "+string(rune('1'+i))+" of a Settle of five, of which the second is disowned and the third repeats the first,")
	}
}
