package compile

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWithoutAToolchainItSaysWhatIsMissing(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	_, err := Program(t.Context(), ".")
	require.ErrorIs(t, err, ErrNotPossible)
	require.ErrorContains(t, err, "no Go toolchain was found")
}

func TestWithoutItsSourceItSaysWhereToGo(t *testing.T) {
	_, err := Program(t.Context(), t.TempDir())
	require.ErrorIs(t, err, ErrNotPossible)
	require.ErrorContains(t, err, "call it in a checkout of "+module)
}
