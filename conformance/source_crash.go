package conformance

import (
	"time"

	"github.com/streamlease/streamlease/ports"
)

var crashQuestions = []sourceQuestion{
	{
		where:   "StreamSource.Take",
		text:    "A Take that follows a tenure without a settlement notes the earlier taker, if it is another incarnation, as a suspect.",
		examine: whoLeavesWithoutAWordIsASuspect,
	}, {
		where:   "StreamSource.Take",
		text:    "The suspect's own late settlement (ErrDisowned) clears it: it lived.",
		examine: aLateSettlementClearsTheSuspicion,
	}, {
		where:   "StreamSource.Take",
		text:    "A suspicion that still stands at the next Take or Settle of the assignment counts as one crash.",
		examine: aSuspicionThatStandsIsOneCrash,
	}, {
		where:   "StreamSource.Take",
		text:    "A tenure that lasted StableAfter or longer sets failures and crashes to zero when it ends",
		examine: aStableTenureForgives,
	}, {
		where:   "StreamSource.Take",
		text:    "StableAfter 0: none does.",
		examine: noTenureIsStableAfterZero,
	},
}

func whoLeavesWithoutAWordIsASuspect(b *sourceBench) {
	ref := b.owned("own", nthToken(1))
	for n := 2; n <= 4; n++ {
		b.expectCounts(b.alice.take(ref, nthToken(n)), 0, 0, "Take by the very member that owns the stream, with a higher token,")
	}
	b.alice.ended(ref, nthToken(4), ports.HandedOff)
	b.expectCounts(b.bob.take(ref, nthToken(5)), 0, 0, "Take of what one member took four times and handed off")

	ref = b.owned("others", nthToken(1))
	b.expectCounts(b.join(twin).take(ref, nthToken(2)), 0, 0, "Take right after a tenure without a settlement (its taker is only a suspect)")
	b.expectCounts(b.bob.take(ref, nthToken(3)), 0, 1, "the second Take after a tenure without a settlement, whose taker was another incarnation of the same ID,")
	b.expectCounts(b.alice.take(ref, nthToken(4)), 0, 2, "the second Take after two tenures without a settlement")
}

func aLateSettlementClearsTheSuspicion(b *sourceBench) {
	for _, outcome := range outcomes {
		ref := b.owned("s", nthToken(1))
		b.bob.taken(ref, nthToken(2))
		late := b.alice.settle(ref, nthToken(1), outcome)
		b.expectDisowned(late.Err, late.Remembered, nthToken(2), "the late Settle of a suspect as "+outcome.String())
		b.bob.ended(ref, nthToken(2), ports.HandedOff)
		b.expectCounts(b.alice.take(ref, nthToken(3)), 0, 0, "Take after the suspect settled late as "+outcome.String())
	}
	ref := b.owned("taken at once", nthToken(1))
	b.bob.taken(ref, nthToken(2))
	b.alice.settle(ref, nthToken(1), ports.HandedOff)
	b.expectCounts(b.join(twin).take(ref, nthToken(3)), 0, 0, "Take, from a new suspect, after the old one settled late")
	b.bob.settle(ref, nthToken(2), ports.HandedOff)
	b.expectCounts(b.alice.take(ref, nthToken(4)), 0, 0, "Take after the second suspect settled late, too,")
}

func aSuspicionThatStandsIsOneCrash(b *sourceBench) {
	ref := b.owned("handed off", nthToken(1))
	b.bob.taken(ref, nthToken(2))
	b.bob.ended(ref, nthToken(2), ports.HandedOff)
	b.expectCounts(b.bob.take(ref, nthToken(3)), 0, 1, "Take after a tenure that ended with a suspicion")
	b.bob.ended(ref, nthToken(3), ports.HandedOff)
	b.expectCounts(b.bob.take(ref, nthToken(4)), 0, 1, "one Take more")

	ref = b.owned("failed", nthToken(1))
	b.bob.taken(ref, nthToken(2))
	b.bob.ended(ref, nthToken(2), ports.Failed)
	b.expectCounts(b.bob.take(ref, nthToken(3)), 1, 1, "Take after a tenure that failed with a suspicion")

	ref = b.owned("the suspect settles after that", nthToken(1))
	b.bob.taken(ref, nthToken(2))
	b.bob.ended(ref, nthToken(2), ports.HandedOff)
	b.alice.settle(ref, nthToken(1), ports.HandedOff)
	b.expectCounts(b.bob.take(ref, nthToken(3)), 0, 1, "Take after a suspicion was counted by a Settle, and the suspect settled even later")

	ref = b.owned("somebody else settles", nthToken(1))
	b.bob.taken(ref, nthToken(2))
	b.join(twin).settle(ref, nthToken(1), ports.HandedOff)
	b.bob.ended(ref, nthToken(2), ports.HandedOff)
	b.expectCounts(b.bob.take(ref, nthToken(3)), 0, 1, "Take after somebody other than the suspect tried to settle")
}

func aStableTenureForgives(b *sourceBench) {
	stable := b.limits.SmallestTTL
	for _, end := range []struct {
		what             string
		end              func(ref ports.StreamRef, stableAfter time.Duration)
		failures, others int // after a stable tenure, after one that is not
	}{
		{"that was handed off", func(ref ports.StreamRef, stableAfter time.Duration) {
			b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(5), Outcome: ports.HandedOff, StableAfter: stableAfter})
		}, 0, 2},
		{"that failed", func(ref ports.StreamRef, stableAfter time.Duration) {
			b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(5), Outcome: ports.Failed, Reason: "because", StableAfter: stableAfter})
		}, 1, 3},
		{"that another member's Take ended", func(ref ports.StreamRef, stableAfter time.Duration) {
			results, _ := b.bob.takeAll(ports.TakeRequest{Ref: ref, Token: nthToken(6), StableAfter: stableAfter})
			b.expectSuccess(results[0].Err, "Take with a higher token")
			b.alice.settle(ref, nthToken(5), ports.HandedOff)
			b.bob.ended(ref, nthToken(6), ports.HandedOff)
		}, 0, 2},
	} {
		ref, took := b.unstable(end.what)
		b.passOver(took.ended + stable)
		end.end(ref, stable)
		b.expectCounts(b.bob.take(ref, nthToken(9)), end.failures, 0, "Take after a tenure of StableAfter "+end.what)

		ref, took = b.unstable(end.what + " early")
		stableAfter := long
		if b.isVirtual() {
			stableAfter = stable
			b.passUntil(took.ended + stable - 2*b.limits.ClockStep)
		}
		end.end(ref, stableAfter)
		b.expectCounts(b.bob.take(ref, nthToken(9)), end.others, 1, "Take after a tenure shorter than StableAfter "+end.what)
	}
	repeated, took := b.unstable("taken once more")
	b.passOver(took.ended + stable)
	b.expectCounts(b.alice.take(repeated, nthToken(5)), 2, 1, "the same Take again, after StableAfter")
	b.alice.settled(ports.Settlement{Ref: repeated, Token: nthToken(5), Outcome: ports.HandedOff, StableAfter: stable})
	b.expectCounts(b.bob.take(repeated, nthToken(6)), 0, 0, "Take after a tenure of StableAfter whose Take was repeated at its end")

	if b.isVirtual() {
		b.aNewTokenIsANewTenure(stable)
	}
	ref := b.owned("suspected", nthToken(1))
	_, took = b.bob.takeAll(ports.TakeRequest{Ref: ref, Token: nthToken(2)})
	b.passOver(took.ended + stable)
	b.bob.settled(ports.Settlement{Ref: ref, Token: nthToken(2), Outcome: ports.HandedOff, StableAfter: stable})
	b.expectCounts(b.alice.take(ref, nthToken(3)), 0, 0, "Take after a tenure of StableAfter during which a suspicion stood")
}

// aNewTokenIsANewTenure has a member take again what it owns, and end that
// tenure at once.
func (b *sourceBench) aNewTokenIsANewTenure(stable time.Duration) {
	ref, took := b.unstable("taken anew")
	b.passOver(took.ended + stable)
	b.expectCounts(b.alice.take(ref, nthToken(6)), 2, 1, "Take with a higher token and StableAfter 0 by the member that owns the stream")
	b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(6), Outcome: ports.HandedOff, StableAfter: stable})
	b.expectCounts(b.bob.take(ref, nthToken(7)), 2, 1, "Take after a tenure that ended at once, of a member that had a long one before")
}

// unstable is a stream with two failures and one crash against it, which alice
// has just taken with token 5.
func (b *sourceBench) unstable(name string) (ports.StreamRef, span) {
	ref := b.owned(name, nthToken(1))
	b.alice.ended(ref, nthToken(1), ports.Failed)
	b.bob.taken(ref, nthToken(2))
	b.alice.taken(ref, nthToken(3))
	b.alice.ended(ref, nthToken(3), ports.Failed)
	results, when := b.alice.takeAll(ports.TakeRequest{Ref: ref, Token: nthToken(5)})
	b.expectCounts(results[0], 2, 1, "Take after two failures and a crash")
	return ref, when
}

func noTenureIsStableAfterZero(b *sourceBench) {
	ref, took := b.unstable("settled")
	b.passOver(took.ended + b.limits.SmallestTTL)
	b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(5), Outcome: ports.HandedOff})
	b.expectCounts(b.bob.take(ref, nthToken(6)), 2, 1, "Take after a tenure that was settled with StableAfter 0")

	ref, took = b.unstable("taken")
	b.passOver(took.ended + b.limits.SmallestTTL)
	b.expectCounts(b.bob.take(ref, nthToken(6)), 2, 1, "Take with StableAfter 0 after a long tenure")
}
