package conformance

import (
	"fmt"

	"github.com/streamlease/streamlease/ports"
)

var deliveriesQuestions = []sourceQuestion{
	{
		where:   "StreamSource.Deliveries",
		text:    "Deliveries pages through what an incarnation was delivered, or has taken by the records, and what is not settled.",
		examine: deliveriesListsDeliveredAndTaken,
	}, {
		where:   "StreamSource.Deliveries",
		text:    "It may be the caller's own, or that of a member that has left the fleet.",
		examine: deliveriesOfWhoHasLeft,
	}, {
		where:   "StreamSource.Deliveries",
		text:    "or the message ID of a delivery: then the page begins after it, in the order of announcement.",
		examine: deliveriesBeginAfterAMessageID,
	}, {
		where:   "StreamSource.Deliveries",
		text:    "What changes while one pages may be listed or not; all else is listed once.",
		examine: allElseIsListedOnce,
	}, {
		where:   "DeliveryPage.Taken",
		text:    "Taken is the incarnation's tally at the instant the page was read, or an earlier one of the same call.",
		examine: deliveriesAnswerTheTally,
	},
}

func deliveriesListsDeliveredAndTaken(b *sourceBench) {
	b.expectRefs(refsOfDeliveries(b.alice.deliveries()), nil, "Deliveries when nothing was announced")
	refs := b.announceMany("s", 8)
	for len(b.alice.fetch(4).Assignments) > 0 && len(b.alice.deliveries()) < 4 {
	}
	b.alice.taken(refs[0], nthToken(1))
	b.alice.taken(refs[1], nthToken(1))
	for i, outcome := range outcomes[:2] {
		b.alice.ended(refs[i], nthToken(1), outcome)
	}
	b.alice.taken(refs[2], nthToken(1))
	b.bob.taken(refs[3], nthToken(2))
	undelivered := refs[7]
	b.alice.taken(undelivered, nthToken(3))
	want := map[ports.StreamRef]ports.Delivery{
		refs[2]:     {Token: nthToken(1), Taken: true},
		undelivered: {Token: nthToken(3), Taken: true},
	}
	got := b.alice.deliveries()
	for _, delivery := range got {
		ref := delivery.Assignment.Ref
		if ref == refs[3] {
			b.expectDelivery(delivery, ports.Delivery{Token: nthToken(2)}) // hers once; bob has it now
			continue
		}
		expected, is := want[ref]
		if !is {
			b.violated("Deliveries lists %s, which was neither delivered to alice nor taken by her, or is settled", deliveryText(delivery))
			continue
		}
		b.expectDelivery(delivery, expected)
		delete(want, ref)
	}
	for ref := range want {
		b.violated("Deliveries does not list %s, which alice has taken", refText(ref))
	}
	fresh := b.announce("delivered only")[0]
	b.bob.fetchAll()
	for _, delivery := range b.bob.deliveries() {
		if delivery.Assignment.Ref == fresh {
			b.expectDelivery(delivery, ports.Delivery{})
		}
	}
	b.expectAmong(refsOfDeliveries(b.bob.deliveries()), []ports.StreamRef{refs[3], refs[4], fresh}, "Deliveries of bob, who has taken one and was delivered others")
}

func (b *sourceBench) expectDelivery(got, want ports.Delivery) {
	ref := got.Assignment.Ref
	b.expectAssignment(got.Assignment, ports.Assignment{Ref: ref, Info: infoOf(ref.Name)}, "Deliveries")
	if got.Token != want.Token || got.Taken != want.Taken {
		b.violated("Deliveries says %s; it has the token %d, and taken by this incarnation is %t", deliveryText(got), want.Token, want.Taken)
	}
}

func deliveriesOfWhoHasLeft(b *sourceBench) {
	refs := b.announceMany("s", 3)
	b.alice.beat()
	b.alice.fetchAll()
	b.alice.taken(refs[0], nthToken(1))
	b.alice.beatWith(ports.Beat{Leaving: true})
	all, tally := b.bob.deliveriesOf(alice, 10)
	b.expectInOrder(refsOfDeliveries(all), refs, "bob's look at Deliveries of alice, who has left")
	if tally.Count != 1 {
		b.violated("Deliveries of alice, who has left, counts %d taken; she took one", tally.Count)
	}
	b.expectRefs(refsOfDeliveries(b.bob.deliveries()), nil, "bob's own Deliveries, after he has looked at alice's")
	b.expectRefs(refsOfDeliveries(b.join(twin).deliveries()), nil, "Deliveries of another incarnation of alice's ID")
}

func deliveriesBeginAfterAMessageID(b *sourceBench) {
	refs := b.announceMany("s", 12)
	b.alice.fetchAll()
	for _, at := range []int{0, 5, 10, 11} {
		page := b.alice.page(alice, refs[at].MessageID, 100)
		b.expectInOrder(refsOfDeliveries(page.Deliveries), refs[at+1:], fmt.Sprintf("Deliveries after the message ID of the %d. of 12", at+1))
	}
	b.alice.taken(refs[4], nthToken(1))
	b.alice.ended(refs[4], nthToken(1), ports.Done)
	page := b.alice.page(alice, refs[4].MessageID, 100)
	b.expectInOrder(refsOfDeliveries(page.Deliveries), refs[5:], "Deliveries after the message ID of one that is done")
}

func allElseIsListedOnce(b *sourceBench) {
	refs := b.announceMany("s", 40)
	b.alice.fetchAll()
	for _, limit := range []int{1, 7, 39, 40, 41} {
		all, _ := b.alice.deliveriesOf(alice, limit)
		b.expectInOrder(refsOfDeliveries(all), refs, fmt.Sprintf("Deliveries in pages of %d", limit))
	}
	var got []ports.StreamRef
	changing := map[ports.StreamRef]bool{}
	cursor := ""
	for at := 0; ; at++ {
		page := b.alice.page(alice, cursor, 5)
		got = append(got, refsOfDeliveries(page.Deliveries)...)
		if cursor = page.Next; cursor == "" || at > len(refs) {
			break
		}
		for _, i := range []int{at * 4, 39 - at} {
			if i < len(refs) && !changing[refs[i]] {
				changing[refs[i]] = true
				b.alice.taken(refs[i], nthToken(1))
				b.alice.ended(refs[i], nthToken(1), ports.Done)
			}
		}
	}
	var steady, listedSteady []ports.StreamRef
	for _, ref := range refs {
		if !changing[ref] {
			steady = append(steady, ref)
		}
	}
	for _, ref := range got {
		if !changing[ref] {
			listedSteady = append(listedSteady, ref)
		}
	}
	b.expectInOrder(listedSteady, steady, "Deliveries in pages of 5, of what did not change while others were done")
}

func deliveriesAnswerTheTally(b *sourceBench) {
	refs := b.announceMany("s", 4)
	b.alice.fetchAll()
	b.alice.takeAll(requestsFor(refs, nthToken(1))...)
	b.alice.ended(refs[1], nthToken(1), ports.HandedOff)
	b.bob.taken(refs[2], nthToken(2))
	_, tally := b.alice.deliveriesOf(alice, 2)
	b.expectTally(tally, ports.Tally{Change: 6, Count: 2}, "Deliveries of a member that took four, settled one and lost one")
	_, tally = b.alice.deliveriesOf(bob, 10)
	b.expectTally(tally, ports.Tally{Change: 1, Count: 1}, "Deliveries of a member that took one")
	_, tally = b.alice.deliveriesOf(twin, 10)
	b.expectTally(tally, ports.Tally{}, "Deliveries of a member that took none")
}
