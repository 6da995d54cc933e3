package conformance

import (
	"fmt"
	"slices"
)

// lostHintsAreHarmless lets no hint arrive anywhere, but that some may have been
// missed.
func lostHintsAreHarmless(b *combinationBench) {
	b.join(3)
	for _, member := range b.members {
		member.gate.deaf.Store(true)
	}
	refs := b.announce(b.streams()...)
	b.awaitOwned(refs)
	victim, _ := b.largest()
	victim.die()
	b.awaitOwned(refs)
}

// lostRepliesAreHarmless loses the first reply to each member of every method,
// and then one of so many.
func lostRepliesAreHarmless(b *combinationBench) {
	const every = 5
	b.loses = every
	b.join(2)
	refs := b.announce(b.streams()...)
	b.awaitOwned(refs)
	b.finishAll()
	for _, member := range b.members {
		member.gate.loses.Store(0)
	}
}

// servicesAreStrangers has two services with streams of the same names.
func servicesAreStrangers(b *combinationBench) {
	b.lasting()
	other := openCombination(b.probe, b.harness, b.virtual)
	defer other.close()
	other.lasting()
	b.join(1)
	other.join(1)
	refs, theirs := b.announce(b.streams()...), other.announce(b.streams()...)
	b.awaitOwned(refs)
	other.awaitOwned(theirs)
	b.finishAll()
	other.awaitOwned(theirs) // what is done in one goes on in the other
	other.judge()
}

func poisonStopsNobody(b *combinationBench) {
	poisoner, able := can[Poisoner](b.probe, b.instance)
	b.lasting()
	b.join(1)
	names := b.streams()
	refs := b.announce(names[:len(names)/2]...)
	if able {
		for _, poison := range poisoner.Poisons() {
			messageID, err := poison.Add()
			b.must(err, "add "+poison.What)
			b.quarantine[messageID] = true
		}
		b.note("added %d malformed entries", len(b.quarantine))
	}
	refs = append(refs, b.announce(names[len(names)/2:]...)...)
	b.awaitOwned(refs)
}

func emptiedStoresServeAgain(b *combinationBench) {
	flusher, able := can[Flusher](b.probe, b.instance)
	if !able {
		return
	}
	b.owning(2)
	owned := slices.Concat(b.books.of(b.members[0]), b.books.of(b.members[1]))
	b.note("the stores are emptied")
	b.must(flusher.Flush(), "empty the stores")
	b.books.excuse()
	b.expected = nil
	again := b.announce(b.streams()...)
	b.await("nobody believes in what was lost", func() error {
		b.books.mu.Lock()
		defer b.books.mu.Unlock()
		for _, tenure := range owned {
			if !tenure.over {
				return fmt.Errorf("%v believes in %.40q with token %d", tenure.member, tenure.stream.Ref().String(), tenure.stream.Token())
			}
		}
		return nil
	})
	b.awaitOwned(again)
}
