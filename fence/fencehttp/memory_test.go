package fencehttp_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence/fencehttp"
)

func TestAMemoryWithoutRoomForgetsTheLowestTokenAndLetsNothingBelowItThrough(t *testing.T) {
	t.Parallel()
	memory := fencehttp.NewBoundedMemory(2)
	for stream, token := range map[string]streamlease.Token{"a": 10, "b": 20} {
		require.NoError(t, memory.Raise(t.Context(), stream, token))
	}
	require.NoError(t, memory.Raise(t.Context(), "c", 30), "a is forgotten")
	for _, token := range []streamlease.Token{9, 10} {
		err := memory.Raise(t.Context(), "a", token)
		assert.ErrorIs(t, err, fencehttp.ErrForgotten)
		assert.NotErrorIs(t, err, streamlease.ErrDisowned)
	}
	assert.ErrorIs(t, memory.Raise(t.Context(), "b", 19), streamlease.ErrDisowned, "b is remembered")
	assert.NoError(t, memory.Raise(t.Context(), "a", 11), "the next tenure of a")
}

// The bounded memory is compared with one without bounds: it never accepts what
// that refuses, and what it does not accept otherwise it says it forgot.
func TestABoundedMemoryNeverAcceptsWhatAnUnboundedOneRefuses(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		bounded := fencehttp.NewBoundedMemory(rapid.IntRange(0, 5).Draw(t, "limit"))
		unbounded := map[string]core.Token{}
		for range rapid.IntRange(1, 100).Draw(t, "calls") {
			stream := rapid.SampledFrom([]string{"a", "b", "c", "d", "e", "f"}).Draw(t, "stream")
			token := core.Token(rapid.Int64Range(1, 50).Draw(t, "token"))
			err := bounded.Raise(t.Context(), stream, token)
			switch {
			case err == nil:
				require.GreaterOrEqual(t, token, unbounded[stream])
				unbounded[stream] = token
			case errors.Is(err, core.ErrDisowned):
				require.Less(t, token, unbounded[stream])
			default:
				require.ErrorIs(t, err, fencehttp.ErrForgotten)
			}
		}
	})
}
