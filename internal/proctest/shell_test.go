package proctest_test

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"github.com/streamlease/streamlease/internal/proctest"
)

// shell runs tests in a group of processes that is an orphan when it has gone.
func shell(*proctest.Parent) error {
	if err := syscall.Setpgid(0, 0); err != nil {
		return err
	}
	binary, err := os.Executable()
	if err != nil {
		return err
	}
	tests := exec.Command(binary)
	tests.Env = append(os.Environ(), "STREAMLEASE_TEST_PROGRAM=tests")
	tests.Stdout = os.Stdout
	return tests.Run()
}

// orphanedTests freeze a child, and tell its state when the shell has gone.
func orphanedTests(parent *proctest.Parent) error {
	signal.Ignore(syscall.SIGHUP)
	shell := os.Getppid()
	child, err := proctest.Start(sleeper())
	if err != nil {
		return err
	}
	defer child.Kill9()
	if err := child.Freeze(); err != nil {
		return err
	}
	for stateOf(child.PID()) != "T" {
		<-time.After(time.Millisecond)
	}
	parent.Send("frozen")
	for stateOf(shell) != "" {
		<-time.After(time.Millisecond)
	}
	parent.Send(fmt.Sprint("state ", stateOf(child.PID())))
	return nil
}
