package main

import (
	"bytes"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// programVariable makes the test binary the program itself, so that tests can
// send it signals, and it runs with the race detector when they do.
const programVariable = "STREAMLEASE_SIM"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		main()
	}
	goleak.VerifyTestMain(m)
}

// called is what became of a call of the program.
type called struct {
	status          int
	out, complaints string
}

// call runs the program inside of the test.
func call(arguments ...string) called {
	var out, complaints bytes.Buffer
	status := run(arguments, &out, &complaints)
	return called{status, out.String(), complaints.String()}
}

// callAlone runs the program in a process of its own: bubbles are not for a
// process in which package testing runs tests.
func callAlone(t *testing.T, arguments ...string) called {
	t.Helper()
	binary, err := os.Executable()
	require.NoError(t, err)
	program := exec.Command(binary, arguments...)
	program.Env = append(os.Environ(), programVariable+"=1")
	var out, complaints bytes.Buffer
	program.Stdout, program.Stderr = &out, &complaints
	if err := program.Run(); err != nil {
		require.ErrorAs(t, err, new(*exec.ExitError))
	}
	return called{program.ProcessState.ExitCode(), out.String(), complaints.String()}
}

// last is the last line of the output.
func (c called) last() string {
	lines := strings.Split(strings.TrimRight(c.out, "\n"), "\n")
	return lines[len(lines)-1]
}

// line is the line that begins so, without its beginning.
func (c called) line(t *testing.T, beginning string) string {
	t.Helper()
	for line := range strings.SplitSeq(c.out, "\n") {
		if rest, found := strings.CutPrefix(line, beginning); found {
			return rest
		}
	}
	require.Fail(t, "no line begins with "+beginning, c.out)
	return ""
}

// hashLine is how every run ends.
const hashLine = `^hash [0-9a-f]{16}$`

// asWords are the arguments of a command that the program printed.
func asWords(command string) []string {
	return strings.Fields(strings.TrimPrefix(command, program))
}
