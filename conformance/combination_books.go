package conformance

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/streamlease/streamlease"
)

// books are what the applications of all members heard and did, and a resource
// that fences: it remembers the highest token of each name and refuses whoever
// comes with a lower one. Its methods may be called concurrently.
type books struct {
	now func() time.Duration

	mu       sync.Mutex
	tenures  []*heardTenure // in the order in which they were heard of
	announce map[streamlease.StreamRef]string
	done     map[streamlease.StreamRef]*heardTenure
	highest  map[string]streamlease.Token // the resource
	finished map[streamlease.StreamRef]int
	wrong    []string
}

// heardTenure is one tenure as its application knows it.
type heardTenure struct {
	stream *streamlease.Stream
	member *combinationMember
	began  time.Duration

	// What follows is the books'.
	over     bool
	ended    time.Duration
	disowned bool // StreamDisowned came
	excused  bool // the stores lost its lease: for others the name was free
}

func newBooks(now func() time.Duration) *books {
	return &books{
		now:      now,
		announce: map[streamlease.StreamRef]string{},
		done:     map[streamlease.StreamRef]*heardTenure{},
		highest:  map[string]streamlease.Token{},
		finished: map[streamlease.StreamRef]int{},
	}
}

func (b *books) wrongly(format string, args ...any) {
	b.wrong = append(b.wrong, fmt.Sprintf(format, args...))
}

// begin notes a StreamAdded.
func (b *books) begin(member *combinationMember, stream *streamlease.Stream) *heardTenure {
	b.mu.Lock()
	defer b.mu.Unlock()
	begun := &heardTenure{stream: stream, member: member, began: b.now()}
	for _, earlier := range b.tenures {
		if earlier.stream.Ref().Name == stream.Ref().Name && earlier.stream.Token() == stream.Token() {
			b.wrongly("%v heard of %v with token %d, of which %v had heard already", member, stream.Ref(), stream.Token(), earlier.member)
		}
	}
	if by, done := b.done[stream.Ref()]; done && by.stream.Token() < stream.Token() {
		b.wrongly("%v heard of %v, which %v had done", member, stream.Ref(), by.member)
	}
	b.tenures = append(b.tenures, begun)
	return begun
}

// end notes that the application no longer believes in the tenure.
func (b *books) end(tenure *heardTenure) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !tenure.over {
		tenure.over, tenure.ended = true, b.now()
	}
}

// endOf ends all that a member had: it has died.
func (b *books) endOf(member *combinationMember) {
	for _, tenure := range b.of(member) {
		b.end(tenure)
	}
}

func (b *books) lost(stream *streamlease.Stream) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, tenure := range b.tenures {
		if tenure.stream == stream {
			tenure.disowned = true
		}
	}
}

// finish notes that Done has succeeded.
func (b *books) finish(tenure *heardTenure) {
	b.mu.Lock()
	defer b.mu.Unlock()
	ref := tenure.stream.Ref()
	if by, done := b.done[ref]; done && by != tenure {
		b.wrongly("Done succeeded for %v twice: by %v with token %d and by %v with token %d",
			ref, by.member, by.stream.Token(), tenure.member, tenure.stream.Token())
	}
	b.done[ref] = tenure
}

// effect writes to the resource, and reports whether it accepted.
func (b *books) effect(tenure *heardTenure, finishes bool) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	ref, token := tenure.stream.Ref(), tenure.stream.Token()
	if token < b.highest[ref.Name] {
		return false
	}
	b.highest[ref.Name] = token
	if finishes {
		b.finished[ref]++
	}
	return true
}

// excuse lets whatever is owned now be owned by others too: the stores have
// forgotten it, and only tokens tell its owners from others.
func (b *books) excuse() {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, tenure := range b.tenures {
		tenure.excused = true
	}
}

// of are the tenures that a member believes in.
func (b *books) of(member *combinationMember) []*heardTenure {
	b.mu.Lock()
	defer b.mu.Unlock()
	var owned []*heardTenure
	for _, tenure := range b.tenures {
		if tenure.member == member && !tenure.over {
			owned = append(owned, tenure)
		}
	}
	return owned
}

// hasHeardOf reports whether the member's application heard of a tenure of that
// name.
func (b *books) hasHeardOf(member *combinationMember, name string) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.ContainsFunc(b.tenures, func(tenure *heardTenure) bool {
		return tenure.member == member && tenure.stream.Ref().Name == name
	})
}

// ownersOf are the tenures of an assignment that members believe in, those left
// out who cannot know better.
func (b *books) ownersOf(ref streamlease.StreamRef) []*heardTenure {
	b.mu.Lock()
	defer b.mu.Unlock()
	var owners []*heardTenure
	for _, tenure := range b.tenures {
		if tenure.stream.Ref() == ref && !tenure.over && !tenure.member.isHeld() {
			owners = append(owners, tenure)
		}
	}
	return owners
}

// tenuresOf is how often an assignment was owned.
func (b *books) tenuresOf(ref streamlease.StreamRef) []*heardTenure {
	b.mu.Lock()
	defer b.mu.Unlock()
	var all []*heardTenure
	for _, tenure := range b.tenures {
		if tenure.stream.Ref() == ref {
			all = append(all, tenure)
		}
	}
	return all
}

// notDone are those of the assignments that nobody has done.
func (b *books) notDone(refs []streamlease.StreamRef) []streamlease.StreamRef {
	b.mu.Lock()
	defer b.mu.Unlock()
	var left []streamlease.StreamRef
	for _, ref := range refs {
		if b.done[ref] == nil {
			left = append(left, ref)
		}
	}
	return left
}

// judgement is what the books say is wrong. Tenures of one name may overlap by
// what applications believed for as long as the process was held up.
func (b *books) judgement(excused time.Duration) []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	for i, later := range b.tenures {
		for _, earlier := range b.tenures[:i] {
			b.compare(earlier, later, excused)
		}
		b.judge(later)
	}
	return b.wrong
}

func (b *books) judge(tenure *heardTenure) {
	ref := tenure.stream.Ref()
	info, known := b.announce[ref]
	switch {
	case !known:
		b.wrongly("%v heard of %v, which nobody announced to its service", tenure.member, ref)
	case string(tenure.stream.Info()) != info:
		b.wrongly("%v heard of %v with the info %.200q; it was announced with %.200q", tenure.member, ref, tenure.stream.Info(), info)
	}
}

// compare judges two tenures, of which the first was heard of first.
func (b *books) compare(earlier, later *heardTenure, excused time.Duration) {
	if earlier.stream.Ref().Name != later.stream.Ref().Name || earlier.excused {
		return
	}
	overlap := b.now() - later.began
	if earlier.over {
		overlap = earlier.ended - later.began
	}
	if overlap > excused && !earlier.member.wasHeld() && !later.member.wasHeld() {
		b.wrongly("%v is owned by %v with token %d and by %v with token %d, for %v", later.stream.Ref(),
			earlier.member, earlier.stream.Token(), later.member, later.stream.Token(), overlap)
	}
}
