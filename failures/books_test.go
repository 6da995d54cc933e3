package failures_test

import (
	"fmt"
	"sync"
	"time"

	"github.com/streamlease/streamlease"
)

// books is what the members say, put together: who owned what, from when to
// when. It notes whatever no member should ever say.
type books struct {
	mu         sync.Mutex
	tenures    map[tenureKey]*tenure
	inOrder    []*tenure                 // as they became known
	ready      map[*member]time.Duration // when it had joined
	deaf       map[*member]bool
	heard      map[streamlease.StreamRef]bool          // by any member, whatever of them
	closing    map[*member]time.Duration               // when Close or Done was about to be called
	closed     map[*member]string                      // what the client's end answered
	done       map[streamlease.StreamRef]time.Duration // when Done had succeeded
	doneBy     map[streamlease.StreamRef]streamlease.Token
	ledger     ledger
	violations []string
	accused    []string // names of the streams that violations are about
}

// tenureKey names a tenure: tokens of one name differ.
type tenureKey struct {
	name  string
	token streamlease.Token
}

// tenure is one tenure as its member told of it.
type tenure struct {
	ref    streamlease.StreamRef
	token  streamlease.Token
	member *member
	began  time.Duration
	// failures and crashes stood against the assignment when it began.
	failures, crashes int

	over     bool
	ended    time.Duration // if it is over
	ending   ending
	disowned time.Duration // when StreamDisowned came; 0: it has not
	asked    time.Duration // when its owner first called Done, Fail or HandOff; 0: never
	settling time.Duration // when Done was called, the last time
	verdicts []string      // what Done answered, each time
	effects  []string      // what the resource answered, each time
}

// ending is how a tenure ended, as far as the books can tell.
type ending string

const (
	endedByDone     ending = "done"
	endedByReturn   ending = "given back"
	endedByLoss     ending = "disowned"
	endedByClose    ending = "closed"
	endedByKill     ending = "killed"
	endedInTheStore ending = "fenced" // Done was told that the tenure was over
)

func newBooks() *books {
	return &books{
		tenures: map[tenureKey]*tenure{},
		ready:   map[*member]time.Duration{},
		deaf:    map[*member]bool{},
		heard:   map[streamlease.StreamRef]bool{},
		closing: map[*member]time.Duration{},
		closed:  map[*member]string{},
		done:    map[streamlease.StreamRef]time.Duration{},
		doneBy:  map[streamlease.StreamRef]streamlease.Token{},
		ledger:  newLedger(),
	}
}

// enter writes down one report.
func (b *books) enter(from *member, report report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if report.Ref != (streamlease.StreamRef{}) {
		b.heard[report.Ref] = true
	}
	switch report.Event {
	case eventReady:
		b.ready[from] = report.At
	case eventDeaf:
		b.deaf[from] = true
	case eventAdded:
		b.begin(from, report)
	case eventClosing:
		b.closing[from] = report.At
		b.endAll(from, report.At, endedByClose)
	case eventTerminated:
		b.endAll(from, report.At, endedByLoss)
	case eventDisowned, eventWrote,
		eventSettling, eventInsisting, eventSettled, eventGivingBack, eventGaveBack:
		b.update(from, report)
	case eventStalled:
		from.pauses.add(span{report.At - report.Stall, report.At})
	case eventAnnouncing:
		b.ledger.tried(report.Names)
	case eventAnnounced:
		b.ledger.acknowledged(report.Refs)
	case eventClosed:
		b.closed[from] = report.Err
	case eventExpired, eventLostTheRace:
	default:
		b.violated("%v said %q, which nobody understands", from, report.Event)
	}
}

func (b *books) begin(from *member, report report) {
	key := tenureKey{report.Ref.Name, report.Token}
	if earlier, found := b.tenures[key]; found {
		b.violated("S6: %v heard of %v with token %d, of which %v had heard already", from, report.Ref, report.Token, earlier.member)
		return
	}
	if finished, found := b.done[report.Ref]; found && finished < report.At && !b.wasLateNews(from, report, finished) {
		b.violated("S5: %v heard at %v of %v, which was done at %v", from, report.At, report.Ref, finished)
	}
	begun := &tenure{
		ref: report.Ref, token: report.Token, member: from, began: report.At,
		failures: report.Failures, crashes: report.Crashes,
	}
	if at, closing := b.closing[from]; closing && !b.hasClosed(from) {
		begun.endBefore(at)
	}
	b.tenures[key] = begun
	b.inOrder = append(b.inOrder, begun)
}

// wasLateNews: the tenure was over before its application could hear of it,
// because its process was stopped in between. A tenure that began after the
// stream was done has a higher token than the one that did it.
func (b *books) wasLateNews(from *member, report report, finished time.Duration) bool {
	return report.Token < b.doneBy[report.Ref] && from.pauses.touch(finished, report.At)
}

func (b *books) hasClosed(member *member) bool {
	_, closed := b.closed[member]
	return closed
}

func (b *books) update(from *member, report report) {
	tenure, found := b.tenures[tenureKey{report.Ref.Name, report.Token}]
	if !found || tenure.member != from || tenure.ref != report.Ref {
		b.violated("S6: %v reports %s of %v with token %d, a tenure that never began there", from, report.Event, report.Ref, report.Token)
		return
	}
	switch report.Event {
	case eventDisowned:
		if tenure.disowned > 0 {
			b.violated("S6: %v heard twice that it lost %v with token %d", from, report.Ref, report.Token)
		}
		tenure.disowned = report.At
		tenure.end(report.At, endedByLoss)
	case eventWrote:
		tenure.wrote(report)
	case eventSettling:
		tenure.ask(report.At)
		tenure.settling = report.At
	case eventInsisting:
		tenure.settling = report.At
	case eventGivingBack:
		tenure.ask(report.At)
	case eventGaveBack:
		tenure.giveBack(report)
	case eventSettled:
		b.settle(tenure, report)
	}
}

func (b *books) settle(tenure *tenure, report report) {
	tenure.verdicts = append(tenure.verdicts, report.Err)
	switch report.Err {
	case "":
		if at, found := b.done[tenure.ref]; found && at < tenure.settling {
			b.violated("S4: Done succeeded for %v with token %d, although it was done before", tenure.ref, tenure.token)
		}
		b.done[tenure.ref], b.doneBy[tenure.ref] = report.At, tenure.token
		tenure.end(tenure.settling, endedByDone)
	case errDisowned:
		tenure.end(report.At, endedInTheStore)
	}
}

func (t *tenure) wrote(report report) {
	what := "write"
	if report.Finish {
		what = "finish"
	}
	if report.Err == "" {
		report.Err = "accepted"
	}
	t.effects = append(t.effects, what+" "+report.Err)
}

// ask notes when the application had done with the tenure.
func (t *tenure) ask(at time.Duration) {
	if t.asked == 0 && !t.over {
		t.asked = at
	}
}

func (t *tenure) giveBack(report report) {
	switch report.Err {
	case "":
		t.end(report.At, endedByReturn)
	case errDisowned:
		t.end(report.At, endedInTheStore)
	}
}

// end keeps the first end, but a loss that is heard of later is remembered. The
// application's part ends when it asks for the end, be the answer lost or late.
func (t *tenure) end(at time.Duration, how ending) {
	if !t.over {
		t.over, t.ended = true, max(at, t.began)
		if t.asked > 0 {
			t.ended = min(at, t.asked)
		}
	}
	if t.ending == "" || how == endedByLoss {
		t.ending = how
	}
}

// endBefore: the notification was received just before Close was called, and
// told of just after. Close has ended the tenure whenever it was told of.
func (t *tenure) endBefore(closing time.Duration) {
	t.over, t.ended, t.ending = true, closing, endedByClose
}

func (b *books) endAll(from *member, at time.Duration, how ending) {
	for _, tenure := range b.inOrder {
		if tenure.member == from && !tenure.over {
			tenure.end(at, how)
		}
	}
}

// killed ends what a member still owned at the instant of its death.
func (b *books) killed(member *member, at time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.endAll(member, at, endedByKill)
}

func (b *books) violated(format string, arguments ...any) {
	b.violations = append(b.violations, fmt.Sprintf(format, arguments...))
	for _, argument := range arguments {
		if ref, is := argument.(streamlease.StreamRef); is {
			b.accused = append(b.accused, ref.Name)
		}
	}
}
