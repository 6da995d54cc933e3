package source

import (
	"strconv"
	"strings"
)

// IsMessageID reports whether text is the ID of an entry as Redis writes it:
// two numbers of 64 bits, without leading zeros. Redis also reads other forms
// of an ID, but records are found by this one only.
func IsMessageID(text string) bool {
	millis, sequence, found := strings.Cut(text, "-")
	return found && isNumber(millis) && isNumber(sequence)
}

func isNumber(text string) bool {
	number, err := strconv.ParseUint(text, 10, 64)
	return err == nil && strconv.FormatUint(number, 10) == text
}
