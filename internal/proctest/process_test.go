package proctest_test

import (
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/proctest"
)

func sleeper() *exec.Cmd { return exec.Command("sleep", "3600") }

func TestACommandThatIsNotThereIsAnError(t *testing.T) {
	_, err := proctest.Start(exec.Command("/nonexistent/program"))
	assert.ErrorIs(t, err, os.ErrNotExist)
}

func TestKill9EndsAlsoAFrozenProcess(t *testing.T) {
	process, err := proctest.Start(sleeper())
	require.NoError(t, err)
	assert.Nil(t, process.State())
	require.NoError(t, process.Freeze())

	process.Kill9()
	assert.Equal(t, syscall.SIGKILL, process.State().Sys().(syscall.WaitStatus).Signal())
	process.Kill9()
	assert.ErrorIs(t, process.Thaw(), os.ErrProcessDone)
}

func TestTerminateAsksToEnd(t *testing.T) {
	process, err := proctest.Start(sleeper())
	require.NoError(t, err)
	defer process.Kill9()
	require.NoError(t, process.Terminate())
	<-process.Exited()
	assert.Equal(t, syscall.SIGTERM, process.State().Sys().(syscall.WaitStatus).Signal())
}
