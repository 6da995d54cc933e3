package proctest_test

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/internal/proctest"
)

func TestMain(m *testing.M) {
	proctest.Dispatch(proctest.Programs{
		"echo":   echo,
		"fail":   fail,
		"flood":  flood,
		"parent": parent,
		"shell":  shell,
		"tests":  orphanedTests,
	})
	goleak.VerifyTestMain(m)
}

// echo answers each line with the same line, and names itself first.
func echo(parent *proctest.Parent) error {
	parent.Send("ready", os.Getpid(), strings.Join(parent.Arguments, "|"))
	for {
		line, err := parent.Receive()
		if err != nil {
			parent.Send("hung up:", err)
			return nil
		}
		parent.Send("echo", line)
	}
}

func fail(parent *proctest.Parent) error {
	parent.Send("about to fail")
	return errors.New("as told")
}

const floodLines = 20_000

// flood writes far more than a pipe holds, without waiting for anybody.
func flood(parent *proctest.Parent) error {
	for i := range floodLines {
		parent.Send("line", i)
	}
	return nil
}

// parent starts a child of its own that never ends by itself, names it, and
// waits to be killed.
func parent(parent *proctest.Parent) error {
	child, err := proctest.Start(sleeper())
	if err != nil {
		return err
	}
	parent.Send(fmt.Sprint("child ", child.PID()))
	_, err = parent.Receive()
	return err
}
