package usage_test

import (
	"os"
	"runtime/debug"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/bench/usage"
)

func TestWhatIsUsedIsSeen(t *testing.T) {
	debug.FreeOSMemory() // what is free already would not be seen to be used
	cpu := usage.CPU()
	resident, err := usage.Resident()
	require.NoError(t, err)

	const size = 64 << 20
	block := make([]byte, size)
	for {
		for i := 0; i < size; i += os.Getpagesize() {
			block[i]++
		}
		if usage.CPU() > cpu {
			break
		}
	}
	after, err := usage.Resident()
	require.NoError(t, err)
	require.Greater(t, after, resident+size/2)
	require.Positive(t, block[0])
}
