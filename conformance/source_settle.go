package conformance

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/streamlease/streamlease/ports"
)

var settleQuestions = []sourceQuestion{
	{
		where:   "StreamSource.Settle",
		text:    "It has an effect only while the remembered token and taker are the tenure's own; else ErrDisowned, and nothing happens but the clearing of a suspicion.",
		examine: onlyTheOwnerSettles,
	}, {
		where:   "StreamSource.Settle",
		text:    "An assignment that is gone already is a success, and so is the same settlement again until the assignment is taken anew",
		examine: settlingTwiceIsASuccess,
	}, {
		where:   "StreamSource.Settle",
		text:    "another outcome for a tenure that is settled is ErrDisowned.",
		examine: anotherOutcomeIsDisowned,
	}, {
		where:   "StreamSource.Settle",
		text:    "Done removes the assignment for good",
		examine: doneIsForGood,
	}, {
		where:   "StreamSource.Settle",
		text:    "HandedOff gives it back",
		examine: handedOffGivesBack,
	}, {
		where:   "StreamSource.Settle",
		text:    "Failed gives it back, counts a failure and sets the retry time",
		examine: failedGivesBackLater,
	}, {
		where:   "StreamSource.Settle",
		text:    "Quarantined moves it to the quarantine with its reason, counts and last endings.",
		examine: quarantinedKeepsTheEvidence,
	}, {
		where:   "Settlement.Reason",
		text:    "at most MaxReasonBytes of it are kept.",
		examine: reasonsAreCut,
	}, {
		where:   "StreamSource.Settle",
		text:    "The source stays able to settle when it is out of memory for new work.",
		examine: settleWorksOutOfMemory,
	},
}

func onlyTheOwnerSettles(b *sourceBench) {
	stranger := b.join(twin)
	for _, outcome := range outcomes {
		ref := b.owned("s", nthToken(1))
		b.bob.taken(ref, nthToken(5))
		for _, late := range []struct {
			who   *sourceMember
			token ports.Token
			what  string
		}{
			{b.alice, nthToken(1), "with the token of an earlier tenure"},
			{b.alice, nthToken(5), "by the member of an earlier tenure, with the token of the later one"},
			{stranger, nthToken(5), "with the right token, by a member that never took it"},
			{b.bob, nthToken(4), "by the right member, with a lower token"},
			{b.bob, nthToken(6), "by the right member, with a higher token"},
		} {
			result := late.who.settle(ref, late.token, outcome)
			b.expectDisowned(result.Err, result.Remembered, nthToken(5), "Settle as "+outcome.String()+" "+late.what)
			if result.Changed {
				b.violated("Settle as %v %s answers that it changed something", outcome, late.what)
			}
			b.bob.expectOwns(ref, nthToken(5), "the Settle as "+outcome.String()+" "+late.what+" has no effect")
		}
		b.bob.ended(ref, nthToken(5), ports.HandedOff)
		b.expectCounts(b.bob.take(ref, nthToken(9)), 0, 0, "Take after settlements of strangers as "+outcome.String())

		untaken := b.delivered("never taken")
		result := b.alice.settle(untaken, nthToken(1), outcome)
		b.expectDisowned(result.Err, result.Remembered, 0, "Settle as "+outcome.String()+" of what nobody ever took")
		b.expectCounts(b.bob.take(untaken, nthToken(1)), 0, 0, "Take of what nobody took before")
	}
}

func settlingTwiceIsASuccess(b *sourceBench) {
	for _, outcome := range outcomes {
		gone := outcome == ports.Done || outcome == ports.Quarantined
		ref := b.owned("s", nthToken(1))
		first := b.alice.settle(ref, nthToken(1), outcome)
		b.expectSettled(first, gone, true, "Settle as "+outcome.String())
		again := b.alice.settle(ref, nthToken(1), outcome)
		b.expectSettled(again, gone, false, "the same Settle as "+outcome.String()+" again")
		b.expectTally(again.Taken, first.Taken, "the same Settle as "+outcome.String()+" again")
		switch outcome {
		case ports.HandedOff:
			b.expectCounts(b.bob.take(ref, nthToken(2)), 0, 0, "Take after HandedOff, twice,")
		case ports.Failed:
			b.expectCounts(b.bob.take(ref, nthToken(2)), 1, 0, "Take after one failure that was settled twice")
		case ports.Quarantined:
			b.expectQuarantined(ref.MessageID, "what was settled twice as Quarantined")
		}
		if !gone {
			late := b.alice.settle(ref, nthToken(1), outcome)
			b.expectDisowned(late.Err, late.Remembered, nthToken(2), "the same Settle as "+outcome.String()+", when another has taken it,")
			continue
		}
		for _, late := range outcomes {
			result := b.bob.settle(ref, nthToken(2), late)
			b.expectSettled(result, true, false, "Settle as "+late.String()+" of what is gone")
		}
	}
	b.aRepeatLeavesTheRetryTime()
}

// aRepeatLeavesTheRetryTime repeats a failure when half of its time has passed.
func (b *sourceBench) aRepeatLeavesTheRetryTime() {
	b.withTime(func(retryIn time.Duration) (conclusive bool) {
		failure := ports.Settlement{Ref: b.owned("s", nthToken(1)), Token: nthToken(1), Outcome: ports.Failed, Reason: "because", RetryIn: retryIn}
		_, first := b.alice.settled(failure)
		b.passUntil(first.began + retryIn/2)
		b.alice.settled(failure)
		results, early := b.bob.takeAll(ports.TakeRequest{Ref: failure.Ref, Token: nthToken(2)})
		if conclusive = early.ended < first.began+retryIn; conclusive {
			b.expectIs(results[0].Err, ports.ErrNotYet, "ErrNotYet", "Take before the retry time")
			b.expectBetween(results[0].RetryIn, first.began+retryIn-early.ended, first.ended+retryIn-early.began,
				"RetryIn, when the same failure was settled again after half of the time,")
		}
		return conclusive
	})
}

// expectSettled wants a settlement to succeed.
func (b *sourceBench) expectSettled(result ports.SettleResult, gone, changed bool, what string) {
	switch {
	case result.Err != nil:
		b.violated("%s is %s; it must succeed", what, shortError(result.Err))
	case result.Gone != gone:
		b.violated("%s answers Gone %t; it is %t", what, result.Gone, gone)
	case result.Changed != changed:
		b.violated("%s answers Changed %t; it is %t", what, result.Changed, changed)
	}
}

func anotherOutcomeIsDisowned(b *sourceBench) {
	for _, first := range []ports.Outcome{ports.HandedOff, ports.Failed} {
		for _, second := range outcomes {
			if first == second {
				continue
			}
			ref := b.owned("s", nthToken(1))
			b.alice.ended(ref, nthToken(1), first)
			what := "Settle as " + second.String() + " of a tenure that was settled as " + first.String()
			result := b.alice.settle(ref, nthToken(1), second)
			b.expectDisowned(result.Err, result.Remembered, nthToken(1), what)
			failures := 0
			if first == ports.Failed {
				failures = 1
			}
			b.expectCounts(b.bob.take(ref, nthToken(2)), failures, 0, "Take after a "+what)
		}
	}
}

func doneIsForGood(b *sourceBench) {
	ref := b.owned("delivered", nthToken(1))
	b.expectSettled(b.alice.settle(ref, nthToken(1), ports.Done), true, true, "Settle as Done")
	b.expectGone(ref, "it is done")
	if found := b.quarantined(ref.MessageID); len(found) > 0 {
		b.violated("what is done is in the quarantine")
	}
	undelivered := b.announce("undelivered")[0]
	b.alice.taken(undelivered, nthToken(1))
	b.expectSettled(b.alice.settle(undelivered, nthToken(1), ports.Done), true, true, "Settle as Done of what no Fetch has answered")
	b.expectGone(undelivered, "it is done")
	b.expectNoRef(refsOfDeliveries(b.alice.deliveries()), ref, "Deliveries", "it is done")
	if fleet := b.alice.beat(); fleet.Backlog != 0 {
		b.violated("the backlog is %d when all is done", fleet.Backlog)
	}
}

func handedOffGivesBack(b *sourceBench) {
	ref := b.owned("s", nthToken(1))
	from, to := b.alice, b.bob
	for n := 1; n <= 8; n++ {
		b.expectSettled(from.settle(ref, nthToken(n), ports.HandedOff), false, true, "Settle as HandedOff")
		b.expectNoRef(refsOfDeliveries(from.deliveries()), ref, "Deliveries of the member that has handed it off", "it is settled")
		b.expectCounts(to.take(ref, nthToken(n+1)), 0, 0, "Take after nothing but hand-offs")
		from, to = to, from
	}
	at := b.owned("at once", nthToken(1))
	b.alice.settled(ports.Settlement{Ref: at, Token: nthToken(1), Outcome: ports.HandedOff, RetryIn: long})
	b.expectCounts(b.bob.take(at, nthToken(2)), 0, 0, "Take after a hand-off with a retry time, which belongs to failures,")
}

func failedGivesBackLater(b *sourceBench) {
	ref := b.owned("at once", nthToken(1))
	for failures := 1; failures <= 3; failures++ {
		b.alice.ended(ref, nthToken(failures), ports.Failed)
		b.expectCounts(b.alice.take(ref, nthToken(failures+1)), failures, 0, "Take after a failure without a retry time")
	}
	later := b.owned("later", nthToken(1))
	b.alice.settled(ports.Settlement{Ref: later, Token: nthToken(1), Outcome: ports.Failed, Reason: "because", RetryIn: long})
	early := b.bob.take(later, nthToken(2))
	b.expectIs(early.Err, ports.ErrNotYet, "ErrNotYet", "Take an hour before the retry time")
	if early.RetryIn <= long/2 || early.RetryIn > long+b.grace() {
		b.violated("RetryIn is %v shortly after a failure with a retry time in %v", early.RetryIn, long)
	}
	due, _ := b.bob.sweepRound(10)
	b.expectNoRef(refsOfSwept(due), later, "Sweep, among what is due,", "its retry time is an hour away")
	const days = 40 * long
	muchLater := b.owned("much later", nthToken(1))
	b.alice.settled(ports.Settlement{Ref: muchLater, Token: nthToken(1), Outcome: ports.Failed, Reason: "because", RetryIn: days})
	early = b.bob.take(muchLater, nthToken(2))
	b.expectIs(early.Err, ports.ErrNotYet, "ErrNotYet", "Take days before the retry time")
	if early.RetryIn <= days-long || early.RetryIn > days+b.grace() {
		b.violated("RetryIn is %v shortly after a failure with a retry time in %v", early.RetryIn, days)
	}
}

func quarantinedKeepsTheEvidence(b *sourceBench) {
	ref := b.owned("s", nthToken(1))
	b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(1), Outcome: ports.Failed, Reason: "the first reason"})
	b.bob.taken(ref, nthToken(2)) // and is not heard of again
	b.alice.taken(ref, nthToken(3))
	b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(3), Outcome: ports.Failed, Reason: "the second reason"})
	b.alice.taken(ref, nthToken(4))
	b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(4), Outcome: ports.Quarantined, Reason: "the reason \"of all\"\n reasons: ü"})
	one := b.expectQuarantined(ref.MessageID, "what was settled as Quarantined")
	if one.Ref != ref {
		b.violated("the quarantine calls it %s; it is %s", refText(one.Ref), refText(ref))
	}
	if one.Reason != "the reason \"of all\"\n reasons: ü" {
		b.violated("the quarantine has the reason %q; it was settled with another", one.Reason)
	}
	if one.Failures != 2 || one.Crashes != 1 {
		b.violated("the quarantine has %d failures and %d crashes; there were 2 and 1", one.Failures, one.Crashes)
	}
	first, second := slices.Index(one.Endings, "the first reason"), slices.Index(one.Endings, "the second reason")
	if first < 0 || second < first {
		b.violated("the quarantine has the endings %q; the tenures failed by the first reason, then by the second reason", one.Endings)
	}
	b.expectGone(ref, "it is in the quarantine")
	b.theLastEndingsAreKept()
}

// theLastEndingsAreKept has more of them than anybody wants to keep.
func (b *sourceBench) theLastEndingsAreKept() {
	const failures = 50
	ref := b.owned("s", nthToken(1))
	last := ""
	for n := 1; n <= failures; n++ {
		last = fmt.Sprintf("failure %d", n)
		b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(n), Outcome: ports.Failed, Reason: last})
		b.alice.taken(ref, nthToken(n+1))
	}
	b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(failures + 1), Outcome: ports.Quarantined, Reason: "enough"})
	one := b.expectQuarantined(ref.MessageID, "what failed often")
	if !slices.Contains(one.Endings, last) {
		b.violated("the quarantine has the endings %q; the last tenure before it ended by %q", one.Endings, last)
	}
}

func reasonsAreCut(b *sourceBench) {
	for _, reason := range []string{strings.Repeat("r", 100_000), strings.Repeat("ü", 1000) + "!", "x" + strings.Repeat("ü", 1000)} {
		ref := b.owned("s", nthToken(1))
		b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(1), Outcome: ports.Quarantined, Reason: reason})
		kept := b.expectQuarantined(ref.MessageID, "what was settled with a long reason").Reason
		if len(kept) > ports.MaxReasonBytes {
			b.violated("%d bytes of the reason are kept; at most %d may be", len(kept), ports.MaxReasonBytes)
		}
		if len(kept) < ports.MaxReasonBytes/2 || !strings.HasPrefix(reason, kept) {
			b.violated("what is kept of the reason is not its beginning: %.40q… (%d bytes)", kept, len(kept))
		}
	}
}

func settleWorksOutOfMemory(b *sourceBench) {
	memory, able := can[MemoryLimiter](b.probe, b.instance)
	if !able {
		return
	}
	refs := make([]ports.StreamRef, len(outcomes))
	for i := range outcomes {
		refs[i] = b.owned("s", nthToken(1))
	}
	b.must(memory.Exhaust(), "let the source run out of memory")
	for i, outcome := range outcomes {
		result, _ := b.alice.settleAll(ports.Settlement{Ref: refs[i], Token: nthToken(1), Outcome: outcome, Reason: "because", RetryIn: time.Millisecond})
		gone := outcome == ports.Done || outcome == ports.Quarantined
		b.expectSettled(result[0], gone, true, "Settle as "+outcome.String()+" when the source is out of memory")
	}
	b.must(memory.Relieve(), "give the source memory again")
	b.expectIs(b.bob.take(refs[0], nthToken(2)).Err, ports.ErrDone, "ErrDone", "Take of what was done when the source was out of memory")
	b.expectCounts(b.bob.take(refs[1], nthToken(2)), 0, 0, "Take of what was handed off when the source was out of memory")
}
