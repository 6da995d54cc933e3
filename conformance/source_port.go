package conformance

import (
	"context"
	"errors"
	"strings"
	"time"

	"github.com/streamlease/streamlease/ports"
)

var sourcePortQuestions = []sourceQuestion{
	{
		where:   "ports",
		text:    "Batch in, one result for each item in the same order, an error in each result.",
		examine: batchesOfTheSource,
	}, {
		where:   "ports",
		text:    "Names are any valid UTF-8 of at most 64 KiB: colons, NUL, newlines and glob characters included.",
		examine: namesOfTheSource,
	}, {
		where:   "ports",
		text:    "ErrRefused (a definite no: nothing was done;",
		examine: whatTheSourceRefusesIsNotDone,
	}, {
		where:   "ports",
		text:    "or anything else: then the outcome of each item is unknown",
		examine: whatIsUnknownCanBeRepeated,
	}, {
		where:   "ports",
		text:    "a command that a client library repeats by itself after a lost reply breaks the contract.",
		examine: theSourceRepeatsNothing,
	}, {
		where:   "ports",
		text:    "Every call comes with a ctx that has a deadline, and ends by it.",
		examine: callsOfTheSourceEndByTheirDeadline,
	}, {
		where:   "ports",
		text:    "a call that was given up may still be under way when the next one comes.",
		examine: aLateCallOfTheSourceChangesNothing,
	},
}

func batchesOfTheSource(b *sourceBench) {
	b.alice.takeAll()
	b.alice.settleAll()
	b.tryAnnounce()
	const huge = 2000
	refs := b.announceMany("s", huge)
	b.alice.fetchAll()
	done, held := refs[huge-1], refs[huge-2]
	b.bob.taken(done, nthToken(1))
	b.bob.ended(done, nthToken(1), ports.Done)
	b.bob.taken(held, nthToken(9))

	requests := requestsFor(refs, nthToken(2))
	results, _ := b.alice.takeAll(requests...)
	for i, result := range results[:huge-2] {
		if result.Err != nil || result.Assignment.Ref != refs[i] {
			b.violated("item %d of a Take of %d is for %s, and answers %s of %s", i, huge, refText(refs[i]), takenText(result), refText(result.Assignment.Ref))
			break
		}
	}
	b.expectDisowned(results[huge-2].Err, results[huge-2].Remembered, nthToken(9), "the last but one of a Take of 2000, which bob has taken,")
	b.expectIs(results[huge-1].Err, ports.ErrDone, "ErrDone", "the last of a Take of 2000, which is done,")

	settlements := make([]ports.Settlement, huge)
	for i, ref := range refs {
		settlements[i] = ports.Settlement{Ref: ref, Token: nthToken(2), Outcome: outcomes[i%2]}
	}
	settlements[3].Token = nthToken(1)
	settled, _ := b.alice.settleAll(settlements...)
	for i, result := range settled[:huge-2] {
		if i != 3 && (result.Err != nil || result.Gone != (settlements[i].Outcome == ports.Done)) {
			b.violated("item %d of a Settle of %d is %v of %s, and answers %s", i, huge, settlements[i].Outcome, refText(refs[i]), settledText(result))
			break
		}
	}
	b.expectDisowned(settled[3].Err, settled[3].Remembered, nthToken(2), "the fourth of a Settle of 2000, with an older token,")
	b.expectDisowned(settled[huge-2].Err, settled[huge-2].Remembered, nthToken(9), "the last but one of a Settle of 2000, which bob has taken,")
	b.expectSettled(settled[huge-1], true, false, "the last of a Settle of 2000, which is done already,")
}

// namesOfTheSource takes names of the worst kind through everything.
func namesOfTheSource(b *sourceBench) {
	var refs []ports.StreamRef
	for _, name := range []string{
		"a:b:7-7", "with space", "\x00", "a\nb\r\n", "{a}:{b}", "*?[a-z]", `"\`, `\u0041`, "<&>'", "ü\U0001F600\u2028", "\u007f\x1b",
		"-", "%s%d", "0", "null", "a", "A", "a ", " a", strings.Repeat("n", ports.MaxNameBytes), strings.Repeat("\x01", 40_000),
	} {
		announced := b.announce(name)[0]
		if announced.Name != name {
			b.violated("Announce of %s answers the name %s", shortName(name), shortName(announced.Name))
		}
		refs = append(refs, announced)
	}
	b.expectInOrder(refsOf(b.alice.fetchAll()), refs, "Fetch of names of many kinds")
	b.expectInOrder(refsOfDeliveries(b.alice.deliveries()), refs, "Deliveries of names of many kinds")
	for _, ref := range refs {
		taken := b.alice.taken(ref, nthToken(1))
		b.expectAssignment(taken.Assignment, ports.Assignment{Ref: ref, Info: infoOf(ref.Name)}, "Take")
	}
	_, round := b.bob.sweepRound(100)
	b.expectRefs(refsOfSwept(round), refs, "a whole round of Sweep over names of many kinds")
	for i, ref := range refs {
		late := b.bob.take(ref, nthToken(1))
		b.expectDisowned(late.Err, late.Remembered, nthToken(1), "bob's Take of "+shortName(ref.Name)+" with alice's token")
		b.alice.ended(ref, nthToken(1), outcomes[i%len(outcomes)])
	}
	for i, ref := range refs {
		if outcomes[i%len(outcomes)] == ports.Quarantined {
			if one := b.expectQuarantined(ref.MessageID, shortName(ref.Name)); one.Ref.Name != "" && one.Ref.Name != ref.Name {
				b.violated("the quarantine calls it %s; it is %s", shortName(one.Ref.Name), shortName(ref.Name))
			}
		}
	}
}

func whatTheSourceRefusesIsNotDone(b *sourceBench) {
	refuser, able := can[Refuser](b.probe, b.instance)
	if !able {
		return
	}
	free, held := b.handedBack("free"), b.owned("held", nthToken(1))
	before := b.alice.beat().Taken
	b.must(refuser.Refuse(), "have the source refuse")
	b.expectIs(b.alice.take(free, nthToken(2)).Err, ports.ErrRefused, "ErrRefused", "Take when the server refuses")
	b.expectIs(b.alice.settle(held, nthToken(1), ports.Done).Err, ports.ErrRefused, "ErrRefused", "Settle when the server refuses")
	_, errs := b.tryAnnounce(ports.Assignment{Ref: ports.StreamRef{Name: "refused"}})
	b.expectIs(errs[0], ports.ErrRefused, "ErrRefused", "Announce when the server refuses")
	_, err := b.alice.fetchWithin(1, time.Millisecond)
	b.expectIs(err, ports.ErrRefused, "ErrRefused", "Fetch when the server refuses")
	b.must(refuser.Accept(), "have the source accept again")
	b.expectTally(b.alice.beat().Taken, before, "the Heartbeat after calls that were refused")
	b.expectRefs(refsOf(b.bob.fetchAll()), nil, "Fetch, after an Announce that was refused,")
	b.alice.expectOwns(held, nthToken(1), "her Settle was refused")
	b.expectCounts(b.bob.take(free, nthToken(2)), 0, 0, "Take of what nobody has, with a token whose Take was refused,")
}

// with is a handle of a member whose first call meets a mishap.
func (b *sourceBench) with(mishap Mishap, member ports.Member) (*sourceMember, bool) {
	faults, able := can[StreamSourceFaults](b.probe, b.instance)
	if !able {
		return nil, false
	}
	source, err := faults.HandleWith(mishap)
	b.must(err, "make a handle with a mishap")
	b.journal.note(b.now(), "the next call of "+member.Incarnation+" meets a mishap: "+mishap.String())
	return b.adopt(member, source), true
}

// isUnknownToTheSource reports whether err leaves it open what was done.
func isUnknownToTheSource(err error) bool {
	for _, definite := range []error{nil, ports.ErrDisowned, ports.ErrDone, ports.ErrLost, ports.ErrNotYet, ports.ErrRefused, ports.ErrInvalid} {
		if errors.Is(err, definite) {
			return false
		}
	}
	return true
}

func (b *sourceBench) expectUnknown(err error, what string) {
	if !isUnknownToTheSource(err) {
		b.violated("%s is %v; its outcome is unknown", what, err)
	}
}

func whatIsUnknownCanBeRepeated(b *sourceBench) {
	for _, mishap := range []Mishap{ReplyLost, CutBefore} {
		ref := b.delivered("s")
		unlucky, able := b.with(mishap, alice)
		if !able {
			return
		}
		b.expectUnknown(unlucky.take(ref, nthToken(1)).Err, "Take, "+mishap.String()+",")
		again := unlucky.take(ref, nthToken(1))
		b.expectCounts(again, 0, 0, "the same Take again, after one with an unknown outcome,")
		if again.Changed != (mishap == CutBefore) {
			b.violated("the same Take again, after one with %v, answers Changed %t", mishap, again.Changed)
		}
		unlucky, _ = b.with(mishap, alice)
		b.expectUnknown(unlucky.settle(ref, nthToken(1), ports.Failed).Err, "Settle, "+mishap.String()+",")
		settled := unlucky.settle(ref, nthToken(1), ports.Failed)
		b.expectSettled(settled, false, mishap == CutBefore, "the same Settle again, after one with an unknown outcome,")
		b.expectCounts(b.bob.take(ref, nthToken(2)), 1, 0, "Take after one failure, settled twice because of an unknown outcome")
	}
}

// theSourceRepeatsNothing loses the replies of calls that must not be done
// twice: what a client library repeats does not end as an unknown outcome.
func theSourceRepeatsNothing(b *sourceBench) {
	if _, is := b.announcer(); is {
		unlucky, able := b.with(ReplyLost, alice)
		if !able {
			return
		}
		result := b.announceBy(unlucky.port.(ports.Announcer), []ports.Assignment{{Ref: ports.StreamRef{Name: "s"}}})[0]
		b.expectUnknown(result.Err, "Announce whose reply was lost")
		if fetched := b.bob.fetchAll(); len(fetched) != 1 {
			b.violated("one Announce whose reply was lost made %d assignments", len(fetched))
		}
	}
	ref := b.delivered("taken")
	unlucky, able := b.with(ReplyLost, alice)
	if !able {
		return
	}
	b.expectUnknown(unlucky.take(ref, nthToken(1)).Err, "Take whose reply was lost")
}

// sourceCall is one call of each kind; what it answers for its item is its
// error.
type sourceCall struct {
	name string
	make func(ctx context.Context, source ports.StreamSource) error
}

// callsOn are calls of alice's, who owns ref with token 1.
func (b *sourceBench) callsOn(ref ports.StreamRef) []sourceCall {
	return []sourceCall{
		{"Heartbeat", func(ctx context.Context, source ports.StreamSource) error {
			_, err := source.Heartbeat(ctx, ports.Beat{Member: alice, HasRoom: true, Expiry: long})
			return err
		}},
		{"Fetch", func(ctx context.Context, source ports.StreamSource) error {
			_, err := source.Fetch(ctx, alice, 1, time.Millisecond)
			return err
		}},
		{"Deliveries", func(ctx context.Context, source ports.StreamSource) error {
			_, err := source.Deliveries(ctx, alice, "", 10)
			return err
		}},
		{"Sweep", func(ctx context.Context, source ports.StreamSource) error {
			_, err := source.Sweep(ctx, alice, ports.SweepRequest{Limit: 10})
			return err
		}},
		{"Take", func(ctx context.Context, source ports.StreamSource) error {
			results, err := source.Take(ctx, alice, []ports.TakeRequest{{Ref: ref, Token: nthToken(2)}})
			return first(err, len(results), func() error { return results[0].Err })
		}},
		{"Settle", func(ctx context.Context, source ports.StreamSource) error {
			results, err := source.Settle(ctx, alice, []ports.Settlement{{Ref: ref, Token: nthToken(1), Outcome: ports.Done}})
			return first(err, len(results), func() error { return results[0].Err })
		}},
	}
}

func callsOfTheSourceEndByTheirDeadline(b *sourceBench) {
	ref := b.owned("s", nthToken(1))
	b.callsWithAnEndedCtx(ref)
	for _, call := range b.callsOn(ref) {
		if !b.endsInSilence(call) {
			return
		}
	}
	b.alice.expectOwns(ref, nthToken(1), "no call that met silence has arrived")
}

// callsWithAnEndedCtx need not do anything, but must not lie, and must end.
// What would change something does so, or is unknown.
func (b *sourceBench) callsWithAnEndedCtx(ref ports.StreamRef) {
	ended, cancel := context.WithDeadline(context.Background(), time.Now())
	defer cancel()
	for _, call := range b.callsOn(ref)[:4] {
		err := b.troubled(ended, b.alice, call, "with a ctx that has ended")
		if err != nil {
			b.expectUnknown(err, call.name+" with a ctx that has ended")
		}
	}
}

// endsInSilence has a call not answered. It may be late only because the
// machine is slow, so being in time once is enough.
func (b *sourceBench) endsInSilence(call sourceCall) (able bool) {
	const tries, most = 3, time.Second
	timeout := b.unanswered()
	var late time.Duration
	for range tries {
		unlucky, able := b.with(Silence, alice)
		if !able {
			return false
		}
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		began := time.Now()
		err := b.troubled(ctx, unlucky, call, "that is not answered, with a deadline")
		late = time.Since(began) - timeout
		cancel()
		b.expectUnknown(err, call.name+" that was not answered until its deadline")
		if late <= most {
			return true
		}
	}
	b.violated("%s with a deadline of %v, which was not answered, ended %v late, %d times", call.name, timeout, late, tries)
	return true
}

// troubled makes a call over a handle and writes it down.
func (b *sourceBench) troubled(ctx context.Context, by *sourceMember, call sourceCall, what string) (err error) {
	b.callWithin(ctx, b.pace, by.Incarnation+": "+call.name+" "+what, func(ctx context.Context) string {
		err = call.make(ctx, by.port)
		return orError(err, func() string { return "success" })
	})
	return err
}

// unanswered is the deadline of a call that is not going to be answered. It is
// real time that is waited for, with a Clock too.
func (b *sourceBench) unanswered() time.Duration {
	if b.isVirtual() {
		return 20 * time.Millisecond
	}
	return 300 * time.Millisecond
}

// aLateCallOfTheSourceChangesNothing has calls executed when others have come
// in between.
func aLateCallOfTheSourceChangesNothing(b *sourceBench) {
	taken, done := b.owned("taken", nthToken(1)), b.owned("done", nthToken(1))
	b.late(b.callsOn(taken)[4], func() { b.bob.taken(taken, nthToken(3)) })
	b.bob.expectOwns(taken, nthToken(3), "the Take with a lower token came later")
	b.late(b.callsOn(done)[5], func() { b.bob.taken(done, nthToken(2)) })
	b.bob.expectOwns(done, nthToken(2), "the Settle of the earlier tenure came later")
}

// late gives up a call, does something else, and then has the call executed.
func (b *sourceBench) late(call sourceCall, meanwhile func()) {
	unlucky, able := b.with(ExecutedLate, alice)
	if !able {
		panic(stopped{})
	}
	ctx, cancel := context.WithTimeout(context.Background(), b.unanswered())
	defer cancel()
	_ = b.troubled(ctx, unlucky, call, "which is given up")
	meanwhile()
	b.must(b.instance.(StreamSourceFaults).Deliver(), "deliver what was held back")
	b.journal.note(b.now(), call.name+" is executed")
}
