package conformance

import (
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

var sweepQuestions = []sourceQuestion{
	{
		where:   "StreamSource.Sweep",
		text:    "Sweep answers first what was given back and is due",
		examine: sweepAnswersWhatIsDue,
	}, {
		where:   "StreamSource.Sweep",
		text:    "it stays due until it is taken",
		examine: whatIsDueStaysDue,
	}, {
		where:   "SweepPage.Due",
		text:    "Due was given back and may be taken now, oldest first.",
		examine: whatIsDueComesOldestFirst,
	}, {
		where:   "SweepPage.More",
		text:    "there was more that is due than fitted in; ask again at once.",
		examine: sweepSaysWhenMoreIsDue,
	}, {
		where:   "StreamSource.Sweep",
		text:    "The limit bounds each of the two lists.",
		examine: theLimitBoundsBothLists,
	}, {
		where:   "StreamSource.Sweep",
		text:    "never an undelivered assignment.",
		examine: sweepLeavesTheUndeliveredAlone,
	}, {
		where:   "Swept.Age",
		text:    "Age is the time since the assignment was delivered, taken or given back, whichever was last.",
		examine: ageIsTheTimeSinceTheLastChange,
	}, {
		where:   "Swept.Taker",
		text:    "Taker is the incarnation that took it with Token.",
		examine: sweepSaysWhoTookLast,
	}, {
		where:   "Swept.RetryIn",
		text:    "RetryIn is what is left until the retry time; 0: it is due.",
		examine: sweepSaysWhatIsLeftUntilTheRetryTime,
	},
}

// sweepSaysWhatIsLeftUntilTheRetryTime judges what is listed; what is settled
// need not be.
func sweepSaysWhatIsLeftUntilTheRetryTime(b *sourceBench) {
	later, now := b.owned("later", nthToken(1)), b.owned("now", nthToken(1))
	b.alice.settled(ports.Settlement{Ref: later, Token: nthToken(1), Outcome: ports.Failed, Reason: "because", RetryIn: long})
	b.alice.settled(ports.Settlement{Ref: now, Token: nthToken(1), Outcome: ports.Failed, Reason: "because"})
	due, round := b.bob.sweepRound(10)
	for _, swept := range append(due, round...) {
		switch left := swept.RetryIn; {
		case swept.Assignment.Ref == later && (left <= long/2 || left > long+b.grace()):
			b.violated("Sweep says %s, %v left, shortly after a failure with a retry time in %v", sweptText(swept), left, long)
		case swept.Assignment.Ref == now && left != 0:
			b.violated("Sweep says %s, %v left, after a failure without a retry time", sweptText(swept), left)
		}
	}
}

func sweepSaysWhoTookLast(b *sourceBench) {
	given, taken := b.handedBack("given back"), b.owned("taken", nthToken(1))
	b.bob.taken(taken, nthToken(2))
	due, round := b.bob.sweepRound(10)
	for _, want := range []struct {
		ref   ports.StreamRef
		page  []ports.Swept
		taker string
		what  string
	}{
		{given, due, alice.Incarnation, "what alice has taken and given back"},
		{taken, round, bob.Incarnation, "what alice has taken, and bob after her,"},
	} {
		for _, swept := range want.page {
			if swept.Assignment.Ref == want.ref && swept.Taker != want.taker {
				b.violated("Sweep says %s, taker %q, of %s", sweptText(swept), swept.Taker, want.what)
			}
		}
	}
}

// due asks until nothing more is due.
func (m *sourceMember) due() (due []ports.Swept) {
	seen := map[ports.StreamRef]bool{}
	for range mostSweeps {
		page, _ := m.sweep(ports.SweepRequest{Limit: 50, Interval: long})
		news := false
		for _, swept := range page.Due {
			if ref := swept.Assignment.Ref; !seen[ref] {
				seen[ref], news = true, true
				due = append(due, swept)
			}
		}
		if !page.More || !news {
			return due
		}
	}
	m.bench.stop("Sweep has always more that is due: it was asked %d times", mostSweeps)
	return nil
}

func sweepAnswersWhatIsDue(b *sourceBench) {
	free := b.handedBack("handed off")
	failed := b.owned("failed", nthToken(3))
	b.alice.ended(failed, nthToken(3), ports.Failed)
	b.owned("taken", nthToken(1))
	again := b.handedBack("taken again")
	b.bob.taken(again, nthToken(9))
	done := b.handedBack("done")
	b.bob.taken(done, nthToken(9))
	b.bob.ended(done, nthToken(9), ports.Done)
	b.delivered("delivered")
	later := b.owned("later", nthToken(1))
	b.alice.settled(ports.Settlement{Ref: later, Token: nthToken(1), Outcome: ports.Failed, Reason: "because", RetryIn: long})

	due := b.bob.due()
	b.expectRefs(refsOfSwept(due), []ports.StreamRef{free, failed}, "what is due by Sweep, after one was handed off and one failed without a retry time (others are taken, taken again, done, only delivered, or have a retry time in an hour)")
	for _, swept := range due {
		want := ports.Swept{Token: nthToken(1)}
		if swept.Assignment.Ref == failed {
			want.Token = nthToken(3)
		}
		if swept.Token != want.Token || !swept.Settled || swept.RetryIn != 0 {
			b.violated("Sweep says %s, settled %t, retry in %v of what was given back with token %d and is due", sweptText(swept), swept.Settled, swept.RetryIn, want.Token)
		}
		b.expectAssignment(swept.Assignment, ports.Assignment{Ref: swept.Assignment.Ref, Info: infoOf(swept.Assignment.Ref.Name)}, "Sweep")
	}
	b.becomesDue()
}

// becomesDue looks at an assignment before and after its retry time.
func (b *sourceBench) becomesDue() {
	b.withTime(func(retryIn time.Duration) (conclusive bool) {
		ref := b.owned(fmt.Sprintf("retried after %v", retryIn), nthToken(1))
		_, failed := b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(1), Outcome: ports.Failed, Reason: "because", RetryIn: retryIn})
		if b.isVirtual() {
			b.passUntil(failed.began + retryIn - 2*b.limits.ClockStep)
		}
		due := b.bob.due()
		if b.now() < failed.began+retryIn {
			conclusive = true
			b.expectNoRef(refsOfSwept(due), ref, "Sweep, among what is due,", "its retry time has not come")
		}
		b.passOver(failed.ended + retryIn)
		b.expectAmong(refsOfSwept(b.bob.due()), []ports.StreamRef{ref}, "what is due by Sweep, after the retry time")
		b.bob.taken(ref, nthToken(2))
		return conclusive
	})
}

func whatIsDueStaysDue(b *sourceBench) {
	first, second := b.handedBack("first"), b.handedBack("second")
	for _, member := range []*sourceMember{b.alice, b.alice, b.bob, b.alice} {
		page, _ := member.sweep(ports.SweepRequest{Limit: 10, Interval: long})
		b.expectRefs(refsOfSwept(page.Due), []ports.StreamRef{first, second}, "what is due by Sweep, whoever asks and how often")
	}
	b.bob.taken(first, nthToken(2))
	page, _ := b.alice.sweep(ports.SweepRequest{Limit: 10, Interval: long})
	b.expectRefs(refsOfSwept(page.Due), []ports.StreamRef{second}, "what is due by Sweep, after one of two was taken")
	b.bob.ended(first, nthToken(2), ports.HandedOff)
	page, _ = b.alice.sweep(ports.SweepRequest{Limit: 10, Interval: long})
	b.expectRefs(refsOfSwept(page.Due), []ports.StreamRef{first, second}, "what is due by Sweep, after it was given back again")
}

func whatIsDueComesOldestFirst(b *sourceBench) {
	b.withTime(func(step time.Duration) (conclusive bool) {
		due := map[int]span{} // when each becomes due
		want := make([]ports.StreamRef, 4)
		for i, steps := range []int{3, 1, 2} {
			ref := b.owned(fmt.Sprintf("%d-%v", i, step), nthToken(1))
			retryIn := time.Duration(steps) * step
			_, when := b.alice.settled(ports.Settlement{Ref: ref, Token: nthToken(1), Outcome: ports.Failed, Reason: "because", RetryIn: retryIn})
			due[steps] = span{when.began + retryIn, when.ended + retryIn}
			want[steps] = ref
		}
		b.passOver(max(due[1].ended, due[2].ended, due[3].ended))
		page, _ := b.bob.sweep(ports.SweepRequest{Limit: 10, Interval: long})
		conclusive = due[1].ended+b.grace() < due[2].began && due[2].ended+b.grace() < due[3].began
		if conclusive {
			b.expectInOrder(refsOfSwept(page.Due), want[1:], "what is due by Sweep, when three retry times have come one after another")
		}
		for _, ref := range want[1:] {
			b.bob.taken(ref, nthToken(2))
		}
		return conclusive
	})
}

func sweepSaysWhenMoreIsDue(b *sourceBench) {
	refs := b.announceMany("s", 7)
	b.alice.fetchAll()
	b.alice.takeAll(requestsFor(refs, nthToken(1))...)
	page, _ := b.bob.sweep(ports.SweepRequest{Limit: 3, Interval: long})
	if page.More || len(page.Due) > 0 {
		b.violated("Sweep says that %s is due (more: %t) when all is taken", listed(page.Due, sweptText), page.More)
	}
	for _, ref := range refs {
		b.alice.ended(ref, nthToken(1), ports.HandedOff)
	}
	page, _ = b.bob.sweep(ports.SweepRequest{Limit: 3, Interval: long})
	if !page.More {
		b.violated("Sweep does not say that more is due: 7 are, and it answered %d", len(page.Due))
	}
	// Whoever is answered takes, and asks again while there is more.
	var got []ports.StreamRef
	for range len(refs) {
		for _, swept := range page.Due {
			b.bob.taken(swept.Assignment.Ref, nthToken(2))
			got = append(got, swept.Assignment.Ref)
		}
		if !page.More {
			break
		}
		page, _ = b.bob.sweep(ports.SweepRequest{Limit: 3, Interval: long})
	}
	b.expectRefs(got, refs, "what a member took that asked Sweep again while it said that more is due")
}

func theLimitBoundsBothLists(b *sourceBench) {
	for i := range 12 {
		if i%2 == 0 {
			b.handedBack(fmt.Sprint("given back", i))
		} else {
			b.owned(fmt.Sprint("owned", i), nthToken(1))
		}
	}
	for _, limit := range []int{1, 2, 5} {
		for range 3 {
			page, _ := b.bob.sweep(ports.SweepRequest{Limit: limit})
			if len(page.Due) > limit || len(page.Round) > limit {
				b.violated("Sweep with the limit %d answers %d that are due and a page of %d", limit, len(page.Due), len(page.Round))
			}
			if len(page.Due) == 0 {
				b.violated("Sweep with the limit %d answers nothing that is due; six are", limit)
			}
		}
	}
	b.theRoundGoesOnBesideWhatIsDue()
}

// theRoundGoesOnBesideWhatIsDue: as much is due as fits in, all the time.
func (b *sourceBench) theRoundGoesOnBesideWhatIsDue() {
	const limit, pages = 2, 50
	listed := 0
	for range pages {
		page, _ := b.bob.sweep(ports.SweepRequest{Limit: limit})
		listed += len(page.Round)
	}
	if listed == 0 {
		b.violated("%d Sweeps with the limit %d answer nothing of the round while as much is due", pages, limit)
	}
}

func sweepLeavesTheUndeliveredAlone(b *sourceBench) {
	delivered := b.owned("delivered", nthToken(1))
	undelivered := b.announce("untouched", "taken", "handed off", "failed")
	for _, ref := range undelivered[1:] {
		b.alice.taken(ref, nthToken(1))
	}
	b.alice.ended(undelivered[2], nthToken(1), ports.HandedOff)
	b.alice.ended(undelivered[3], nthToken(1), ports.Failed)
	due, round := b.bob.sweepRound(10)
	for _, ref := range undelivered {
		b.expectNoRef(refsOfSwept(due), ref, "Sweep, among what is due,", "no Fetch has answered it")
		b.expectNoRef(refsOfSwept(round), ref, "Sweep, in the round,", "no Fetch has answered it")
	}
	b.expectAmong(refsOfSwept(round), []ports.StreamRef{delivered}, "a whole round of Sweep")
	b.expectInOrder(refsOf(b.bob.fetchAll()), undelivered, "Fetch, after rounds of Sweep over what was undelivered")
	b.expectRefs(refsOfSwept(b.bob.due()), undelivered[2:], "what is due by Sweep, after what was given back undelivered was delivered")
}

func ageIsTheTimeSinceTheLastChange(b *sourceBench) {
	refs := b.announce("delivered", "taken", "given back")
	b.pass(b.limits.SmallestTTL)
	began := b.now()
	b.alice.fetchAll()
	delivery := span{began, b.now()}
	b.pass(b.limits.SmallestTTL)
	_, taking := b.alice.takeAll(requestsFor(refs[1:], nthToken(1))...)
	b.pass(b.limits.SmallestTTL)
	_, giving := b.alice.settled(ports.Settlement{Ref: refs[2], Token: nthToken(1), Outcome: ports.HandedOff})
	b.pass(b.limits.SmallestTTL)

	began = b.now()
	due, round := b.bob.sweepRound(10)
	swept := span{began, b.now()}
	for _, one := range append(round, due...) {
		since := map[ports.StreamRef]span{refs[0]: delivery, refs[1]: taking, refs[2]: giving}[one.Assignment.Ref]
		b.expectBetween(one.Age, swept.began-since.ended, swept.ended-since.began, "the Age of what was last "+one.Assignment.Ref.Name)
	}
	b.expectAmong(refsOfSwept(append(round, due...)), refs, "a whole round of Sweep, with what is due")
}
