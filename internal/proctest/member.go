package proctest

import (
	"bytes"
	"context"
	"errors"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// patience bounds what a test waits for. It is generous: no test fails because
// a machine is slow.
const patience = time.Minute

// outputAfterExit bounds the wait for output once the process is gone: a child
// of its own may hold the pipe open.
const outputAfterExit = 5 * time.Second

// Member is the test binary, running one of its Programs as another process.
type Member struct {
	*Process
	t      testing.TB
	name   string
	input  io.WriteCloser
	output *lineQueue
}

// StartMember runs the program as a process of its own, with the arguments. It
// is killed when the test ends. The test binary's TestMain must call Dispatch.
func StartMember(t testing.TB, program string, arguments ...string) *Member {
	t.Helper()
	binary, err := os.Executable()
	if err != nil {
		t.Fatalf("start the program %q: %v", program, err)
	}
	return StartMemberOf(t, binary, program, arguments...)
}

// StartMemberOf is StartMember for another test binary, that of an earlier
// commit for instance. It must have the program.
func StartMemberOf(t testing.TB, binary, program string, arguments ...string) *Member {
	t.Helper()
	var err error
	member := &Member{t: t, name: program, output: newLineQueue()}
	complaints := new(bytes.Buffer)
	command := exec.Command(binary, arguments...)
	command.Env = append(os.Environ(), programVariable+"="+program)
	command.Stdout = member.output
	command.Stderr = complaints
	command.WaitDelay = outputAfterExit
	if member.input, err = command.StdinPipe(); err != nil {
		t.Fatalf("start the program %q: %v", program, err)
	}
	if member.Process, err = Start(command); err != nil {
		t.Fatalf("start the program %q: %v", program, err)
	}
	t.Cleanup(func() {
		member.Kill9()
		if t.Failed() && complaints.Len() > 0 {
			t.Logf("standard error of %s, process %d:\n%s", program, member.PID(), complaints)
		}
	})
	return member
}

// Send writes one line to the member's standard input. The error says that the
// member is gone. It blocks while a frozen member's pipe is full.
func (m *Member) Send(line string) error {
	_, err := io.WriteString(m.input, line+"\n")
	return err
}

// HangUp ends the member's standard input: its Parent.Receive answers io.EOF.
func (m *Member) HangUp() error { return m.input.Close() }

// Receive returns the member's next line of output, without its newline. The
// error is io.EOF when the member has ended and every line was received, or
// that of ctx. Lines wait without limit, so a member never blocks on its test.
func (m *Member) Receive(ctx context.Context) (string, error) {
	for {
		line, arrived := m.output.next()
		if arrived == nil {
			return line, nil
		}
		select {
		case <-arrived:
		case <-m.Exited():
			if line, arrived := m.output.next(); arrived == nil {
				return line, nil
			}
			return "", io.EOF
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
}

// Expect receives lines until one begins with prefix, drops those before it and
// returns what follows the prefix. The test fails when the member ends first.
func (m *Member) Expect(prefix string) string {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		line, err := m.Receive(ctx)
		switch {
		case errors.Is(err, io.EOF):
			m.t.Fatalf("%s, process %d, ended (%v) before it said %q", m.name, m.PID(), m.State(), prefix)
		case err != nil:
			m.t.Fatalf("%s, process %d, did not say %q within %v", m.name, m.PID(), prefix, patience)
		}
		if rest, found := strings.CutPrefix(line, prefix); found {
			return rest
		}
	}
}
