package core

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestWhatThereIsAMillionOfIsSmall: a field more, and the allocator takes the
// next class of sizes for each.
func TestWhatThereIsAMillionOfIsSmall(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(entry{}), uintptr(144), "bytes of an entry")
	require.LessOrEqual(t, unsafe.Sizeof(grant{}), uintptr(128), "bytes of a grant, of which each lease may have one")
}
