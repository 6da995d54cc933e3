package source

import (
	"bytes"
	"encoding/json"
	"errors"
	"strconv"
	"unicode/utf8"

	"github.com/streamlease/streamlease/ports"
)

// The keys of a payload. They are told apart by case, which encoding/json does
// not do.
const (
	nameKey = "DataStreamName"
	infoKey = "Info"
)

// What may be wrong with a payload. The text stands in the quarantine.
var (
	errNotUTF8      = errors.New("the payload is not valid UTF-8")
	errNotJSON      = errors.New("the payload is not JSON")
	errNotObject    = errors.New("the payload is not a JSON object")
	errNoName       = errors.New("the payload has no " + nameKey)
	errNameTwice    = errors.New("the payload has " + nameKey + " more than once")
	errInfoTwice    = errors.New("the payload has " + infoKey + " more than once")
	errNameNoString = errors.New("the key " + nameKey + " is not a string")
	errNameAltered  = errors.New("the key " + nameKey + " has half a surrogate pair, which no UTF-8 can hold")
	errInfoNoObject = errors.New("the key " + infoKey + " is neither an object nor null")
)

// ParsePayload reads what a producer wrote: an object with DataStreamName once
// and Info at most once, an object or null. Other keys are ignored. It is
// strict where a lenient reader would make one stream of two.
func ParsePayload(payload string) (name string, info ports.Info, err error) {
	text := []byte(payload)
	switch {
	case !utf8.Valid(text):
		return "", nil, errNotUTF8
	case !json.Valid(text):
		return "", nil, errNotJSON
	}
	rawName, rawInfo, err := findMembers(text)
	if err != nil {
		return "", nil, err
	}
	if name, err = parseName(rawName); err != nil {
		return "", nil, err
	}
	if info, err = parseInfo(rawInfo); err != nil {
		return "", nil, err
	}
	return name, info, nil
}

// findMembers returns the two values as they stand in the text, which is valid
// JSON; nil for one that is not there.
func findMembers(text []byte) (name, info []byte, err error) {
	scan := scanner{rest: text}
	if scan.skipSpace(); scan.rest[0] != '{' {
		return nil, nil, errNotObject
	}
	scan.rest = scan.rest[1:]
	for scan.more() {
		key := scan.value()
		scan.skip(':')
		value := scan.value()
		scan.skip(',')
		switch unquote(key) {
		case nameKey:
			if name != nil {
				return nil, nil, errNameTwice
			}
			name = value
		case infoKey:
			if info != nil {
				return nil, nil, errInfoTwice
			}
			info = value
		}
	}
	return name, info, nil
}

func parseName(raw []byte) (string, error) {
	switch {
	case raw == nil:
		return "", errNoName
	case raw[0] != '"':
		return "", errNameNoString
	case hasHalfSurrogate(raw):
		return "", errNameAltered
	}
	name := unquote(raw)
	return name, ports.ValidateName(name)
}

func parseInfo(raw []byte) (ports.Info, error) {
	if raw == nil || string(raw) == "null" {
		return nil, nil
	}
	if raw[0] != '{' {
		return nil, errInfoNoObject
	}
	// A copy, so that the stream does not keep the whole payload in memory.
	info := ports.Info(bytes.Clone(raw))
	return info, ports.ValidateInfo(info)
}

// unquote reads a valid JSON string.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw[1 : len(raw)-1])
	}
	var text string
	if json.Unmarshal(raw, &text) != nil {
		return ""
	}
	return text
}

// hasHalfSurrogate looks for an escape like \ud800 that is not followed by its
// other half: encoding/json puts U+FFFD in its place.
func hasHalfSurrogate(raw []byte) bool {
	for at := bytes.IndexByte(raw, '\\'); at >= 0 && at+1 < len(raw); {
		width := 2
		if raw[at+1] == 'u' {
			width = 6
			switch high, low := escaped(raw, at), escaped(raw, at+6); {
			case isHigh(high) && isLow(low):
				width = 12
			case isHigh(high) || isLow(high):
				return true
			}
		}
		next := bytes.IndexByte(raw[at+width:], '\\')
		if next < 0 {
			return false
		}
		at += width + next
	}
	return false
}

// escaped is the number of the escape \uXXXX at this place, or 0.
func escaped(raw []byte, at int) uint64 {
	if at+6 > len(raw) || raw[at] != '\\' || raw[at+1] != 'u' {
		return 0
	}
	number, err := strconv.ParseUint(string(raw[at+2:at+6]), 16, 16)
	if err != nil {
		return 0
	}
	return number
}

func isHigh(number uint64) bool { return number >= 0xd800 && number < 0xdc00 }

func isLow(number uint64) bool { return number >= 0xdc00 && number < 0xe000 }
