package proctest

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
)

// programVariable tells a test binary that it is to be one of its Programs.
const programVariable = "STREAMLEASE_TEST_PROGRAM"

// Program is what a member process does. Its error ends the process with
// status 1.
type Program func(parent *Parent) error

// Programs are what a test binary can be instead of a test, by name.
type Programs map[string]Program

// Dispatch belongs at the start of TestMain. In a process that StartMember
// started it runs the program and ends the process; in the test itself it does
// nothing.
func Dispatch(programs Programs) {
	name, found := os.LookupEnv(programVariable)
	if !found {
		return
	}
	// What the program starts is not a member.
	_ = os.Unsetenv(programVariable)
	program, found := programs[name]
	if !found {
		fmt.Fprintf(os.Stderr, "the test binary has no program %q\n", name)
		os.Exit(2)
	}
	if err := program(newParent(os.Args[1:], os.Stdin, os.Stdout)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// Parent is the test, as its member sees it.
type Parent struct {
	// Arguments are those given to StartMember.
	Arguments []string

	input   *bufio.Reader
	sending sync.Mutex
	output  io.Writer
}

func newParent(arguments []string, input io.Reader, output io.Writer) *Parent {
	return &Parent{Arguments: arguments, input: bufio.NewReader(input), output: output}
}

// Receive returns the test's next line. The error is io.EOF when the test is
// gone or has hung up. One goroutine at a time may call it.
func (p *Parent) Receive() (string, error) {
	line, err := p.input.ReadString('\n')
	if err != nil {
		return "", err
	}
	return strings.TrimSuffix(line, "\n"), nil
}

// Send writes one line to the test. Any goroutine may call it. That the test is
// gone is for Receive to say.
func (p *Parent) Send(words ...any) {
	p.sending.Lock()
	defer p.sending.Unlock()
	_, _ = fmt.Fprintln(p.output, words...)
}
