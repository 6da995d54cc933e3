package conformance

import (
	"bytes"
	"errors"
	"slices"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// firstToken is where the tokens of the checks begin. It is as large as those
// that a lease store draws by its clock.
const firstToken ports.Token = 1_795_440_002_250_600

// nthToken is one of them, the higher the later.
func nthToken(n int) ports.Token { return firstToken + ports.Token(n) }

var outcomes = []ports.Outcome{ports.Done, ports.HandedOff, ports.Failed, ports.Quarantined}

// expectIs wants an error of one kind.
func (b *sourceBench) expectIs(got, want error, name, what string) {
	switch {
	case got == nil:
		b.violated("%s succeeded; it must be %s", what, name)
	case !errors.Is(got, want):
		b.violated("%s is %s; it must be %s", what, shortError(got), name)
	}
}

func (b *sourceBench) expectSuccess(got error, what string) {
	if got != nil {
		b.violated("%s is %s; it must succeed", what, shortError(got))
	}
}

// expectDisowned wants ErrDisowned with the remembered token.
func (b *sourceBench) expectDisowned(got error, remembered, want ports.Token, what string) {
	b.expectIs(got, ports.ErrDisowned, "ErrDisowned", what)
	if errors.Is(got, ports.ErrDisowned) && remembered != want {
		b.violated("%s is ErrDisowned with the remembered token %d; it is %d", what, remembered, want)
	}
}

// expectCounts wants a Take to succeed and to answer these counts.
func (b *sourceBench) expectCounts(result ports.TakeResult, failures, crashes int, what string) {
	switch {
	case result.Err != nil:
		b.violated("%s is %s; it must succeed", what, shortError(result.Err))
	case result.Failures != failures || result.Crashes != crashes:
		b.violated("%s answers %d failures and %d crashes; it must be %d and %d", what, result.Failures, result.Crashes, failures, crashes)
	}
}

func (b *sourceBench) expectTally(got, want ports.Tally, what string) {
	if got != want {
		b.violated("%s answers the tally %s; it must be %s", what, tallyText(got), tallyText(want))
	}
}

// expectOwns wants a tenure to go on.
func (m *sourceMember) expectOwns(ref ports.StreamRef, held ports.Token, why string) {
	again := m.take(ref, held)
	switch {
	case again.Err != nil:
		m.bench.violated("%s does not own %s with token %d any more (the repeated Take is %s), but %s",
			m.Incarnation, refText(ref), held, shortError(again.Err), why)
	case again.Changed:
		m.bench.violated("%s did not own %s any more (the repeated Take added it), but %s", m.Incarnation, refText(ref), why)
	}
}

// expectGone wants that an assignment is gone for everybody.
func (b *sourceBench) expectGone(ref ports.StreamRef, why string) {
	reader := b.joinAs("reader")
	b.expectIs(reader.take(ref, nthToken(1_000_000)).Err, ports.ErrDone, "ErrDone", "Take of "+refText(ref)+" when "+why)
	b.expectNoRef(refsOf(reader.fetchAll()), ref, "Fetch", why)
	due, round := reader.sweepRound(100)
	b.expectNoRef(refsOfSwept(due), ref, "Sweep, among what is due,", why)
	b.expectNoRef(refsOfSwept(round), ref, "Sweep, in the round,", why)
}

func (b *sourceBench) expectNoRef(refs []ports.StreamRef, unwanted ports.StreamRef, what, why string) {
	if slices.Contains(refs, unwanted) {
		b.violated("%s answers %s, but %s", what, refText(unwanted), why)
	}
}

// expectRefs wants these, each once, in any order.
func (b *sourceBench) expectRefs(got, want []ports.StreamRef, what string) {
	times := map[ports.StreamRef]int{}
	for _, ref := range got {
		times[ref]++
	}
	for _, ref := range want {
		switch times[ref] {
		case 0:
			b.violated("%s: %s is missing", what, refText(ref))
		case 1:
		default:
			b.violated("%s: %s is there %d times", what, refText(ref), times[ref])
		}
		delete(times, ref)
	}
	for ref := range times {
		b.violated("%s: %s does not belong there", what, refText(ref))
	}
}

// expectInOrder wants these, each once, in this order.
func (b *sourceBench) expectInOrder(got, want []ports.StreamRef, what string) {
	if slices.Equal(got, want) {
		return
	}
	b.violated("%s: the answer is %s; it must be, in this order, %s", what, listed(got, refText), listed(want, refText))
}

// expectBetween wants a duration within what the times of the calls allow.
func (b *sourceBench) expectBetween(got, least, most time.Duration, what string) {
	slack := 2 * b.limits.ClockStep
	if !b.isVirtual() {
		slack += lateness
	}
	if got < least-slack || got > most+slack {
		b.violated("%s is %v; by the times of the calls it must be between %v and %v", what, got, least, most)
	}
}

// quarantined finds what the quarantine holds of an assignment.
func (b *sourceBench) quarantined(messageID string) (found []Quarantined) {
	all, err := b.instance.Quarantine()
	b.must(err, "list the quarantine")
	for _, one := range all {
		if one.Ref.MessageID == messageID {
			found = append(found, one)
		}
	}
	b.journal.note(b.now(), "the quarantine has "+listed(all, func(q Quarantined) string {
		return refText(q.Ref) + " because of " + shortName(q.Reason)
	}))
	return found
}

// expectQuarantined wants it there once, with a reason.
func (b *sourceBench) expectQuarantined(messageID, what string) (one Quarantined) {
	found := b.quarantined(messageID)
	switch {
	case len(found) == 0:
		b.violated("%s is not in the quarantine", what)
		return one
	case len(found) > 1:
		b.violated("%s is %d times in the quarantine", what, len(found))
	}
	if found[0].Reason == "" {
		b.violated("%s is in the quarantine without a reason", what)
	}
	return found[0]
}

func refsOf(assignments []ports.Assignment) []ports.StreamRef {
	refs := make([]ports.StreamRef, len(assignments))
	for i, assignment := range assignments {
		refs[i] = assignment.Ref
	}
	return refs
}

func refsOfSwept(page []ports.Swept) []ports.StreamRef {
	refs := make([]ports.StreamRef, len(page))
	for i, swept := range page {
		refs[i] = swept.Assignment.Ref
	}
	return refs
}

func refsOfDeliveries(page []ports.Delivery) []ports.StreamRef {
	refs := make([]ports.StreamRef, len(page))
	for i, delivery := range page {
		refs[i] = delivery.Assignment.Ref
	}
	return refs
}

// expectAssignment wants an assignment as it was announced. White space around
// the info means nothing.
func (b *sourceBench) expectAssignment(got, want ports.Assignment, what string) {
	if got.Ref != want.Ref {
		b.violated("%s answers the assignment %s; it is %s", what, refText(got.Ref), refText(want.Ref))
	}
	if !bytes.Equal(bytes.TrimSpace(got.Info), bytes.TrimSpace(want.Info)) {
		b.violated("%s answers the info %.200q; it was announced as %.200q", what, got.Info, want.Info)
	}
}
