package conformance

import (
	"math"
	"time"

	"github.com/streamlease/streamlease/ports"
)

var takeQuestions = []sourceQuestion{
	{
		where:   "StreamSource.Take",
		text:    "Take records a tenure for each request, if no higher token ever took the assignment",
		examine: onlyAHigherTokenTakes,
	}, {
		where:   "StreamSource.Take",
		text:    "the record remembers the token and the member's incarnation",
		examine: theRecordRemembersTokenAndTaker,
	}, {
		where:   "StreamSource.Take",
		text:    "The same token from the same incarnation is a success until it is settled (so Take is idempotent)",
		examine: takeIsIdempotent,
	}, {
		where:   "StreamSource.Take",
		text:    "from another incarnation, or lower, or settled, it is ErrDisowned with the remembered token",
		examine: whoeverIsTooLateIsDisowned,
	}, {
		where:   "StreamSource.Take",
		text:    "An assignment that is gone is ErrDone.",
		examine: whatIsGoneIsDone,
	}, {
		where:   "StreamSource.Take",
		text:    "So is a ref that has the message ID of an assignment and another name.",
		examine: anotherNameIsAnotherAssignment,
	}, {
		where:   "StreamSource.Take",
		text:    "One whose entry was trimmed while it was pending is ErrLost, and its record goes to the quarantine",
		examine: whatWasTrimmedIsLost,
	}, {
		where:   "StreamSource.Take",
		text:    "One whose retry time has not come is ErrNotYet.",
		examine: beforeTheRetryTimeItIsNotYet,
	}, {
		where:   "StreamSource.Take",
		text:    "Take does not ask whether the assignment was delivered. One that was not stays Fetch's, and is delivered later if it is still there.",
		examine: theUndeliveredCanBeTaken,
	}, {
		where:   "TakeResult.Assignment",
		text:    "Assignment is what was taken, when Err is nil.",
		examine: takeAnswersTheAssignment,
	},
}

// delivered announces a stream and has alice fetch it.
func (b *sourceBench) delivered(name string) ports.StreamRef {
	ref := b.announce(name)[0]
	for _, fetched := range b.alice.fetchAll() {
		if fetched.Ref == ref {
			return ref
		}
	}
	b.stop("%s was announced, and Fetch does not answer it", refText(ref))
	return ref
}

// owned is delivered, and alice takes it.
func (b *sourceBench) owned(name string, held ports.Token) ports.StreamRef {
	ref := b.delivered(name)
	b.alice.taken(ref, held)
	return ref
}

// handedBack announces a stream that alice had with token 1 and has given back.
func (b *sourceBench) handedBack(name string) ports.StreamRef {
	ref := b.owned(name, nthToken(1))
	b.alice.ended(ref, nthToken(1), ports.HandedOff)
	return ref
}

func onlyAHigherTokenTakes(b *sourceBench) {
	for _, pair := range [][2]ports.Token{
		{1, 2}, {9, 10}, {99, 100}, {nthToken(1), nthToken(2)}, {1 << 53, 1<<53 + 1}, {math.MaxInt64 - 1, math.MaxInt64},
	} {
		lower, higher := pair[0], pair[1]
		ref := b.owned("s", lower)
		b.expectSuccess(b.bob.take(ref, higher).Err, "Take with a higher token than all before")
		late := b.alice.take(ref, lower)
		b.expectDisowned(late.Err, late.Remembered, higher, "Take with a lower token than one before")
		b.bob.expectOwns(ref, higher, "nobody came with a higher token")
	}
	ref := b.owned("own", nthToken(1))
	b.expectSuccess(b.alice.take(ref, nthToken(2)).Err, "Take with a higher token by the very member that owns the stream")
	b.alice.expectOwns(ref, nthToken(2), "nobody came with a higher token")
	late := b.alice.take(ref, nthToken(1))
	b.expectDisowned(late.Err, late.Remembered, nthToken(2), "Take with the member's own earlier token")

	undelivered := b.announce("undelivered")[0]
	b.bob.taken(undelivered, nthToken(5))
	late = b.alice.take(undelivered, nthToken(4))
	b.expectDisowned(late.Err, late.Remembered, nthToken(5), "Take with a lower token, of an assignment that no Fetch has answered yet,")
}

func theRecordRemembersTokenAndTaker(b *sourceBench) {
	ref := b.owned("s", nthToken(1))
	b.bob.taken(ref, nthToken(7))
	for _, delivery := range b.alice.pagesOf(b.bob) {
		if delivery.Assignment.Ref == ref && (delivery.Token != nthToken(7) || !delivery.Taken) {
			b.violated("Deliveries of bob says %s; bob took it with token %d", deliveryText(delivery), nthToken(7))
		}
	}
	_, round := b.alice.sweepRound(10)
	found := false
	for _, swept := range round {
		if swept.Assignment.Ref != ref {
			continue
		}
		found = true
		if swept.Token != nthToken(7) || swept.Taker != bob.Incarnation || swept.Settled {
			b.violated("Sweep says %s, taker %q; %q took it with token %d", sweptText(swept), swept.Taker, bob.Incarnation, nthToken(7))
		}
	}
	if !found {
		b.violated("a whole round of Sweep does not list %s, which bob has taken", refText(ref))
	}
	late := b.join(twin).take(ref, nthToken(3))
	b.expectDisowned(late.Err, late.Remembered, nthToken(7), "Take with a lower token, by another handle,")
}

func (m *sourceMember) pagesOf(other *sourceMember) []ports.Delivery {
	all, _ := m.deliveriesOf(other.Member, 100)
	return all
}

func takeIsIdempotent(b *sourceBench) {
	ref := b.delivered("s")
	first := b.alice.taken(ref, nthToken(1))
	if !first.Changed {
		b.violated("the first Take of %s answers that it changed nothing", refText(ref))
	}
	for _, by := range []*sourceMember{b.alice, b.join(alice)} {
		again := by.take(ref, nthToken(1))
		b.expectCounts(again, 0, 0, "the same Take again")
		b.expectTally(again.Taken, first.Taken, "the same Take again")
		if again.Changed {
			b.violated("the same Take again answers that it changed something")
		}
	}
	twice, _ := b.alice.takeAll(ports.TakeRequest{Ref: ref, Token: nthToken(1)}, ports.TakeRequest{Ref: ref, Token: nthToken(1)})
	for _, result := range twice {
		b.expectCounts(result, 0, 0, "the same Take twice in one call")
	}
	b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(1), Outcome: ports.Failed, Reason: "because"})
	b.expectCounts(b.bob.take(ref, nthToken(2)), 1, 0, "the Take after a tenure that was taken five times and failed once")
}

func whoeverIsTooLateIsDisowned(b *sourceBench) {
	ref := b.owned("s", nthToken(5))
	for _, late := range []struct {
		who   *sourceMember
		token ports.Token
		what  string
	}{
		{b.bob, nthToken(5), "Take with the same token by another member"},
		{b.join(twin), nthToken(5), "Take with the same token by another incarnation of the same ID"},
		{b.bob, nthToken(4), "Take with a lower token by another member"},
		{b.alice, nthToken(4), "Take with a lower token by the same member"},
	} {
		result := late.who.take(ref, late.token)
		b.expectDisowned(result.Err, result.Remembered, nthToken(5), late.what)
		b.alice.expectOwns(ref, nthToken(5), "nobody came with a higher token")
	}
	for _, outcome := range []ports.Outcome{ports.HandedOff, ports.Failed} {
		settled := b.owned("settled", nthToken(5))
		b.alice.ended(settled, nthToken(5), outcome)
		for _, late := range []ports.Token{nthToken(5), nthToken(4)} {
			result := b.alice.take(settled, late)
			b.expectDisowned(result.Err, result.Remembered, nthToken(5), "Take with a token not higher than one that was settled as "+outcome.String())
		}
		result := b.bob.take(settled, nthToken(5))
		b.expectDisowned(result.Err, result.Remembered, nthToken(5), "another member's Take with the token that was settled as "+outcome.String())
	}
}

func whatIsGoneIsDone(b *sourceBench) {
	for _, outcome := range []ports.Outcome{ports.Done, ports.Quarantined} {
		ref := b.owned("s", nthToken(1))
		b.alice.ended(ref, nthToken(1), outcome)
		b.expectIs(b.alice.take(ref, nthToken(1)).Err, ports.ErrDone, "ErrDone", "the same Take again, after "+outcome.String())
		b.expectIs(b.alice.take(ref, nthToken(2)).Err, ports.ErrDone, "ErrDone", "Take with a higher token, after "+outcome.String())
		b.expectIs(b.bob.take(ref, nthToken(3)).Err, ports.ErrDone, "ErrDone", "another member's Take, after "+outcome.String())
	}
}

// anotherNameIsAnotherAssignment: whoever holds the lease on one name must not
// take what is another's.
func anotherNameIsAnotherAssignment(b *sourceBench) {
	ref := b.owned("s", nthToken(1))
	other := ports.StreamRef{Name: "other", MessageID: ref.MessageID}
	b.expectIs(b.bob.take(other, nthToken(2)).Err, ports.ErrDone, "ErrDone", "Take with the message ID of an assignment, and another name,")
	b.alice.expectOwns(ref, nthToken(1), "nobody came with its name")
}

func whatWasTrimmedIsLost(b *sourceBench) {
	trimmer, able := can[Trimmer](b.probe, b.instance)
	if !able {
		return
	}
	b.alice.beat()
	taken := b.owned("taken", nthToken(1))
	states := map[string]ports.StreamRef{
		"delivered":  b.delivered("delivered"),
		"taken":      taken,
		"given back": b.handedBack("given back"),
	}
	before := b.alice.beat().Taken
	for state, ref := range states {
		b.must(trimmer.Trim(ref), "trim an entry")
		b.expectIs(b.bob.take(ref, nthToken(9)).Err, ports.ErrLost, "ErrLost", "Take of what was "+state+" when its entry was trimmed")
		b.expectQuarantined(ref.MessageID, "what was "+state+" when its entry was trimmed")
		b.expectIs(b.bob.take(ref, nthToken(10)).Err, ports.ErrDone, "ErrDone", "Take of what was put into the quarantine")
	}
	b.expectTally(b.alice.beat().Taken, ports.Tally{Change: before.Change + 1, Count: before.Count - 1},
		"the Heartbeat of a member after one assignment of its own was lost")
	late := b.alice.settle(taken, nthToken(1), ports.Done)
	b.expectSuccess(late.Err, "Settle of what was lost")
}

func beforeTheRetryTimeItIsNotYet(b *sourceBench) {
	b.withTime(func(retryIn time.Duration) (conclusive bool) {
		ref := b.owned("s", nthToken(1))
		_, failed := b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(1), Outcome: ports.Failed, RetryIn: retryIn, Reason: "because"})
		results, early := b.bob.takeAll(ports.TakeRequest{Ref: ref, Token: nthToken(3)})
		if early.ended < failed.began+retryIn {
			conclusive = true
			b.expectIs(results[0].Err, ports.ErrNotYet, "ErrNotYet", "Take before the retry time")
			b.expectBetween(results[0].RetryIn, failed.began+retryIn-early.ended, failed.ended+retryIn-early.began, "RetryIn")
		}
		b.passUntil(failed.began + retryIn/2)
		if results, half := b.bob.takeAll(ports.TakeRequest{Ref: ref, Token: nthToken(3)}); half.ended < failed.began+retryIn {
			b.expectBetween(results[0].RetryIn, failed.began+retryIn-half.ended, failed.ended+retryIn-half.began, "RetryIn, when half of it has passed,")
		}
		b.passOver(failed.ended + retryIn)
		if conclusive {
			// Token 3 was refused and must have left no trace.
			b.expectCounts(b.bob.take(ref, nthToken(2)), 1, 0, "Take after the retry time")
		}
		return conclusive
	})
}

func theUndeliveredCanBeTaken(b *sourceBench) {
	refs := b.announce("taken", "given back", "done", "plain")
	for _, ref := range refs[:3] {
		b.expectSuccess(b.alice.take(ref, nthToken(1)).Err, "Take of an assignment that no Fetch has answered yet")
	}
	b.alice.ended(refs[1], nthToken(1), ports.HandedOff)
	b.alice.ended(refs[2], nthToken(1), ports.Done)
	b.expectInOrder(refsOf(b.bob.fetchAll()), []ports.StreamRef{refs[0], refs[1], refs[3]},
		"Fetch, after one of four was taken, one taken and given back, one taken and done,")
	b.alice.expectOwns(refs[0], nthToken(1), "a Fetch by another changes no tenure")
	b.expectCounts(b.bob.take(refs[1], nthToken(2)), 0, 0, "Take of what was given back before it was delivered")
}

func takeAnswersTheAssignment(b *sourceBench) {
	for _, info := range []ports.Info{nil, infoOf("s"), ports.Info(`{}`), ports.Info(` {"a" : "\u00e9\n<&>", "b":[1e400]} `)} {
		refs, errs := b.tryAnnounce(ports.Assignment{Ref: ports.StreamRef{Name: "s"}, Info: info})
		if errs[0] != nil {
			b.stop("Announce with the info %q failed: %v", info, errs[0])
		}
		b.alice.fetchAll()
		for _, what := range []string{"Take", "the same Take again"} {
			result := b.alice.taken(refs[0], nthToken(1))
			b.expectAssignment(result.Assignment, ports.Assignment{Ref: refs[0], Info: info}, what)
		}
	}
}
