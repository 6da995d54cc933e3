package failures_test

import (
	"fmt"
	"slices"
	"time"

	"github.com/streamlease/streamlease"
)

// owners are the living tenures by ref, but for those of frozen members, who
// cannot know what they lost, and of those whom the test has told to end.
func (b *books) owners() map[streamlease.StreamRef][]tenure {
	return b.living(func(member *member) bool { return !member.frozen.Load() && !member.isOver() })
}

// ownedBy are the member's living tenures, by ref.
func (b *books) ownedBy(owner *member) map[streamlease.StreamRef]tenure {
	owned := map[streamlease.StreamRef]tenure{}
	for ref, tenures := range b.living(func(member *member) bool { return member == owner }) {
		owned[ref] = tenures[0]
	}
	return owned
}

func (b *books) living(counts func(*member) bool) map[streamlease.StreamRef][]tenure {
	b.mu.Lock()
	defer b.mu.Unlock()
	living := map[streamlease.StreamRef][]tenure{}
	for _, tenure := range b.inOrder {
		if !tenure.over && counts(tenure.member) {
			living[tenure.ref] = append(living[tenure.ref], *tenure)
		}
	}
	return living
}

// of is what the books say now about a tenure.
func (b *books) of(earlier tenure) tenure {
	b.mu.Lock()
	defer b.mu.Unlock()
	return *b.tenures[tenureKey{earlier.ref.Name, earlier.token}]
}

// history lists the tenures of a stream as they began.
func (b *books) history(name string) []tenure {
	b.mu.Lock()
	defer b.mu.Unlock()
	var tenures []tenure
	for _, tenure := range b.inOrder {
		if tenure.ref.Name == name {
			tenures = append(tenures, *tenure)
		}
	}
	slices.SortStableFunc(tenures, func(a, b tenure) int { return int(a.began - b.began) })
	return tenures
}

// begunBy lists the tenures of the member, ended ones too.
func (b *books) begunBy(member *member) []tenure {
	b.mu.Lock()
	defer b.mu.Unlock()
	var tenures []tenure
	for _, tenure := range b.inOrder {
		if tenure.member == member {
			tenures = append(tenures, *tenure)
		}
	}
	return tenures
}

// readyAt is when the member had joined the fleet, if it has.
func (b *books) readyAt(member *member) (at time.Duration, ready bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	at, ready = b.ready[member]
	return at, ready
}

// isDeaf reports whether the member's application has stopped reading.
func (b *books) isDeaf(member *member) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.deaf[member]
}

// closedWith is what the end of the member's client answered.
func (b *books) closedWith(member *member) string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.closed[member]
}

// strangers are streams of which a member heard although nobody announced them
// to this service.
func (b *books) strangers(announced []streamlease.StreamRef) (strangers []streamlease.StreamRef) {
	b.mu.Lock()
	defer b.mu.Unlock()
	known := map[streamlease.StreamRef]bool{}
	for _, ref := range announced {
		known[ref] = true
	}
	for ref := range b.heard {
		if !known[ref] {
			strangers = append(strangers, ref)
		}
	}
	return strangers
}

// notDone are those of the streams that no member has done.
func (b *books) notDone(refs []streamlease.StreamRef) (left []streamlease.StreamRef) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, ref := range refs {
		if _, done := b.done[ref]; !done {
			left = append(left, ref)
		}
	}
	return left
}

// doneCount is how many streams are done, by the word of the members that did
// it.
func (b *books) doneCount() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.done)
}

// overlap is two tenures of one name that lived at the same time, by their
// members' words.
type overlap struct{ earlier, later tenure }

func (o overlap) String() string {
	return fmt.Sprintf("%v: %v (token %d) until %v, %s; %v (token %d) from %v on", o.later.ref,
		o.earlier.member, o.earlier.token, o.earlier.ended.Round(time.Millisecond), o.earlier.ending,
		o.later.member, o.later.token, o.later.began.Round(time.Millisecond))
}

// overlaps lists what the applications saw of two owners. One that comes from a
// loss is no mistake of the library: the earlier owner was frozen, killed or
// too slow to be told in time, and its effects are refused. One between two
// owners that both were well is reported as a violation.
func (b *books) overlaps() (excused, violations []overlap) {
	b.mu.Lock()
	defer b.mu.Unlock()
	byName := map[string][]*tenure{}
	for _, tenure := range b.inOrder {
		byName[tenure.ref.Name] = append(byName[tenure.ref.Name], tenure)
	}
	for _, tenures := range byName {
		slices.SortFunc(tenures, func(a, b *tenure) int { return int(a.token - b.token) })
		for i, later := range tenures[min(1, len(tenures)):] {
			earlier := tenures[i]
			switch met := (overlap{*earlier, *later}); {
			case earlier.over && earlier.ended <= later.began:
			case earlier.over && met.isExcused():
				excused = append(excused, met)
			default:
				violations = append(violations, met)
			}
		}
	}
	return excused, violations
}

// isExcused: a member that was not told its loss in time may believe in its
// tenure. Who says Done or gives back, and is told that it did so, still owned;
// who was stopped may begin to close before it looks at the clock.
func (o overlap) isExcused() bool {
	switch o.earlier.ending {
	case endedByDone, endedByReturn:
		return false
	case endedByClose:
		return o.earlier.member.pauses.touch(o.later.began, o.earlier.ended)
	default:
		return true
	}
}

// mistakes is what no member should have said, so far.
func (b *books) mistakes() []string {
	_, overlaps := b.overlaps()
	b.mu.Lock()
	defer b.mu.Unlock()
	mistakes := slices.Clone(b.violations)
	for _, overlap := range overlaps {
		mistakes = append(mistakes, "S3: two owners that are well: "+overlap.String())
	}
	return mistakes
}
