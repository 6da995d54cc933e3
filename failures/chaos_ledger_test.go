package failures_test

import (
	"fmt"

	"github.com/streamlease/streamlease"
)

// ledger is what producers say of their announcements. One whose answer was
// lost may have been made, or not: then the name has one ref more than the
// producers know of.
type ledger struct {
	tries map[string]int // announcements begun, by name
	known map[string]int // of those, acknowledged
	refs  map[streamlease.StreamRef]bool
	count int
}

func newLedger() ledger {
	return ledger{tries: map[string]int{}, known: map[string]int{}, refs: map[streamlease.StreamRef]bool{}}
}

func (l *ledger) tried(names []string) {
	for _, name := range names {
		l.tries[name]++
		l.count++
	}
}

func (l *ledger) acknowledged(refs []streamlease.StreamRef) {
	for _, ref := range refs {
		l.refs[ref] = true
		l.known[ref.Name]++
	}
}

// unaccounted says what is wrong when the members heard of so many refs of a
// name.
func (l *ledger) unaccounted(name string, heard int) error {
	if known, tries := l.known[name], l.tries[name]; heard < known || heard > tries {
		return fmt.Errorf("%q was announced between %d times, by the answers, and %d times, by the tries; members heard of %d refs",
			name, known, tries, heard)
	}
	return nil
}
