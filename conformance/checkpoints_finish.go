package conformance

import (
	"time"

	"github.com/streamlease/streamlease/ports"
)

var checkpointFinishQuestions = []checkpointQuestion{
	{
		where:   "Checkpoints.Finish",
		text:    "While it is closed, a Load or a Save with the token that closed it, or with a lower one, is ErrDone.",
		examine: whatIsClosedIsDone,
	}, {
		where:   "Checkpoints.Finish",
		text:    "A Finish is a success then, so it can be repeated.",
		examine: finishCanBeRepeated,
	}, {
		where:   "Checkpoints.Finish",
		text:    "A higher token opens the checkpoint again, with its position",
		examine: aHigherTokenOpensAgain,
	}, {
		where:   "Checkpoints.Finish",
		text:    "A closed checkpoint is kept for FinishedFor from the Finish that closed it, by the store's clock, and then forgotten, with its token.",
		examine: whatIsClosedIsForgottenInTime,
	}, {
		where:   "Checkpoints.Finish",
		text:    "A Finish of a ref of which nothing is known is a success and leaves nothing.",
		examine: finishOfNothingLeavesNothing,
	},
}

func (b *checkpointBench) expectClosed(token ports.Token, why string) {
	_, err := b.other.load(ref("s"), token)
	b.expectAnswer(err, ports.ErrDone, "a Load "+why)
	b.expectAnswer(b.other.save(ref("s"), token, 99, "late"), ports.ErrDone, "a Save "+why)
}

func whatIsClosedIsDone(b *checkpointBench) {
	b.one.saved(ref("s"), 5, 1, "p5")
	b.one.finished(ref("s"), 5)
	b.expectClosed(5, "with the token that closed the checkpoint")
	b.expectClosed(4, "with a lower token than the one that closed the checkpoint")
	b.expectClosed(1, "with a lower token than the one that closed the checkpoint")
}

func finishCanBeRepeated(b *checkpointBench) {
	b.one.saved(ref("s"), 5, 1, "p5")
	b.one.finished(ref("s"), 5)
	b.expectSuccess(b.one.finish(ref("s"), 5), "the same Finish again")
	b.expectSuccess(b.other.finish(ref("s"), 3), "a Finish of what is closed, with a lower token,")
	b.expectSuccess(b.other.finish(ref("s"), 7), "a Finish of what is closed, with a higher token,")
	b.expectClosed(7, "with the highest token with which the checkpoint was finished")
}

func aHigherTokenOpensAgain(b *checkpointBench) {
	b.one.saved(ref("s"), 5, 1, "p5")
	b.one.finished(ref("s"), 5)
	b.other.expectPosition(ref("s"), 6, "p5", "a higher token opens the checkpoint again")
	b.expectAnswer(b.one.save(ref("s"), 5, 2, "late"), ports.ErrDisowned, "a Save with token 5 after token 6 has opened the checkpoint")
	b.other.saved(ref("s"), 6, 1, "p6")
	b.other.finished(ref("s"), 6)
	b.expectSuccess(b.one.save(ref("s"), 7, 1, "p7"), "a Save with a higher token than the one that closed the checkpoint")
	b.one.expectPosition(ref("s"), 7, "p7", "it was saved last")
}

func whatIsClosedIsForgottenInTime(b *checkpointBench) {
	const little = 5 * time.Minute
	b.one.saved(ref("s"), 5, 1, "p5")
	b.one.saved(ref("reopened"), 5, 1, "kept")
	b.one.saved(ref("open"), 5, 1, "kept")
	b.one.finished(ref("s"), 5)
	b.one.finished(ref("reopened"), 5)
	b.one.expectPosition(ref("reopened"), 6, "kept", "a higher token opens the checkpoint again")
	if !b.age(ports.FinishedFor - little) {
		return
	}
	b.expectClosed(5, "before FinishedFor is over")
	b.expectSuccess(b.one.finish(ref("s"), 5), "the same Finish again")
	if !b.age(2 * little) {
		return
	}
	b.one.expectPosition(ref("s"), 1, "", "it was closed longer than FinishedFor ago, and is forgotten with its token")
	b.one.expectPosition(ref("reopened"), 6, "kept", "a higher token had opened it again")
	b.one.expectPosition(ref("open"), 5, "kept", "nobody has finished it")
}

func finishOfNothingLeavesNothing(b *checkpointBench) {
	b.expectSuccess(b.one.finish(ref("s"), 5), "a Finish of a ref of which nothing is known")
	b.one.expectPosition(ref("s"), 1, "", "the Finish has left nothing, no token either")
}
