package conformance

import (
	"fmt"
	"strings"

	"github.com/streamlease/streamlease/ports"
)

var publishQuestions = []notifierQuestion{
	{
		where:   "ExpiryNotifier.Publish",
		text:    "Publish sends hints to every Watch of the same service, the caller's own included",
		examine: publishReachesEveryWatch,
	}, {
		where:   "ExpiryNotifier.Publish",
		text:    "as they are.",
		examine: hintsArriveAsTheyAre,
	}, {
		where:   "Set",
		text:    "Set is the ports of one service.",
		examine: hintsStayInTheirService,
	}, {
		where:   "ExpiryNotifier.Publish",
		text:    "An error means that some may be lost.",
		examine: whatIsNotSentIsAnError,
	},
}

func publishReachesEveryWatch(b *notifierBench) {
	publisher, other := b.another(), b.another()
	all := []*watching{publisher.watchFromNow(), publisher.watchFromNow(), other.watchFromNow(), b.another().watchFromNow()}
	for i, from := range []*notifierHandle{publisher, other, publisher} {
		hint := nameHint(fmt.Sprint("s", i))
		from.published(hint)
		for _, w := range all {
			w.expectHeard(hint, from.name+" published it")
		}
	}
	b.sameHintAgain(publisher, all)
	b.manyAtOnce(publisher, all[0])
	all[1].end()
	last := nameHint("last")
	publisher.published(last)
	for _, w := range []*watching{all[0], all[2], all[3]} {
		w.expectHeard(last, "it was published after another Watch had ended")
	}
}

// sameHintAgain publishes what was published before: the name was given up
// once more. The slice is the caller's again when Publish has returned.
func (b *notifierBench) sameHintAgain(publisher *notifierHandle, all []*watching) {
	again, other := nameHint("given up twice"), nameHint("what the caller keeps there next")
	for round := 1; round <= 2; round++ {
		hints := []ports.Hint{again}
		publisher.published(hints...)
		hints[0] = other
		for _, w := range all {
			if !w.hearsTimes(same(again), round) {
				b.violated("the Watch of %s has not heard %s within %v, which was published %d times, the last time after it was heard",
					w.name, hintText(again), b.limits.HintWithin, round)
			}
			if w.count(same(other)) > 0 {
				b.violated("the Watch of %s hears %s, which nobody published: it was put into the slice when Publish had returned", w.name, hintText(other))
			}
		}
	}
}

// manyAtOnce publishes more than goes into one message: all of it arrives, or a
// gap says that it did not.
func (b *notifierBench) manyAtOnce(publisher *notifierHandle, w *watching) {
	const many = 3000
	hints := make([]ports.Hint, many)
	for i := range hints {
		hints[i] = nameHint(fmt.Sprint("many ", i))
	}
	gaps := w.count(isGap)
	publisher.published(hints...)
	last := hints[many-1]
	if !w.bench.await(func() bool { return w.count(same(last)) > 0 || w.count(isGap) > gaps }) {
		b.violated("of %d hints that were published at once the last was not heard within %v, and no gap", many, b.limits.HintWithin)
	}
}

func hintsArriveAsTheyAre(b *notifierBench) {
	grant := ports.GrantID{0: 1, 7: 0xff, 15: 0x80}
	var hints []ports.Hint
	for _, name := range []string{
		"s", "a:b:7-7", " ", "\x00", "a\nb\r\n", "{a}", "*?[a-z]", `"\`, "<&>'", "ü\U0001F600\u2028", "\u007f\x1b", "null",
		strings.Repeat("n", ports.MaxNameBytes), strings.Repeat("\x01", 40_000),
	} {
		with := ports.StreamRef{Name: name, MessageID: "1700000000000-1"}
		hints = append(hints,
			ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: name}},
			ports.Hint{Kind: ports.HintRef, Ref: with},
			ports.Hint{Kind: ports.HintRef, Ref: with, Giver: "an-incarnation"},
			ports.Hint{Kind: ports.HintHandOff, Ref: with})
	}
	hints = append(hints, ports.Hint{Kind: ports.HintGrant, Grant: grant})
	publisher := b.another()
	w := b.another().watchFromNow()
	gaps := w.count(isGap)
	publisher.published()
	publisher.published(hints...)
	for _, hint := range hints {
		w.expectHeard(hint, "it was published in one call with others")
	}
	for _, hint := range hints {
		if times := w.count(same(hint)); times > 1 {
			b.journal.note(b.now(), fmt.Sprintf("%s was heard %d times, which is allowed", hintText(hint), times))
		}
	}
	strange := w.count(func(hint ports.Hint) bool {
		for _, published := range hints {
			if hint == published {
				return false
			}
		}
		return !isGap(hint)
	})
	if strange > 0 {
		b.violated("Watch heard %d hints that nobody published, and nothing has expired", strange)
	}
	publisher.published(ports.Hint{Kind: ports.HintGap})
	if !w.hearsTimes(isGap, gaps+1) {
		b.violated("the Watch of %s has not heard of the gap that was published", w.name)
	}
}

func hintsStayInTheirService(b *notifierBench) {
	other := newNotifierBench(b.probe, b.harness)
	defer other.close()
	here, there := b.another(), other.another()
	w, elsewhere := here.watchFromNow(), there.watchFromNow()
	hint := nameHint("of another service")
	here.published(hint)
	w.expectHeard(hint, "it was published")
	own := nameHint("of this service")
	there.published(own)
	elsewhere.expectHeard(own, "it was published")
	if elsewhere.count(same(hint)) > 0 || w.count(same(own)) > 0 {
		b.violated("a Watch heard a hint that was published at another service")
	}
}

func whatIsNotSentIsAnError(b *notifierBench) {
	b.whatIsRefusedIsAnError()
	faults, able := can[ExpiryNotifierFaults](b.probe, b.instance)
	if !able {
		return
	}
	w := b.another().watchFromNow()
	unlucky, err := faults.HandleWith(CutBefore)
	b.must(err, "make a handle with a mishap")
	handle := b.adopt(unlucky)
	hint := nameHint("cut")
	if handle.publish(hint) == nil {
		after := nameHint("after")
		b.another().published(after)
		w.expectHeard(after, "it was published")
		if w.count(same(hint)) == 0 {
			b.violated("Publish succeeded when its connection was cut before anything arrived, and nobody heard the hint")
		}
	}
}

// whatIsRefusedIsAnError has the server refuse, which it says.
func (b *notifierBench) whatIsRefusedIsAnError() {
	refuser, able := can[Refuser](b.probe, b.instance)
	if !able {
		return
	}
	publisher := b.another()
	w := b.another().watchFromNow()
	b.must(refuser.Refuse(), "have the server refuse")
	hint := nameHint("refused")
	err := publisher.publish(hint)
	b.must(refuser.Accept(), "have the server accept again")
	if err == nil && !w.hears(same(hint)) {
		b.violated("Publish succeeded when the server refused, and nobody heard the hint")
	}
}
