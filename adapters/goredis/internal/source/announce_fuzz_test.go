package source

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

// FuzzAnnounce: what is announced is read back byte for byte, but for the space
// around an Info; what cannot be is refused.
func FuzzAnnounce(f *testing.F) {
	f.Add("a:1-1\x00\n\"\\<&>\u2028]]--%s", ` {"n":9007199254740993,"x":"\ud800"} `)
	f.Add("a\xff", "{}")
	f.Add("", "")
	f.Add("s", "[]")
	f.Fuzz(func(t *testing.T, name, info string) {
		requireReadBack(t, name, info)
	})
}

// requireReadBack reports whether it could be announced.
func requireReadBack(t *testing.T, name, info string) bool {
	payload, err := makePayload(ports.Assignment{Ref: ports.StreamRef{Name: name}, Info: ports.Info(info)})
	if err != nil {
		require.ErrorIs(t, err, ports.ErrInvalid)
		return false
	}
	readName, readInfo, err := ParsePayload(payload)
	require.NoError(t, err, "what was announced ends in the quarantine")
	require.Equal(t, name, readName)
	require.Equal(t, strings.Trim(info, " \t\r\n"), string(readInfo))
	require.LessOrEqual(t, len(payload), entryBytes)
	return true
}

// The parser of JSON goes 10,000 deep, and the payload is one deeper than its
// info.
func TestAnInfoThatNestsTooDeeplyForItsReadersIsNotAnnounced(t *testing.T) {
	nested := func(depth int) string {
		return strings.Repeat(`{"a":`, depth-1) + "{}" + strings.Repeat("}", depth-1)
	}
	require.True(t, requireReadBack(t, "s", nested(9_999)))
	require.False(t, requireReadBack(t, "s", nested(10_000)))
	require.False(t, requireReadBack(t, "s", nested(10_001)))
}

// FuzzMessageID: what is taken for an ID is one that Redis writes, and a script
// may put "(" before it.
func FuzzMessageID(f *testing.F) {
	for _, text := range []string{"1-1", "0-0", "18446744073709551615-18446744073709551615", "01-1", "1-+1", "1-1-1", "-", ""} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if IsMessageID(text) {
			require.Regexp(t, `^(0|[1-9][0-9]{0,19})-(0|[1-9][0-9]{0,19})$`, text)
		}
	})
}
