package conformance

import (
	"errors"

	"github.com/streamlease/streamlease/ports"
)

var trialQuestions = []sourceQuestion{
	{
		where:   "StreamSource.Take",
		text:    "An assignment against which Suspect crashes stand, or more, is ErrSuspect with their number, and nothing changes; whatever else Take answers comes first.",
		examine: aSuspectIsNotTaken,
	}, {
		where:   "StreamSource.Take",
		text:    "A suspicion that still stands is one of them.",
		examine: aStandingSuspicionMakesASuspect,
	}, {
		where:   "StreamSource.Take",
		text:    "A tenure of StableAfter that the Take would end leaves none.",
		examine: aStableTenureLeavesNoSuspect,
	}, {
		where:   "StreamSource.Take",
		text:    "A tenure that began with Trial is on trial until its Take is repeated without; a repeat with Trial changes nothing.",
		examine: aTrialEndsWithARepeatWithout,
	}, {
		where:   "StreamSource.Take",
		text:    "A suspicion remembers whether its tenure was on trial: once it is counted CrashedAlone says so, until another one is counted or the counts are set to zero.",
		examine: aCrashRemembersItsTrial,
	}, {
		where:   "StreamSource.Take",
		text:    "Who has stood a trial has not crashed alone before it.",
		examine: aTrialThatWasStoodClearsWhatWasBefore,
	},
}

func (m *sourceMember) takeAs(request ports.TakeRequest) ports.TakeResult {
	results, _ := m.takeAll(request)
	return results[0]
}

// takeBelow takes an assignment unless so many crashes stand against it.
func (m *sourceMember) takeBelow(suspect int, ref ports.StreamRef, token ports.Token) ports.TakeResult {
	return m.takeAs(ports.TakeRequest{Ref: ref, Token: token, Suspect: suspect})
}

// tried takes on trial what must be free to take.
func (m *sourceMember) tried(ref ports.StreamRef, token ports.Token) ports.TakeResult {
	result := m.takeAs(ports.TakeRequest{Ref: ref, Token: token, Trial: true})
	if result.Err != nil {
		m.bench.stop("%s can take %s with token %d, and Take answers %s", m.Incarnation, refText(ref), token, takenText(result))
	}
	return result
}

// expectSuspect wants ErrSuspect with the number of crashes.
func (b *sourceBench) expectSuspect(got ports.TakeResult, crashes int, what string) {
	b.expectIs(got.Err, ports.ErrSuspect, "ErrSuspect", what)
	if errors.Is(got.Err, ports.ErrSuspect) && got.Crashes != crashes {
		b.violated("%s is ErrSuspect with %d crashes; there are %d", what, got.Crashes, crashes)
	}
}

func (b *sourceBench) expectAlone(got ports.TakeResult, alone bool, what string) {
	switch {
	case got.Err != nil:
		b.violated("%s is %s; it must succeed", what, shortError(got.Err))
	case got.CrashedAlone != alone:
		b.violated("%s answers CrashedAlone %t; it must be %t", what, got.CrashedAlone, alone)
	}
}

// crashedOnce is a stream with one crash against it, given back. The next token
// is 4.
func (b *sourceBench) crashedOnce(name string) ports.StreamRef {
	ref := b.owned(name, nthToken(1))
	b.bob.taken(ref, nthToken(2))
	b.expectCounts(b.alice.take(ref, nthToken(3)), 0, 1, "Take after two tenures without a settlement")
	b.bob.settle(ref, nthToken(2), ports.HandedOff)
	b.alice.ended(ref, nthToken(3), ports.HandedOff)
	return ref
}

func aSuspectIsNotTaken(b *sourceBench) {
	ref := b.crashedOnce("s")
	before := b.bob.beat().Taken
	refused := b.bob.takeBelow(1, ref, nthToken(9))
	b.expectSuspect(refused, 1, "Take with Suspect 1 of what crashed once")
	b.expectTally(refused.Taken, before, "Take of a suspect")
	b.expectSuccess(b.bob.takeBelow(2, ref, nthToken(8)).Err, "Take with Suspect 2 of what crashed once (and was refused with a higher token)")
	b.expectSuccess(b.bob.takeBelow(1, ref, nthToken(8)).Err, "the same Take again, with Suspect 1")
	late := b.alice.takeBelow(1, ref, nthToken(7))
	b.expectDisowned(late.Err, late.Remembered, nthToken(8), "Take with a lower token, of a suspect")
	b.bob.ended(ref, nthToken(8), ports.Done)
	b.expectIs(b.alice.takeBelow(1, ref, nthToken(9)).Err, ports.ErrDone, "ErrDone", "Take of a suspect that is done")
	later := b.crashedOnce("later")
	b.alice.taken(later, nthToken(4))
	b.alice.settled(ports.Settlement{Ref: later, Token: nthToken(4), Outcome: ports.Failed, Reason: "because", RetryIn: long})
	b.expectIs(b.bob.takeBelow(1, later, nthToken(5)).Err, ports.ErrNotYet, "ErrNotYet", "Take of a suspect an hour before its retry time")
	b.expectSuccess(b.bob.takeBelow(1, b.delivered("new"), nthToken(1)).Err, "Take with Suspect 1 of what nobody took before")
}

func aStandingSuspicionMakesASuspect(b *sourceBench) {
	ref := b.owned("s", nthToken(1))
	b.expectSuccess(b.bob.takeBelow(1, ref, nthToken(2)).Err, "Take with Suspect 1 right after a tenure without a settlement (nothing is known against its taker yet)")
	b.expectSuspect(b.join(twin).takeBelow(1, ref, nthToken(3)), 1, "Take with Suspect 1 while a suspicion stands")
	b.alice.settle(ref, nthToken(1), ports.HandedOff)
	b.expectSuccess(b.join(twin).takeBelow(1, ref, nthToken(3)).Err, "Take with Suspect 1 after the suspect settled late")
}

func aStableTenureLeavesNoSuspect(b *sourceBench) {
	stable := b.limits.SmallestTTL
	ref := b.crashedOnce("s")
	_, took := b.bob.takeAll(ports.TakeRequest{Ref: ref, Token: nthToken(4)})
	b.passOver(took.ended + stable)
	b.expectSuspect(b.alice.takeAs(ports.TakeRequest{Ref: ref, Token: nthToken(5), Suspect: 1, StableAfter: long}), 1,
		"Take with Suspect 1 that would end a tenure shorter than StableAfter")
	b.expectCounts(b.alice.takeAs(ports.TakeRequest{Ref: ref, Token: nthToken(5), Suspect: 1, StableAfter: stable}), 0, 0,
		"Take with Suspect 1 that ends a tenure of StableAfter")
}

func aTrialEndsWithARepeatWithout(b *sourceBench) {
	ref := b.delivered("goes on")
	b.alice.tried(ref, nthToken(1))
	b.alice.tried(ref, nthToken(1))
	b.bob.taken(ref, nthToken(2))
	b.expectAlone(b.alice.take(ref, nthToken(3)), true, "Take after a tenure whose trial was only repeated")

	ref = b.delivered("ended")
	b.alice.tried(ref, nthToken(1))
	b.expectSuccess(b.alice.take(ref, nthToken(1)).Err, "the Take of a trial again, without Trial")
	b.alice.tried(ref, nthToken(1))
	b.bob.taken(ref, nthToken(2))
	b.expectAlone(b.alice.take(ref, nthToken(3)), false, "Take after a tenure that had stood its trial (and whose Take was then repeated with Trial)")
}

func aCrashRemembersItsTrial(b *sourceBench) {
	ref := b.delivered("s")
	b.alice.tried(ref, nthToken(1))
	b.expectAlone(b.bob.take(ref, nthToken(2)), false, "Take right after a tenure on trial (its taker is only a suspect)")
	b.expectAlone(b.alice.take(ref, nthToken(3)), true, "the second Take after a tenure on trial")
	b.expectAlone(b.alice.take(ref, nthToken(3)), true, "the same Take again")
	b.expectAlone(b.bob.take(ref, nthToken(4)), false, "Take after one more crash, without a trial,")

	ref = b.delivered("handed off")
	b.alice.tried(ref, nthToken(1))
	b.bob.taken(ref, nthToken(2))
	b.bob.ended(ref, nthToken(2), ports.HandedOff)
	b.expectAlone(b.alice.tried(ref, nthToken(3)), true, "Take after a settlement that counted the crash of a trial")
	b.alice.ended(ref, nthToken(3), ports.HandedOff)
	b.expectAlone(b.bob.tried(ref, nthToken(4)), true, "Take after a trial that ended with a hand-off")

	ref = b.delivered("stable")
	b.alice.tried(ref, nthToken(1))
	b.bob.taken(ref, nthToken(2))
	_, took := b.alice.takeAll(ports.TakeRequest{Ref: ref, Token: nthToken(3)})
	b.passOver(took.ended + b.limits.SmallestTTL)
	b.bob.settle(ref, nthToken(2), ports.HandedOff)
	b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(3), Outcome: ports.HandedOff, StableAfter: b.limits.SmallestTTL})
	b.expectAlone(b.bob.take(ref, nthToken(4)), false, "Take after a tenure of StableAfter")
}

func aTrialThatWasStoodClearsWhatWasBefore(b *sourceBench) {
	ref := b.delivered("s")
	b.alice.tried(ref, nthToken(1))
	b.bob.tried(ref, nthToken(2))
	third := b.join(twin)
	b.expectAlone(third.tried(ref, nthToken(3)), true, "Take after two trials that nobody settled")
	b.expectAlone(third.take(ref, nthToken(3)), false, "the same Take again without Trial, which ends a trial that was stood,")
	b.expectAlone(b.alice.take(ref, nthToken(4)), false, "Take that counts the crash of a trial before the one that was stood")
}
