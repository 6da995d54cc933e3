package conformance

import (
	"fmt"

	"github.com/streamlease/streamlease/ports"
)

var malformedQuestions = []sourceQuestion{
	{
		where:   "StreamSource",
		text:    "An entry that is no well-formed assignment is quarantined by the adapter itself when it comes by it, with the reason, and never stops a reader.",
		examine: poisonIsQuarantinedAndStopsNobody,
	},
}

func poisonIsQuarantinedAndStopsNobody(b *sourceBench) {
	poisoner, able := can[Poisoner](b.probe, b.instance)
	if !able {
		return
	}
	b.alice.beat()
	poisons := poisoner.Poisons()
	for _, poison := range poisons {
		b.meetPoison(poison)
	}
	// And all at once, more than one look could hold.
	var refs []ports.StreamRef
	for range 3 {
		for _, poison := range poisons {
			b.poisoned(poison)
		}
		refs = append(refs, b.announceMany("good", 2)...)
	}
	b.expectInOrder(refsOf(b.alice.fetchAll()), refs, fmt.Sprintf("Fetch of the good among %d malformed entries", 3*len(poisons)))
	if fleet := b.alice.beat(); fleet.Backlog != 0 {
		b.violated("the backlog is %d when Fetch has nothing more", fleet.Backlog)
	}
	if fleet := b.alice.beat(); fleet.Taken.Count != 0 {
		b.violated("the tally of a member that took nothing is %s, after malformed entries", tallyText(fleet.Taken))
	}
}

func (b *sourceBench) poisoned(poison Poison) (messageID string) {
	messageID, err := poison.Add()
	b.must(err, "put "+poison.What+" on the source")
	b.journal.note(b.now(), fmt.Sprintf("a producer writes %s: %s", poison.What, messageID))
	return messageID
}

// meetPoison puts one malformed entry before good ones, and has every reader
// come by.
func (b *sourceBench) meetPoison(poison Poison) {
	b.announce("before")
	id := b.poisoned(poison)
	behind := b.announce("behind")[0]
	fetched := refsOf(b.alice.fetchAll())
	b.expectAmong(fetched, []ports.StreamRef{behind}, "Fetch of what is behind "+poison.What)
	for _, ref := range fetched {
		if ref.MessageID == id {
			b.violated("Fetch answers %s as the assignment %s", poison.What, refText(ref))
		}
	}
	b.expectNoID(refsOfDeliveries(b.alice.deliveries()), id, "Deliveries answers "+poison.What)
	due, round := b.bob.sweepRound(50)
	b.expectNoID(refsOfSwept(append(due, round...)), id, "Sweep answers "+poison.What)
	b.expectQuarantined(id, poison.What)
	for _, ref := range fetched {
		b.alice.taken(ref, nthToken(1))
		b.alice.ended(ref, nthToken(1), ports.Done)
	}
	before := b.alice.beat().Taken
	late := b.bob.take(ports.StreamRef{Name: "s", MessageID: id}, nthToken(2))
	b.expectIs(late.Err, ports.ErrDone, "ErrDone", "Take of "+poison.What)
	if after := b.alice.beat(); after.Backlog != 0 || after.Taken != before {
		b.violated("with %s in quarantine and nothing else there the backlog is %d", poison.What, after.Backlog)
	}
}

func (b *sourceBench) expectNoID(refs []ports.StreamRef, id, what string) {
	for _, ref := range refs {
		if ref.MessageID == id {
			b.violated("%s", what)
		}
	}
}
