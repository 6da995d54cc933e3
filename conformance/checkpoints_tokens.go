package conformance

import (
	"errors"
	"fmt"

	"github.com/streamlease/streamlease/ports"
)

var checkpointTokenQuestions = []checkpointQuestion{
	{
		where:   "Checkpoints",
		text:    "A checkpoint belongs to the ref: another assignment of the same name has one of its own.",
		examine: checkpointsBelongToRefs,
	}, {
		where:   "Checkpoints",
		text:    "It outlives every tenure, however that ends, until it is finished.",
		examine: checkpointsOutliveTenures,
	}, {
		where:   "Checkpoints",
		text:    "Of each ref the highest token is remembered that a Load, a Save or a Finish came with",
		examine: theHighestTokenIsRemembered,
	}, {
		where:   "Checkpoints",
		text:    "each of them compares, raises and acts in one atomic step, for one ref.",
		examine: savesAreAtomic,
		chance:  true,
	}, {
		where:   "Checkpoints",
		text:    "A lower token than the remembered one is ErrDisowned and changes nothing.",
		examine: lowerTokensAreDisowned,
	}, {
		where:   "Checkpoints.Load",
		text:    "Load answers the position that was saved last, empty when none was",
		examine: loadAnswersWhatWasSavedLast,
	}, {
		where:   "Checkpoints.Load",
		text:    "raises the remembered token: from then on no earlier tenure can save.",
		examine: loadShutsEarlierTenuresOut,
	},
}

func checkpointsBelongToRefs(b *checkpointBench) {
	first, second := ports.StreamRef{Name: "s", MessageID: "1-1"}, ports.StreamRef{Name: "s", MessageID: "2-1"}
	b.one.saved(first, 5, 1, "of the first")
	b.one.expectPosition(second, 4, "", "nothing was saved for this assignment")
	b.one.saved(second, 4, 1, "of the second")
	b.one.expectPosition(first, 5, "of the first", "the second assignment has a checkpoint of its own")
	b.one.finished(second, 4)
	b.one.expectPosition(first, 5, "of the first", "the second assignment alone is finished")
	tricky := ports.StreamRef{Name: "s:1-1", MessageID: "1-1"}
	b.one.expectPosition(tricky, 1, "", "nothing was saved for this name")
}

func checkpointsOutliveTenures(b *checkpointBench) {
	for token := ports.Token(1); token <= 5; token++ {
		from, to := b.one, b.other
		if token%2 == 0 {
			from, to = to, from
		}
		position := fmt.Sprint("of tenure ", token)
		from.saved(ref("s"), token, 1, position)
		to.expectPosition(ref("s"), token+1, position, "the tenure before has saved it")
	}
	b.another().expectPosition(ref("s"), 7, "of tenure 5", "a member that has just started asks for it")
}

func theHighestTokenIsRemembered(b *checkpointBench) {
	b.one.saved(ref("s"), 5, 1, "p5")
	_, err := b.other.load(ref("s"), 4)
	b.expectAnswer(err, ports.ErrDisowned, "a Load with token 4 after a Save with token 5")

	b.one.expectPosition(ref("s"), 7, "p5", "it was saved last")
	b.expectAnswer(b.other.finish(ref("s"), 6), ports.ErrDisowned, "a Finish with token 6 after a Load with token 7")

	b.one.finished(ref("s"), 9)
	_, err = b.other.load(ref("s"), 8)
	b.expectAnswer(err, ports.ErrDone, "a Load with token 8 after a Finish with token 9")

	const highest = ports.Token(1<<63 - 1)
	b.one.saved(ref("high"), highest, 1, "p")
	b.expectAnswer(b.one.save(ref("high"), highest-1, 1, "q"), ports.ErrDisowned, "a Save with the second highest token of all after the highest")
	b.one.saved(ref("digits"), 10, 1, "p")
	b.expectAnswer(b.one.save(ref("digits"), 9, 1, "q"), ports.ErrDisowned, "a Save with token 9 after one with token 10")
}

// savesAreAtomic has members save at the same time, with a token each. What is
// there at the end is of the highest.
func savesAreAtomic(b *checkpointBench) {
	const members, rounds = 6, 10
	for round := range rounds {
		contested := ref(fmt.Sprint("round ", round))
		var saving []func()
		for token := ports.Token(1); token <= members; token++ {
			h := b.one
			if token%2 == 0 {
				h = b.other
			}
			saving = append(saving, func() {
				err := h.save(contested, token, 1, fmt.Sprint("of ", token))
				if err != nil && !errors.Is(err, ports.ErrDisowned) || err != nil && token == members {
					b.violated("Save with token %d of %d failed: %s", token, members, shortError(err))
				}
			})
		}
		b.together(saving...)
		b.one.expectPosition(contested, members, fmt.Sprint("of ", members), "the highest token saved it")
	}
}

func lowerTokensAreDisowned(b *checkpointBench) {
	b.one.saved(ref("s"), 5, 1, "kept")
	for _, token := range []ports.Token{1, 4} {
		what := fmt.Sprintf("with token %d after token 5", token)
		_, err := b.other.load(ref("s"), token)
		b.expectAnswer(err, ports.ErrDisowned, "a Load "+what)
		b.expectAnswer(b.other.save(ref("s"), token, 99, "late"), ports.ErrDisowned, "a Save "+what)
		b.expectAnswer(b.other.finish(ref("s"), token), ports.ErrDisowned, "a Finish "+what)
		b.one.expectPosition(ref("s"), 5, "kept", "calls with lower tokens change nothing")
	}
	b.expectSuccess(b.one.save(ref("s"), 5, 2, "next"), "a Save of the tenure itself, after calls with lower tokens,")
	b.one.expectPosition(ref("s"), 5, "next", "it was saved last")
}

func loadAnswersWhatWasSavedLast(b *checkpointBench) {
	b.one.expectPosition(ref("s"), 1, "", "none was saved")
	b.one.expectPosition(ref("s"), 1, "", "none was saved, and Load may be repeated")
	for number := int64(1); number <= 3; number++ {
		position := fmt.Sprint("p", number)
		b.one.saved(ref("s"), 1, number, position)
		for range 2 {
			b.one.expectPosition(ref("s"), 1, position, "it was saved last")
		}
	}
	b.other.expectPosition(ref("s"), 2, "p3", "it was saved last")
	b.one.saved(ref("rewound"), 1, 1, "p")
	b.one.saved(ref("rewound"), 1, 2, "")
	b.one.expectPosition(ref("rewound"), 1, "", "the empty position was saved last")
}

func loadShutsEarlierTenuresOut(b *checkpointBench) {
	b.other.expectPosition(ref("new"), 5, "", "none was saved")
	b.expectAnswer(b.one.save(ref("new"), 4, 1, "late"), ports.ErrDisowned, "a first Save with token 4 after a Load with token 5")
	b.one.saved(ref("s"), 5, 1, "p5")
	b.other.expectPosition(ref("s"), 6, "p5", "it was saved last")
	b.expectAnswer(b.one.save(ref("s"), 5, 2, "late"), ports.ErrDisowned, "a Save with token 5 after a Load with token 6")
	b.other.expectPosition(ref("s"), 6, "p5", "what was refused changes nothing")
}
