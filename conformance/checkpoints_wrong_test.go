package conformance

import (
	"fmt"
	"strings"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// checkpointMistake is a line that is wrong in otherwise right checkpoints.
type checkpointMistake struct {
	mistake     string
	where, text string // the sentence that it breaks
	make        checkpointMistakes
}

func wrongCheckpoints() (all []wrongAdapter) {
	for _, wrong := range checkpointsWithMistakes {
		all = append(all, wrongAdapter{
			mistake: wrong.mistake,
			breaks:  Sentence{Where: wrong.where, Text: wrong.text},
			suite:   checkpointsSuite(toyCheckpoints{wrong.make}),
		})
	}
	return all
}

var checkpointsWithMistakes = []checkpointMistake{
	{
		"a checkpoint is kept by name", "Checkpoints",
		"A checkpoint belongs to the ref: another assignment of the same name has one of its own.",
		checkpointMistakes{key: func(ref ports.StreamRef) ports.StreamRef { return ports.StreamRef{Name: ref.Name} }},
	}, {
		"name and message ID are joined by a colon and read from the left", "Checkpoints",
		"A checkpoint belongs to the ref: another assignment of the same name has one of its own.",
		checkpointMistakes{key: func(ref ports.StreamRef) ports.StreamRef {
			name, message, _ := strings.Cut(ref.String(), ":")
			return ports.StreamRef{Name: name, MessageID: strings.Split(message, ":")[0]}
		}},
	}, {
		"each process answers what it saved itself", "Checkpoints",
		"It outlives every tenure, however that ends, until it is finished.",
		checkpointMistakes{hides: func(h *toyHandle, ref ports.StreamRef, _ string) string { return h.own[ref] }},
	}, {
		"a Save does not raise the token", "Checkpoints",
		"Of each ref the highest token is remembered that a Load, a Save or a Finish came with",
		checkpointMistakes{ignores: map[string]bool{"Save": true}},
	}, {
		"a Finish does not raise the token", "Checkpoints",
		"Of each ref the highest token is remembered that a Load, a Save or a Finish came with",
		checkpointMistakes{ignores: map[string]bool{"Finish": true}},
	}, {
		"tokens are compared as text", "Checkpoints",
		"Of each ref the highest token is remembered that a Load, a Save or a Finish came with",
		checkpointMistakes{isLower: func(one, other ports.Token) bool { return fmt.Sprint(one) < fmt.Sprint(other) }},
	}, {
		"tokens are compared as floating-point numbers", "Checkpoints",
		"Of each ref the highest token is remembered that a Load, a Save or a Finish came with",
		checkpointMistakes{isLower: func(one, other ports.Token) bool { return float64(one) < float64(other) }},
	}, {
		"the token is compared, and the position kept in a second step", "Checkpoints",
		"each of them compares, raises and acts in one atomic step, for one ref.",
		checkpointMistakes{twoSteps: true},
	}, {
		"a lower token is answered as if all went well", "Checkpoints",
		"A lower token than the remembered one is ErrDisowned and changes nothing.",
		checkpointMistakes{disowned: func(error) error { return nil }},
	}, {
		"a lower token is refused, and its position kept", "Checkpoints",
		"A lower token than the remembered one is ErrDisowned and changes nothing.",
		checkpointMistakes{changesAll: true},
	}, {
		"a position never goes back in the order of its bytes", "Checkpoints.Save",
		"Save keeps a position instead of the one before.",
		checkpointMistakes{onlyForward: true},
	}, {
		"a Load answers what the Load before should have", "Checkpoints.Load",
		"Load answers the position that was saved last, empty when none was",
		checkpointMistakes{hides: aLoadLate},
	}, {
		"a Load does not raise the token", "Checkpoints.Load",
		"raises the remembered token: from then on no earlier tenure can save.",
		checkpointMistakes{ignores: map[string]bool{"Load": true}},
	}, {
		"a position ends at its first NUL", "Checkpoints.Save",
		"Positions are any bytes of at most MaxPositionBytes",
		checkpointMistakes{keeps: func(position string) string { text, _, _ := strings.Cut(position, "\x00"); return text }},
	}, {
		"a position is made valid UTF-8", "Checkpoints.Save",
		"Positions are any bytes of at most MaxPositionBytes",
		checkpointMistakes{keeps: func(position string) string { return strings.ToValidUTF8(position, "\ufffd") }},
	}, {
		"a position loses the space around it", "Checkpoints.Save",
		"Positions are any bytes of at most MaxPositionBytes",
		checkpointMistakes{keeps: strings.TrimSpace},
	}, {
		"a position may have a kilobyte", "Checkpoints.Save",
		"Positions are any bytes of at most MaxPositionBytes",
		checkpointMistakes{tooLong: func(length int) bool { return length > 1<<10 }},
	}, {
		"a position that is too long is cut", "Checkpoints.Save",
		"a longer one is ErrInvalid and changes nothing.",
		checkpointMistakes{tooLong: func(int) bool { return false },
			keeps: func(position string) string { return position[:min(len(position), ports.MaxPositionBytes)] }},
	}, {
		"a position that is too long raises the token", "Checkpoints.Save",
		"a longer one is ErrInvalid and changes nothing.",
		checkpointMistakes{raisesInvalid: true},
	}, {
		"a Save that executes late overwrites a later one", "Checkpoints.Save",
		"one whose Number is not higher than that of a Save of the same tenure that was accepted before changes nothing and is a success.",
		checkpointMistakes{takesLate: true},
	}, {
		"a Save that executes late is ErrDisowned", "Checkpoints.Save",
		"one whose Number is not higher than that of a Save of the same tenure that was accepted before changes nothing and is a success.",
		checkpointMistakes{refusesLate: true},
	}, {
		"the numbers of Saves go on from tenure to tenure", "Checkpoints.Save",
		"one whose Number is not higher than that of a Save of the same tenure that was accepted before changes nothing and is a success.",
		checkpointMistakes{countsOn: true},
	}, {
		"what is closed is ErrDisowned", "Checkpoints.Finish",
		"While it is closed, a Load or a Save with the token that closed it, or with a lower one, is ErrDone.",
		checkpointMistakes{closedIsDisowned: true},
	}, {
		"the tenure that closed a checkpoint can go on saving", "Checkpoints.Finish",
		"While it is closed, a Load or a Save with the token that closed it, or with a lower one, is ErrDone.",
		checkpointMistakes{ownSaves: true},
	}, {
		"a second Finish is ErrDone", "Checkpoints.Finish",
		"A Finish is a success then, so it can be repeated.",
		checkpointMistakes{onceOnly: true},
	}, {
		"what is closed is closed for ever", "Checkpoints.Finish",
		"A higher token opens the checkpoint again, with its position",
		checkpointMistakes{staysClosed: true},
	}, {
		"a checkpoint that is opened again is empty", "Checkpoints.Finish",
		"A higher token opens the checkpoint again, with its position",
		checkpointMistakes{losesPosition: true},
	}, {
		"a closed checkpoint is kept for half an hour", "Checkpoints.Finish",
		"A closed checkpoint is kept for FinishedFor from the Finish that closed it, by the store's clock, and then forgotten, with its token.",
		checkpointMistakes{keptFor: 30 * time.Minute},
	}, {
		"a closed checkpoint is kept for ever", "Checkpoints.Finish",
		"A closed checkpoint is kept for FinishedFor from the Finish that closed it, by the store's clock, and then forgotten, with its token.",
		checkpointMistakes{keptFor: 1 << 62},
	}, {
		"each Finish begins the hour anew", "Checkpoints.Finish",
		"A closed checkpoint is kept for FinishedFor from the Finish that closed it, by the store's clock, and then forgotten, with its token.",
		checkpointMistakes{prolongs: true},
	}, {
		"a checkpoint that was opened again goes an hour after it was closed", "Checkpoints.Finish",
		"A closed checkpoint is kept for FinishedFor from the Finish that closed it, by the store's clock, and then forgotten, with its token.",
		checkpointMistakes{forgetsOpened: true},
	}, {
		"a Finish of what is not known leaves a closed checkpoint", "Checkpoints.Finish",
		"A Finish of a ref of which nothing is known is a success and leaves nothing.",
		checkpointMistakes{leavesTomb: true},
	}, {
		"a Finish of what is not known is ErrDone", "Checkpoints.Finish",
		"A Finish of a ref of which nothing is known is a success and leaves nothing.",
		checkpointMistakes{tombIsDone: true},
	}, {
		"results come in another order", "ports",
		"Batch in, one result for each item in the same order, an error in each result.",
		checkpointMistakes{reorders: true},
	}, {
		"one item that is refused fails its whole batch", "ports",
		"Batch in, one result for each item in the same order, an error in each result.",
		checkpointMistakes{failsWhole: true},
	}, {
		"long names are cut", "ports",
		"Names are any valid UTF-8 of at most 64 KiB: colons, NUL, newlines and glob characters included.",
		checkpointMistakes{key: func(ref ports.StreamRef) ports.StreamRef {
			ref.Name = ref.Name[:min(len(ref.Name), 1000)]
			return ref
		}},
	}, {
		"all services keep their checkpoints in one place", "Set",
		"Set is the ports of one service.",
		checkpointMistakes{shared: true},
	}, {
		"calls do not wait for what a server says", "ports",
		"An error for the whole call is either ErrRefused (a definite no: nothing was done;",
		checkpointMistakes{obeysNobody: true},
	}, {
		"a Save that is not answered goes on for two seconds", "ports",
		"Every call comes with a ctx that has a deadline, and ends by it.",
		checkpointMistakes{ignoresDeadline: true},
	}, {
		"a Load needs memory", "Checkpoints.Load", "It works when the store is out of memory.",
		checkpointMistakes{needsMemory: map[string]bool{"Load": true}},
	}, {
		"a Finish needs memory", "Checkpoints.Finish", "It works when the store is out of memory.",
		checkpointMistakes{needsMemory: map[string]bool{"Finish": true}},
	},
}

// aLoadLate answers the position that was there at the Load before.
func aLoadLate(h *toyHandle, ref ports.StreamRef, position string) string {
	answered := ports.StreamRef{Name: "answered " + ref.String()}
	before, known := h.own[answered]
	h.own[answered] = position
	if known {
		return before
	}
	return position
}
