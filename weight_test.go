package streamlease

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestAStreamIsSmall: a member may have a million, and a field more makes the
// allocator take the next class of sizes for each.
func TestAStreamIsSmall(t *testing.T) {
	require.LessOrEqual(t, unsafe.Sizeof(Stream{}), uintptr(96), "bytes of a Stream for whose context nobody has asked")
}
