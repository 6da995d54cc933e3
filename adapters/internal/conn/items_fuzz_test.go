package conn

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/resptest"
	"github.com/streamlease/streamlease/core"
)

// FuzzItemsReply: whatever the runs of a script answer, each item gets a reply
// of its own or an error.
func FuzzItemsReply(f *testing.F) {
	for _, reply := range []any{
		[]any{[]any{"1", "2"}, []any{}},
		[]any{[]any{"1", "2"}, []any{"3", "4"}, []any{"5", "6"}},
		[]any{[]any{}, []any{}, []any{}, []any{}},
		nil, "x", 7, []any{}, []any{nil},
	} {
		f.Add(resptest.Encode(reply))
	}
	script := NewScript("some.lua", "#!lua\nreturn {}")
	f.Fuzz(func(t *testing.T, data []byte) {
		first := resptest.Decode(data)
		answers := script.itemsOf([]Answer{
			{Reply: first}, {Reply: []any{"a", "b", "c"}}, {Err: core.ErrRefused},
		}, 2, 5)
		require.Len(t, answers, 5)
		if replies, ok := first.([]any); ok && len(replies) == 2 {
			require.Equal(t, []Answer{{Reply: replies[0]}, {Reply: replies[1]}}, answers[:2])
		} else {
			require.Error(t, answers[0].Err)
			require.Error(t, answers[1].Err)
		}
		for _, answer := range answers[2:4] {
			require.ErrorContains(t, answer.Err, "which its contract does not know", "a run with a reply too many")
		}
		require.Equal(t, Answer{Err: core.ErrRefused}, answers[4])
		for _, answer := range answers {
			require.False(t, answer.Reply != nil && answer.Err != nil)
		}
	})
}
