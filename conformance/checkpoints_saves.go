package conformance

import (
	"strings"

	"github.com/streamlease/streamlease/ports"
)

var checkpointSaveQuestions = []checkpointQuestion{
	{
		where:   "Checkpoints.Save",
		text:    "Save keeps a position instead of the one before.",
		examine: saveReplaces,
	}, {
		where:   "Checkpoints.Save",
		text:    "Positions are any bytes of at most MaxPositionBytes",
		examine: positionsAreAnyBytes,
	}, {
		where:   "Checkpoints.Save",
		text:    "a longer one is ErrInvalid and changes nothing.",
		examine: longerPositionsAreInvalid,
	}, {
		where:   "Checkpoints.Save",
		text:    "one whose Number is not higher than that of a Save of the same tenure that was accepted before changes nothing and is a success.",
		examine: savesThatExecuteLateAreOvertaken,
	},
}

func saveReplaces(b *checkpointBench) {
	b.one.saved(ref("s"), 1, 1, "a longer position")
	b.one.saved(ref("s"), 1, 2, "short")
	b.one.expectPosition(ref("s"), 1, "short", "it was saved last")
	b.one.saved(ref("s"), 1, 7, "numbers may be left out")
	b.one.expectPosition(ref("s"), 1, "numbers may be left out", "it was saved last")
	b.one.saved(ref("s"), 1, 8, "earlier than before")
	b.one.expectPosition(ref("s"), 1, "earlier than before", "the store does not order positions")
}

func positionsAreAnyBytes(b *checkpointBench) {
	for i, position := range []string{
		"1526919030474-55", "\x00", "\xff\xfe", "a\nb\r\n", " ", "1 2 + 3", "7", "-1", "1e3", "null", `"\`, "\u2028",
		strings.Repeat("p", ports.MaxPositionBytes), strings.Repeat("\x00\xff\n ", ports.MaxPositionBytes/4),
	} {
		b.one.saved(ref("s"), 1, int64(i+1), position)
		b.other.expectPosition(ref("s"), 1, position, "it was saved last")
	}
}

func longerPositionsAreInvalid(b *checkpointBench) {
	tooLong := strings.Repeat("p", ports.MaxPositionBytes+1)
	b.one.saved(ref("s"), 5, 1, "kept")
	b.expectAnswer(b.one.save(ref("s"), 6, 2, tooLong), ports.ErrInvalid, "a Save of a position that is a byte too long")
	b.one.expectPosition(ref("s"), 5, "kept", "what is invalid changes nothing, the remembered token included")
}

func savesThatExecuteLateAreOvertaken(b *checkpointBench) {
	b.one.saved(ref("s"), 1, 5, "p5")
	for _, number := range []int64{1, 4, 5} {
		b.expectSuccess(b.other.save(ref("s"), 1, number, "late"), "a Save that executes late")
		b.one.expectPosition(ref("s"), 1, "p5", "the Save with number 5 has overtaken the others")
	}
	b.one.saved(ref("s"), 1, 10, "p10")
	b.expectSuccess(b.other.save(ref("s"), 1, 9, "late"), "a Save that executes late")
	b.one.expectPosition(ref("s"), 1, "p10", "the Save with number 10 has overtaken that with number 9")
	b.one.saved(ref("s"), 2, 1, "of the next tenure")
	b.one.expectPosition(ref("s"), 2, "of the next tenure", "each tenure counts its own Saves")
}
