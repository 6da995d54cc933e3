package core

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// Limits of what a producer may announce.
const (
	// MaxNameBytes is the longest name of a data stream, in bytes.
	MaxNameBytes = 64 << 10
	// MaxInfoBytes is the largest Info of an assignment, in bytes of JSON.
	MaxInfoBytes = 64 << 10
)

// StreamRef names one assignment: the data stream, and the message ID that the
// stream source gave to its announcement. A name that was announced twice has
// two refs.
type StreamRef struct {
	Name      string
	MessageID string
}

// String returns name:message_id, the form that ParseStreamRef reads.
func (r StreamRef) String() string { return r.Name + ":" + r.MessageID }

// ParseStreamRef reads name:message_id. It splits at the last colon, so the
// name may contain colons. The error wraps ErrInvalid.
func ParseStreamRef(text string) (StreamRef, error) {
	at := strings.LastIndexByte(text, ':')
	if at < 0 {
		return StreamRef{}, fmt.Errorf("%w: stream ref %.100q has no colon; want name:message_id", ErrInvalid, text)
	}
	ref := StreamRef{Name: text[:at], MessageID: text[at+1:]}
	if err := ValidateName(ref.Name); err != nil {
		return StreamRef{}, err
	}
	if ref.MessageID == "" {
		return StreamRef{}, fmt.Errorf("%w: stream ref %.100q has no message ID; want name:message_id", ErrInvalid, text)
	}
	return ref, nil
}

// ValidateName reports whether name can name a data stream: non-empty valid
// UTF-8 of at most MaxNameBytes, otherwise any characters. The error wraps
// ErrInvalid. Invalid UTF-8 is refused because JSON would replace the bytes,
// and two different streams would become one.
func ValidateName(name string) error {
	switch {
	case name == "":
		return fmt.Errorf("%w: the name of the data stream is empty", ErrInvalid)
	case len(name) > MaxNameBytes:
		return fmt.Errorf("%w: the name of the data stream has %d bytes; the limit is %d", ErrInvalid, len(name), MaxNameBytes)
	case !utf8.ValidString(name):
		return fmt.Errorf("%w: the name of the data stream, %.100q, is not valid UTF-8", ErrInvalid, name)
	}
	return nil
}

// Info is what a producer says about a data stream: a JSON object as it came,
// or nil. It is shared between all who hold it and must not be changed.
type Info []byte

// Decode reads the JSON object into the value that into points to. Numbers
// that land in an interface become json.Number, so large integers keep every
// digit. A nil Info leaves the value as it is.
func (i Info) Decode(into any) error {
	if len(i) == 0 {
		return nil
	}
	decoder := json.NewDecoder(bytes.NewReader(i))
	decoder.UseNumber()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("decode the stream's info: %w", err)
	}
	return nil
}

// ValidateInfo reports whether info is nil or a JSON object of valid UTF-8 of
// at most MaxInfoBytes, which nests at most 9,999 deep: Go's parser goes one
// deeper, and a source keeps the info in an object of its own. The error wraps
// ErrInvalid.
func ValidateInfo(info Info) error {
	if len(info) == 0 {
		return nil
	}
	if len(info) > MaxInfoBytes {
		return fmt.Errorf("%w: info has %d bytes; the limit is %d", ErrInvalid, len(info), MaxInfoBytes)
	}
	trimmed := bytes.TrimLeft(info, " \t\r\n")
	if !utf8.Valid(info) || !json.Valid(info) || len(trimmed) == 0 || trimmed[0] != '{' {
		return fmt.Errorf("%w: info is not a JSON object in valid UTF-8", ErrInvalid)
	}
	if nestsTooDeeply(info) {
		return fmt.Errorf("%w: info nests more than 9,999 deep", ErrInvalid)
	}
	return nil
}

// nestsTooDeeply asks the parser. What is shorter cannot.
func nestsTooDeeply(info Info) bool {
	const deepest = 9_999
	return len(info) > 2*deepest && !json.Valid(slices.Concat([]byte("["), info, []byte("]")))
}

// Assignment is one announcement on the load-balancer stream.
type Assignment struct {
	Ref  StreamRef
	Info Info
}

// Token is a fencing token: it grows with every acquisition of the same name.
// A resource that remembers the highest token it saw can refuse whoever comes
// with a lower one.
type Token int64

// Member is one consumer process. Two processes with one ID differ in their
// Incarnation and are two members.
type Member struct {
	// ID is what people call the member; it need not be unique.
	ID string
	// Incarnation is random, non-empty, and drawn once in the life of a
	// process's client: only letters, digits, '-' and '_'.
	Incarnation string
}

// String returns the ID and the first characters of the incarnation, for logs.
func (m Member) String() string {
	incarnation := m.Incarnation
	if len(incarnation) > 8 {
		incarnation = incarnation[:8]
	}
	return m.ID + "/" + incarnation
}

// Tally describes a set that changes: the leases of a grant, or what a member
// has taken at the source and not settled.
type Tally struct {
	// Change is raised by one with every element that is added or removed,
	// whoever did it. A set that was just made, and is empty, has 0.
	Change int64
	// Count is the number of elements.
	Count int64
}
