package core_test

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
)

// FuzzParseStreamRef: what parses prints the same, and has a name that the rules
// allow.
func FuzzParseStreamRef(f *testing.F) {
	for _, text := range []string{
		"a:1-1", "a:b:1-1", ":1-1", "a:", ":", "", "a", "a:1-1:2-2", "a\xff:1-1", "a:\xff", "\x00\n:1-1",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		ref, err := core.ParseStreamRef(text)
		if err != nil {
			require.ErrorIs(t, err, core.ErrInvalid)
			require.Zero(t, ref)
			require.Less(t, len(err.Error()), 1<<10, "an error as long as the input")
			return
		}
		require.Equal(t, text, ref.String())
		require.NoError(t, core.ValidateName(ref.Name))
		require.NotEmpty(t, ref.MessageID)
	})
}

func TestARefWithTheLongestNameIsReadAndALongerOneIsRefused(t *testing.T) {
	longest := core.StreamRef{Name: strings.Repeat("n", core.MaxNameBytes), MessageID: "1-1"}
	parsed, err := core.ParseStreamRef(longest.String())
	require.NoError(t, err)
	require.Equal(t, longest, parsed)
	_, err = core.ParseStreamRef("n" + longest.String())
	require.ErrorIs(t, err, core.ErrInvalid)
}

// FuzzStreamRef: what prints parses back, whatever the name. A message ID is the
// source's own, and no source puts colons into it.
func FuzzStreamRef(f *testing.F) {
	f.Add("a:1-1", "1-1")
	f.Add("", "1-1")
	f.Add("a\xff", "1-1")
	f.Add("\x00:\n::", "18446744073709551615-0")
	f.Fuzz(func(t *testing.T, name, messageID string) {
		ref := core.StreamRef{Name: name, MessageID: messageID}
		parsed, err := core.ParseStreamRef(ref.String())
		if core.ValidateName(name) != nil || messageID == "" || strings.Contains(messageID, ":") {
			return
		}
		require.NoError(t, err)
		require.Equal(t, ref, parsed)
	})
}

// FuzzInfo: whatever Decode reads of an Info that the rules allow, no number has
// lost a digit, and the Info is as it was.
func FuzzInfo(f *testing.F) {
	for _, text := range []string{
		"", "{}", ` {"n": 9007199254740993, "f": 1.00, "e": 1e400, "a": [-0, {"x": null}]}` + "\n",
		`{"a":1,"a":2}`, `{"half":"\ud800"}`, "[1]", "null", "{", "{}{}", "{\"a\":\"\xff\"}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		info := core.Info(text)
		var decoded any
		err := info.Decode(&decoded)
		if core.ValidateInfo(info) != nil {
			return // Decode must not panic all the same.
		}
		if len(text) == 0 {
			require.NoError(t, err)
			require.Nil(t, decoded)
			return
		}
		require.NoError(t, err)
		require.IsType(t, map[string]any{}, decoded)
		require.True(t, utf8.Valid(text))
		requireExactNumbers(t, decoded)
		again, err := json.Marshal(decoded)
		require.NoError(t, err)
		reference := json.NewDecoder(bytes.NewReader(again))
		reference.UseNumber()
		var second any
		require.NoError(t, reference.Decode(&second))
		require.True(t, reflect.DeepEqual(decoded, second), "%s was decoded as %s", text, again)
	})
}

func requireExactNumbers(t *testing.T, value any) {
	switch value := value.(type) {
	case map[string]any:
		for _, member := range value {
			requireExactNumbers(t, member)
		}
	case []any:
		for _, element := range value {
			requireExactNumbers(t, element)
		}
	case float64:
		require.Fail(t, "a number became a float", "%v", value)
	}
}

// FuzzParseGrantID: what parses names one grant.
func FuzzParseGrantID(f *testing.F) {
	f.Add("00112233445566778899aabbccddeeff")
	f.Add("00112233445566778899AABBCCDDEEFF")
	f.Add("x")
	f.Fuzz(func(t *testing.T, text string) {
		grant, err := core.ParseGrantID(text)
		if err != nil {
			require.ErrorIs(t, err, core.ErrInvalid)
			require.Less(t, len(err.Error()), 1<<10)
			return
		}
		require.Equal(t, strings.ToLower(text), grant.String())
	})
}

// The parser of JSON goes 10,000 deep, and a source keeps the info in an
// object of its own.
func TestAnInfoThatNestsTooDeeplyForItsReadersIsInvalid(t *testing.T) {
	nested := func(depth int) core.Info {
		return core.Info(strings.Repeat(`{"a":`, depth-1) + "{}" + strings.Repeat("}", depth-1))
	}
	require.NoError(t, core.ValidateInfo(nested(9_999)))
	require.ErrorIs(t, core.ValidateInfo(nested(10_000)), core.ErrInvalid)
	require.ErrorIs(t, core.ValidateInfo(nested(10_001)), core.ErrInvalid)
}
