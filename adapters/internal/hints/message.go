package hints

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"unicode/utf8"

	"github.com/streamlease/streamlease/ports"
)

const (
	// messageBytes is where a message ends and the next begins. One hint may
	// be larger: its name has up to 64 KiB, and JSON writes some bytes as six.
	messageBytes = 64 << 10
	// largestMessage is more than any message of ours; what is larger is
	// somebody else's and is not parsed.
	largestMessage = 2 << 20
)

// written is a hint on the wire; a message is a JSON array of them. Kinds are
// words, and unknown kinds and keys are ignored, so that members of different
// versions understand each other.
type written struct {
	Kind  string `json:"kind"`
	Name  string `json:"name,omitempty"`
	ID    string `json:"id,omitempty"`
	Grant string `json:"grant,omitempty"`
	Giver string `json:"giver,omitempty"`
}

var (
	wordOf = map[ports.HintKind]string{
		ports.HintName:    "name",
		ports.HintRef:     "ref",
		ports.HintGrant:   "grant",
		ports.HintHandOff: "hand-off",
		ports.HintGap:     "gap",
	}
	kindOf = func() map[string]ports.HintKind {
		kinds := map[string]ports.HintKind{}
		for kind, word := range wordOf {
			kinds[word] = kind
		}
		return kinds
	}()
)

// encode writes hints into messages. The error names those that cannot be
// written.
func encode(hints []ports.Hint) (messages [][]byte, err error) {
	var problems []error
	var message bytes.Buffer
	end := func() {
		if message.Len() > 0 {
			message.WriteByte(']')
			messages = append(messages, bytes.Clone(message.Bytes()))
			message.Reset()
		}
	}
	for _, hint := range hints {
		text, err := write(hint)
		if err != nil {
			problems = append(problems, err)
			continue
		}
		if message.Len()+len(text) > messageBytes {
			end()
		}
		separator := byte(',')
		if message.Len() == 0 {
			separator = '['
		}
		message.WriteByte(separator)
		message.Write(text)
	}
	end()
	return messages, errors.Join(problems...)
}

func write(hint ports.Hint) ([]byte, error) {
	word, known := wordOf[hint.Kind]
	if !known || !utf8.ValidString(hint.Ref.Name) || !utf8.ValidString(hint.Ref.MessageID) || !utf8.ValidString(hint.Giver) {
		return nil, fmt.Errorf("%w: hint %.100q cannot be written", ports.ErrInvalid, hint.String())
	}
	plain := written{Kind: word, Name: hint.Ref.Name, ID: hint.Ref.MessageID, Giver: hint.Giver}
	if !hint.Grant.IsZero() {
		plain.Grant = hint.Grant.String()
	}
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(plain); err != nil {
		return nil, fmt.Errorf("%w: hint %.100q: %w", ports.ErrInvalid, hint.String(), err)
	}
	return bytes.TrimSuffix(text.Bytes(), []byte("\n")), nil
}

// decode reads a message from anybody. What is no hint of a kind that this
// version knows is left out.
func decode(message string) []ports.Hint {
	if len(message) > largestMessage {
		return nil
	}
	var list []json.RawMessage
	if json.Unmarshal([]byte(message), &list) != nil {
		return nil
	}
	var hints []ports.Hint
	for _, text := range list {
		if hint, ok := read(text); ok {
			hints = append(hints, hint)
		}
	}
	return hints
}

func read(text []byte) (ports.Hint, bool) {
	var plain written
	if !utf8.Valid(text) || json.Unmarshal(text, &plain) != nil {
		return ports.Hint{}, false
	}
	hint := ports.Hint{Kind: kindOf[plain.Kind], Ref: ports.StreamRef{Name: plain.Name, MessageID: plain.ID}, Giver: plain.Giver}
	if plain.Grant != "" {
		grant, err := ports.ParseGrantID(plain.Grant)
		if err != nil {
			return ports.Hint{}, false
		}
		hint.Grant = grant
	}
	return hint, isComplete(hint)
}

// isComplete reports whether a hint says what it is about.
func isComplete(hint ports.Hint) bool {
	switch hint.Kind {
	case ports.HintGap:
		return true
	case ports.HintGrant:
		return !hint.Grant.IsZero()
	case ports.HintName:
		return ports.ValidateName(hint.Ref.Name) == nil
	case ports.HintRef, ports.HintHandOff:
		return ports.ValidateName(hint.Ref.Name) == nil && hint.Ref.MessageID != ""
	default:
		return false
	}
}
