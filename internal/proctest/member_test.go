package proctest_test

import (
	"context"
	"fmt"
	"io"
	"os"
	"runtime"
	"strconv"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/proctest"
)

func TestAMemberIsAnotherProcessThatTalksInLines(t *testing.T) {
	member := proctest.StartMember(t, "echo", "-flag", "a value")
	assert.Equal(t, strconv.Itoa(member.PID())+" -flag|a value", member.Expect("ready "))
	assert.NotEqual(t, os.Getpid(), member.PID())

	require.NoError(t, member.Send("hello"))
	require.NoError(t, member.Send(""))
	line, err := member.Receive(t.Context())
	require.NoError(t, err)
	assert.Equal(t, "echo hello", line)
	assert.Empty(t, member.Expect("echo "))
}

func TestAMemberLearnsThatItsParentHungUp(t *testing.T) {
	member := proctest.StartMember(t, "echo")
	require.NoError(t, member.HangUp())
	assert.Equal(t, io.EOF.Error(), member.Expect("hung up: "))
	_, err := member.Receive(t.Context())
	assert.ErrorIs(t, err, io.EOF)
	assert.Zero(t, member.State().ExitCode())
}

func TestAFrozenMemberIsSilentUntilThawed(t *testing.T) {
	member := proctest.StartMember(t, "echo")
	member.Expect("ready ")
	require.NoError(t, member.Freeze())
	require.NoError(t, member.Send("hello"))
	soon, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := member.Receive(soon)
	require.ErrorIs(t, err, context.DeadlineExceeded)

	require.NoError(t, member.Thaw())
	assert.Equal(t, "hello", member.Expect("echo "))
}

func TestTheErrorOfAProgramIsItsExitStatus(t *testing.T) {
	member := proctest.StartMember(t, "fail")
	member.Expect("about to fail")
	<-member.Exited()
	assert.Equal(t, 1, member.State().ExitCode())
}

func TestAMemberThatNobodyReadsNeverBlocksAndLosesNothing(t *testing.T) {
	member := proctest.StartMember(t, "flood")
	<-member.Exited()
	for i := range floodLines {
		line, err := member.Receive(t.Context())
		require.NoError(t, err)
		require.Equal(t, "line "+strconv.Itoa(i), line)
	}
	_, err := member.Receive(t.Context())
	assert.ErrorIs(t, err, io.EOF)
}

func TestExpectFailsTheTestOfAMemberThatEnded(t *testing.T) {
	verdict := &recorder{TB: t}
	member := proctest.StartMember(verdict, "fail")
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		member.Expect("what it never says")
	}()
	<-ended
	assert.Contains(t, verdict.fatal, `before it said "what it never says"`)
	assert.Contains(t, verdict.fatal, "exit status 1")
}

// recorder keeps why the test that it stands for failed.
type recorder struct {
	testing.TB
	fatal string
}

func (r *recorder) Fatalf(format string, args ...any) {
	r.fatal = fmt.Sprintf(format, args...)
	runtime.Goexit()
}
