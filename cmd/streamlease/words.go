package main

import (
	"fmt"
	"slices"
	"strings"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/nearest"
)

// stateName is a state of a stream on the command line. It refuses a wrong one
// with the nearest.
type stateName goredis.AdminState

// UnmarshalText implements encoding.TextUnmarshaler.
func (s *stateName) UnmarshalText(text []byte) error {
	var words []string
	for _, state := range goredis.AdminStates {
		words = append(words, string(state))
	}
	if !slices.Contains(words, string(text)) {
		return fmt.Errorf("%q is no state; the nearest is %q (there are: %s)", text, nearest.Word(string(text), words), strings.Join(words, ", "))
	}
	*s = stateName(text)
	return nil
}

func includes(names []stateName, state goredis.AdminState) bool {
	return slices.Contains(names, stateName(state))
}
