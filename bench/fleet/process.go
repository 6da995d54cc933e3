// Package fleet runs the member processes of a measurement and asks them.
package fleet

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"sync"

	"github.com/streamlease/streamlease/bench/member"
	"github.com/streamlease/streamlease/internal/proctest"
)

// Process is a member process. Ask may be called concurrently.
type Process struct {
	process  *proctest.Process
	stop     func() error
	lock     sync.Mutex
	requests *json.Encoder
	replies  *json.Decoder
	stderr   *bytes.Buffer
}

// Start runs this program again, as members; its main must call
// member.Dispatch. It ends with this process, or by Kill9.
func Start(settings member.Settings) (*Process, error) {
	binary, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("start a member: %w", err)
	}
	environment, err := settings.Environment()
	if err != nil {
		return nil, fmt.Errorf("start a member: %w", err)
	}
	command := exec.Command(binary)
	command.Env = append(os.Environ(), environment)
	p := &Process{stderr: new(bytes.Buffer)}
	command.Stderr = p.stderr
	input, err := command.StdinPipe()
	if err != nil {
		return nil, fmt.Errorf("start a member: %w", err)
	}
	// Not StdoutPipe, which is closed as soon as the process ends.
	read, write := io.Pipe()
	command.Stdout = write
	if p.process, err = proctest.Start(command); err != nil {
		return nil, fmt.Errorf("start a member: %w", err)
	}
	go func() {
		<-p.process.Exited()
		_ = write.CloseWithError(errEnded)
	}()
	p.stop = read.Close
	p.requests, p.replies = json.NewEncoder(input), json.NewDecoder(read)
	return p, nil
}

var errEnded = errors.New("the member has ended")

// Ask puts a question to the members.
func (p *Process) Ask(request member.Request) (member.Reply, error) {
	p.lock.Lock()
	defer p.lock.Unlock()
	var reply member.Reply
	err := p.requests.Encode(request)
	if err == nil {
		err = p.replies.Decode(&reply)
	}
	if err == nil && reply.Err != "" {
		err = errors.New(reply.Err)
	}
	if err != nil {
		return reply, fmt.Errorf("ask member process %d to %s: %w%s", p.process.PID(), request.Action, err, p.complaint())
	}
	return reply, nil
}

// complaint is what an ended member wrote to its standard error stream.
func (p *Process) complaint() string {
	if p.process.State() == nil {
		return ""
	}
	return fmt.Sprintf(" (%v)\n%s", p.process.State(), p.stderr)
}

// Kill9 ends the process at once.
func (p *Process) Kill9() {
	_ = p.stop()
	p.process.Kill9()
}
