package checkpoints

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/resptest"
	"github.com/streamlease/streamlease/ports"
)

// FuzzReply: whatever the server answers, a position comes with success alone,
// and is no longer than any that can be saved.
func FuzzReply(f *testing.F) {
	for _, reply := range []any{
		[]any{"position", "1-1"}, []any{"done"}, []any{"disowned", "7"}, []any{"disowned", "0"},
		[]any{"error", "ERR"}, []any{"saved"}, []any{"saved", "more"}, nil, 7, "x", []any{}, []any{nil},
	} {
		f.Add(resptest.Encode(reply))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		answer := conn.Answer{Reply: resptest.Decode(data)}
		position, err := read(loadScript, ref("s"), "position", answer)
		require.LessOrEqual(t, len(position), ports.MaxPositionBytes)
		if err != nil {
			require.Empty(t, position)
		}
		_, _ = read(saveScript, ref("s"), "saved", answer)
	})
}
