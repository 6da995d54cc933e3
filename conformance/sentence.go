package conformance

import (
	"strings"
	"unicode"
)

// Sentence is one promise of a port's contract.
type Sentence struct {
	// Where is the declaration whose comment makes the promise: "ports" for
	// the package's, else a type, a method or a field, "LeaseStore.Acquire".
	Where string
	// Text is the sentence, or the part of it that is examined, word for word.
	Text string
}

// String quotes the sentence and says where it stands.
func (s Sentence) String() string { return s.Where + ": “" + s.Text + "”" }

// longestName keeps the names of sub-tests readable; the whole sentence stands
// in the failure.
const longestName = 72

// Name is the name of the sub-test: the last part of Where and the first words
// of Text.
func (s Sentence) Name() string {
	words := strings.FieldsFunc(s.Text, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != '\''
	})
	name := s.Where[strings.LastIndexByte(s.Where, '.')+1:]
	for _, word := range words {
		word = strings.ReplaceAll(word, "'", "")
		if len(name)+1+len(word) > longestName {
			break
		}
		name += "_" + word
	}
	return name
}
