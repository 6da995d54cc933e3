package proctest_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/proctest"
)

func TestAFrozenChildStaysFrozenWhenTheShellThatStartedTheTestsGoesAway(t *testing.T) {
	shell := proctest.StartMember(t, "shell")
	shell.Expect("frozen")
	require.NoError(t, shell.Terminate())
	assert.Equal(t, "T", shell.Expect("state "), "the state of the frozen child")
}
