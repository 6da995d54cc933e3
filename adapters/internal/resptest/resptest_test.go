package resptest_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/resptest"
)

func TestSeedsAreReadBackAsTheyWereWritten(t *testing.T) {
	for _, reply := range []any{
		nil, "", "a\x00\xff", int64(-1), int64(1 << 62), []any{},
		[]any{"taken", []any{nil, int64(7), []any{"deep"}}, int64(0)},
	} {
		require.Equal(t, reply, resptest.Decode(resptest.Encode(reply)))
	}
}

func TestACountOfMoreThanThereIsMakesNothingLarge(t *testing.T) {
	list := resptest.Decode([]byte{4, 0xff, 0xff, 1, 0xff, 0xff, 'a', 'b'})
	require.Len(t, list, 5, "one element for each byte that is left")
	require.Equal(t, "ab", list.([]any)[0])
}
