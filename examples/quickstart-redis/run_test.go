package main

import (
	"bytes"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// programVariable makes the test binary the quickstart itself, and its members,
// so that they run with the race detector when the tests do.
const programVariable = "STREAMLEASE_QUICKSTART_REDIS"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// run is the program under test, and what it has printed so far.
type run struct {
	t       *testing.T
	command *exec.Cmd
	exited  chan struct{}

	mu      sync.Mutex
	printed bytes.Buffer
	changed chan struct{} // closed, and replaced, with every write
}

// startRun runs the program with these arguments. It is killed when the test
// ends.
func startRun(t *testing.T, arguments ...string) *run {
	t.Helper()
	binary, err := os.Executable()
	require.NoError(t, err)
	r := &run{t: t, exited: make(chan struct{}), changed: make(chan struct{})}
	r.command = exec.Command(binary, arguments...)
	r.command.Env = append(os.Environ(), programVariable+"=1")
	r.command.Stdout, r.command.Stderr = r, r
	require.NoError(t, r.command.Start())
	go func() {
		_ = r.command.Wait() // how it ended is in ProcessState
		close(r.exited)
	}()
	t.Cleanup(func() {
		_ = r.command.Process.Kill()
		<-r.exited
	})
	return r
}

func (r *run) Write(text []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.changed)
	r.changed = make(chan struct{})
	return r.printed.Write(text)
}

func (r *run) look() (string, <-chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.printed.String(), r.changed
}

// String is all that was printed.
func (r *run) String() string {
	printed, _ := r.look()
	return printed
}

// wait waits for the end and returns the exit status.
func (r *run) wait() int {
	r.t.Helper()
	select {
	case <-r.exited:
		return r.command.ProcessState.ExitCode()
	case <-time.After(2 * time.Minute):
		require.FailNow(r.t, "it does not end", "%s", r)
		return -1
	}
}

// expect waits until the text was printed.
func (r *run) expect(text string) {
	r.t.Helper()
	late := time.After(2 * time.Minute)
	for {
		printed, changed := r.look()
		if strings.Contains(printed, text) {
			return
		}
		select {
		case <-changed:
		case <-r.exited:
			require.Contains(r.t, r.String(), text)
			return
		case <-late:
			require.FailNow(r.t, "it was not printed", "%q in\n%s", text, r)
		}
	}
}

// pidOf is the process ID of the member, which it printed.
func (r *run) pidOf(member string) int {
	r.t.Helper()
	found := regexp.MustCompile(member + ` has joined  pid (\d+)`).FindStringSubmatch(r.String())
	require.NotNil(r.t, found, "%s", r)
	pid, err := strconv.Atoi(found[1])
	require.NoError(r.t, err)
	return pid
}
