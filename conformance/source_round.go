package conformance

import (
	"fmt"
	"sync"
	"time"

	"github.com/streamlease/streamlease/ports"
)

var roundQuestions = []sourceQuestion{
	{
		where:   "StreamSource.Sweep",
		text:    "then the next page of a round over everything that was delivered and not settled, whatever became of its delivery",
		examine: theRoundGoesOverEverything,
	}, {
		where:   "StreamSource.Sweep",
		text:    "each page goes to one member",
		examine: eachPageGoesToOneMember,
		chance:  true,
	}, {
		where:   "StreamSource.Sweep",
		text:    "at the pace and not before the interval that the request names.",
		examine: roundsKeepPaceAndInterval,
	}, {
		where:   "StreamSource.Sweep",
		text:    "A page that was handed out and lost comes again in the next round.",
		examine: whatWasLostComesAgain,
	}, {
		where:   "SweepPage.RoundNumber",
		text:    "RoundNumber grows by one with each round; RoundSize is how many entries the last complete round went through.",
		examine: roundsAreNumberedAndCounted,
	},
}

// mostSweeps is more than any check needs to see a round begin.
const mostSweeps = 1000

// sweepRound asks until it has seen a whole round from its first page on, and
// returns everything that was due on the way, too, each once.
func (m *sourceMember) sweepRound(limit int) (due, round []ports.Swept) {
	seen := map[ports.StreamRef]bool{}
	var first int64
	for range mostSweeps {
		page, _ := m.sweep(ports.SweepRequest{Limit: limit})
		for _, swept := range page.Due {
			if ref := swept.Assignment.Ref; !seen[ref] {
				seen[ref] = true
				due = append(due, swept)
			}
		}
		if first == 0 {
			first = page.RoundNumber
		}
		switch page.RoundNumber {
		case first: // it may have begun before
		case first + 1:
			round = append(round, page.Round...)
		default:
			return due, round
		}
	}
	m.bench.stop("the third round of Sweep does not begin: it was asked %d times with no interval and no pace, in pages of %d", mostSweeps, limit)
	return nil, nil
}

func theRoundGoesOverEverything(b *sourceBench) {
	taken := b.owned("taken", nthToken(1))
	delivered := b.delivered("delivered")
	passed := b.owned("passed on", nthToken(1))
	b.bob.taken(passed, nthToken(2))
	undelivered := b.announce("taken before it was delivered")[0]
	b.alice.taken(undelivered, nthToken(1))
	b.bob.fetchAll()
	gone := b.owned("done", nthToken(1))
	b.alice.ended(gone, nthToken(1), ports.Done)
	want := []ports.StreamRef{taken, delivered, passed, undelivered}
	want = append(want, b.disturbDeliveries()...)
	for _, limit := range []int{1, 3, 100} {
		_, round := b.bob.sweepRound(limit)
		b.expectRefs(refsOfSwept(round), want, fmt.Sprintf("a whole round in pages of %d", limit))
		for _, swept := range round {
			if swept.Assignment.Ref == delivered && (swept.Token != 0 || swept.Settled) {
				b.violated("Sweep says %s of what nobody ever took", sweptText(swept))
			}
			b.expectAssignment(swept.Assignment, ports.Assignment{Ref: swept.Assignment.Ref, Info: infoOf(swept.Assignment.Ref.Name)}, "Sweep")
		}
	}
}

// disturbDeliveries leaves assignments in nobody's list, if the harness can.
func (b *sourceBench) disturbDeliveries() (refs []ports.StreamRef) {
	loser, able := can[DeliveryLoser](b.probe, b.instance)
	if !able {
		return nil
	}
	refs = []ports.StreamRef{b.delivered("delivered, in nobody's list"), b.owned("taken, in nobody's list", nthToken(1))}
	for _, ref := range refs {
		b.must(loser.LoseDelivery(ref), "lose a delivery")
	}
	return refs
}

// eachPageGoesToOneMember has many members sweep while others take, settle and
// announce.
func eachPageGoesToOneMember(b *sourceBench) {
	const sweepers, pages = 4, 25
	refs := b.announceMany("s", 60)
	b.alice.fetchAll()
	type handed struct {
		ref   ports.StreamRef
		round int64
	}
	var mu sync.Mutex
	times := map[handed]int{}
	ofRound := map[int64]int{}
	var parts []func()
	for i := range sweepers {
		member := b.joinAs(fmt.Sprint("m", i))
		parts = append(parts, func() {
			for range pages {
				page, _ := member.sweep(ports.SweepRequest{Limit: 7})
				mu.Lock()
				for _, swept := range page.Round {
					times[handed{swept.Assignment.Ref, page.RoundNumber}]++
				}
				ofRound[page.RoundNumber]++
				mu.Unlock()
			}
		})
	}
	parts = append(parts, func() {
		for i, ref := range refs[:20] {
			b.alice.taken(ref, nthToken(1))
			b.alice.ended(ref, nthToken(1), outcomes[i%2])
			b.announce(fmt.Sprint("more", i))
			b.bob.fetch(1)
		}
	})
	b.together(parts...)
	for handed, count := range times {
		if count > 1 {
			b.violated("%s was handed out %d times in round %d", refText(handed.ref), count, handed.round)
		}
	}
	b.expectWholeRounds(refs[20:], func(ref ports.StreamRef, round int64) bool { return times[handed{ref, round}] > 0 }, ofRound)
}

// expectWholeRounds wants what did not change to be in each round that began
// and ended while all were looking.
func (b *sourceBench) expectWholeRounds(steady []ports.StreamRef, was func(ports.StreamRef, int64) bool, rounds map[int64]int) {
	for number := range rounds {
		if rounds[number-1] == 0 || rounds[number+1] == 0 {
			continue
		}
		for _, ref := range steady {
			if !was(ref, number) {
				b.violated("round %d, of which every page was handed to somebody, does not list %s", number, refText(ref))
			}
		}
	}
}

// paced is how many entries there are for the rounds below.
const paced = 16

func roundsKeepPaceAndInterval(b *sourceBench) {
	for i := range paced {
		b.owned(fmt.Sprint("s", i), nthToken(1))
	}
	b.withTime(b.tryInterval)
	b.withTime(b.tryPace)
}

// beginRound asks, without interval and pace, until a page is the first of a
// round.
func (b *sourceBench) beginRound(limit int) (ports.SweepPage, span) {
	request := ports.SweepRequest{Limit: limit}
	earlier, _ := b.alice.sweep(request)
	for range mostSweeps {
		page, when := b.alice.sweep(request)
		if page.RoundNumber > earlier.RoundNumber {
			return page, when
		}
	}
	b.stop("no further round of Sweep begins: it was asked %d times with no interval and no pace", mostSweeps)
	return ports.SweepPage{}, span{}
}

// tryInterval has one round gone through, and looks when the next one begins.
func (b *sourceBench) tryInterval(interval time.Duration) (conclusive bool) {
	first, began := b.beginRound(100)
	for handed := len(first.Round); handed < paced; {
		page, _ := b.bob.sweep(ports.SweepRequest{Limit: 100, Interval: long})
		if len(page.Round) == 0 {
			b.stop("a round over %d ends after %d", paced, handed)
		}
		handed += len(page.Round)
	}
	request := ports.SweepRequest{Limit: 100, Interval: interval}
	next, early := b.bob.sweep(request)
	if early.ended < began.began+interval {
		conclusive = true
		if next.RoundNumber != first.RoundNumber || len(next.Round) > 0 {
			b.violated("round %d has a page of %d, %v after round %d began; the interval is %v", next.RoundNumber, len(next.Round), early.ended-began.began, first.RoundNumber, interval)
		}
		b.expectBetween(next.NextIn, began.began+interval-early.ended, began.ended+interval-early.began, "NextIn between two rounds")
	}
	b.passOver(began.ended + interval)
	last, _ := b.alice.sweep(request)
	if conclusive && last.RoundNumber != first.RoundNumber+1 {
		b.violated("round %d has not begun after the interval of %v; the last is %d", first.RoundNumber+1, interval, last.RoundNumber)
	}
	return conclusive
}

// tryPace asks for a page, and at once for the next, at a pace that lets a page
// of four come after pause.
func (b *sourceBench) tryPace(pause time.Duration) (conclusive bool) {
	request := ports.SweepRequest{Limit: 4, PerSecond: max(int(4*time.Second/pause), 1)}
	b.beginRound(request.Limit)
	page, began := b.bob.sweep(request)
	pause = time.Duration(len(page.Round)) * time.Second / time.Duration(request.PerSecond)
	next, early := b.alice.sweep(request)
	if early.ended < began.began+pause {
		conclusive = true
		if len(next.Round) > 0 {
			b.violated("a page of %d comes %v after a page of %d; at %d a second that is too soon", len(next.Round), early.ended-began.began, len(page.Round), request.PerSecond)
		}
		b.expectBetween(next.NextIn, began.began+pause-early.ended, began.ended+pause-early.began, "NextIn between two pages")
	}
	b.passOver(began.ended + pause)
	last, after := b.bob.sweep(request)
	if conclusive && len(last.Round) == 0 {
		b.violated("the next page of a round over %d is empty, after the pause that the pace asks for", paced)
	}
	b.passOver(after.ended + pause)
	return conclusive
}

func whatWasLostComesAgain(b *sourceBench) {
	var want []ports.StreamRef
	for i := range 5 {
		want = append(want, b.owned(fmt.Sprint("s", i), nthToken(1)))
	}
	lost := b.joinAs("lost")
	for range 3 {
		page, _ := lost.sweep(ports.SweepRequest{Limit: 2})
		lost.bench.journal.note(b.now(), "and nobody reads that page of "+fmt.Sprint(len(page.Round)))
		_, round := b.bob.sweepRound(3)
		b.expectRefs(refsOfSwept(round), want, "a whole round, after pages of the one before went to a member that died")
	}
}

func roundsAreNumberedAndCounted(b *sourceBench) {
	for i := range 10 {
		b.owned(fmt.Sprint("s", i), nthToken(1))
	}
	number := int64(0)
	for range 40 {
		page, _ := b.bob.sweep(ports.SweepRequest{Limit: 3})
		if number != 0 && page.RoundNumber != number && page.RoundNumber != number+1 {
			b.violated("round %d follows round %d", page.RoundNumber, number)
		}
		number = page.RoundNumber
	}
	if number < 5 {
		b.violated("40 pages of three, over ten entries, were of %d rounds", number)
	}
	page, _ := b.alice.sweep(ports.SweepRequest{Limit: 3})
	if page.RoundSize != 10 {
		b.violated("RoundSize is %d; the last complete round went through 10", page.RoundSize)
	}
}
