package hints

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/resptest"
	"github.com/streamlease/streamlease/ports"
)

const someGrant = "00112233445566778899aabbccddeeff"

// FuzzMessage: anybody can publish on the channel. Whatever they write, what is
// heard is complete hints, and as many bytes as were written.
func FuzzMessage(f *testing.F) {
	f.Add(`[{"kind":"name","name":"s"},{"kind":"ref","name":"s","id":"1-1"},{"kind":"gap"}]`)
	f.Add(`[{"kind":"grant","grant":"` + someGrant + `"},{"kind":"hand-off","name":"s","id":"1-1"}]`)
	f.Add(`[{"kind":"grant","grant":"00000000000000000000000000000000"}]`)
	f.Add("[{\"kind\":\"name\",\"name\":\"a\xff\"}]")
	f.Add(`[{"kind":"name","name":"a\ud800"},{"kind":"ref","name":""},{"KIND":"gap"},[[]],7,null]`)
	f.Add(`{}`)
	f.Fuzz(func(t *testing.T, message string) {
		hints := decode(message)
		bytes := 0
		for _, hint := range hints {
			require.True(t, isComplete(hint), "%v", hint)
			bytes += len(hint.Ref.Name) + len(hint.Ref.MessageID)
		}
		require.LessOrEqual(t, bytes, 3*len(message), "U+FFFD has three bytes, and stands for one")
		messages, err := encode(hints)
		require.NoError(t, err, "what was heard can be said")
		var again []ports.Hint
		for _, message := range messages {
			again = append(again, decode(string(message))...)
		}
		require.Equal(t, hints, again)
	})
}

// FuzzHint: what is published is heard as it is, or refused.
func FuzzHint(f *testing.F) {
	f.Add(uint8(ports.HintRef), "a:b\x00<&>\n\"'*\\", "1-1", someGrant)
	f.Add(uint8(ports.HintName), "a\xff", "", "")
	f.Add(uint8(99), "s", "1-1", "")
	f.Fuzz(func(t *testing.T, kind uint8, name, messageID, grant string) {
		hint := ports.Hint{Kind: ports.HintKind(kind), Ref: ports.StreamRef{Name: name, MessageID: messageID}}
		if parsed, err := ports.ParseGrantID(grant); err == nil {
			hint.Grant = parsed
		}
		messages, err := encode([]ports.Hint{hint})
		if err != nil {
			require.ErrorIs(t, err, ports.ErrInvalid)
			require.Empty(t, messages)
			return
		}
		require.Len(t, messages, 1)
		require.True(t, json.Valid(messages[0]))
		heard := decode(string(messages[0]))
		if !isComplete(hint) {
			require.Empty(t, heard)
			return
		}
		require.Equal(t, []ports.Hint{hint}, heard)
	})
}

// FuzzSightReply: whatever a look's script answers, the poll goes on from a
// place that a script can read, after a time that is none of the past.
func FuzzSightReply(f *testing.F) {
	for _, reply := range []any{
		[]any{"1766666666666000", "2500000", "", "a", "b", "1"},
		[]any{"1766666666666000", "", "1", "a", "b", "1", "c", "d", "9223372036854775807"},
		[]any{"1766666666666000", "", "", "a", "b", "-1"},
		[]any{"1766666666666000", "9223372036854775807", "1"},
		[]any{"-1", "", ""}, []any{"0", "-1", ""}, []any{"0", "", "", "one too few"},
		[]any{"9223372036854775808", "", ""}, []any{}, nil, "x", 7,
	} {
		f.Add(resptest.Encode(reply))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		most := len(data)
		seen, ok := readSight(resptest.Decode(data), 2, func(texts []string) (ports.Hint, bool) {
			require.Len(t, texts, 2)
			return ports.Hint{Kind: ports.HintGap}, texts[0] != ""
		})
		if !ok {
			require.Zero(t, seen)
			return
		}
		require.Regexp(t, `^[0-9]{1,19}$`, seen.Position)
		require.False(t, seen.Next < 0 || seen.Next > time.Hour, "a wait of %v", seen.Next)
		require.LessOrEqual(t, len(seen.Expired), most)
		for _, hint := range seen.Expired {
			require.False(t, hint.Age < 0 || hint.Age > longestAge, "an age of %v", hint.Age)
		}
	})
}
