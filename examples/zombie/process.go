package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"
)

// process is a member's process, seen from the story.
type process struct {
	id         string
	command    *exec.Cmd
	input      io.WriteCloser // hanging up ends the member
	complaints bytes.Buffer
	exited     chan struct{}
}

// heard is a word and who said it.
type heard struct {
	from *process
	word
}

// startProcess runs this program again, as a member. What it says goes to
// hear, which must be read until the process has exited.
func startProcess(given arguments, hear chan<- heard) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{id: given.member, exited: make(chan struct{})}
	p.command = exec.Command(program, "-redis", given.url, "-service", given.service,
		"-member", given.member, fmt.Sprintf("-fenced=%t", given.fenced))
	p.command.Stderr = &p.complaints
	output, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.input, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start member %s: %w", p.id, err)
	}
	go p.follow(output, hear)
	return p, nil
}

// follow passes on what the member says, and its end if that was not wanted.
func (p *process) follow(output io.Reader, hear chan<- heard) {
	defer close(p.exited)
	decoder := json.NewDecoder(output)
	for {
		var said word
		if decoder.Decode(&said) != nil {
			break
		}
		hear <- heard{p, said}
	}
	if err := p.command.Wait(); err != nil {
		hear <- heard{p, word{Kind: failed, Text: strings.TrimSpace(err.Error() + " " + p.complaints.String())}}
	}
}

func (p *process) pid() int { return p.command.Process.Pid }

// goOn ends the member's pause; a frozen one reads it when it wakes up.
func (p *process) goOn() error {
	_, err := io.WriteString(p.input, "go on\n")
	return err
}

// freeze stops the process where it is.
func (p *process) freeze() error { return p.command.Process.Signal(syscall.SIGSTOP) }

// thaw lets it go on.
func (p *process) thaw() error { return p.command.Process.Signal(syscall.SIGCONT) }

// end lets the member close, and kills it when it does not.
func (p *process) end() {
	_ = p.input.Close()
	_ = p.thaw() // one that has ended stays so
	select {
	case <-p.exited:
	case <-time.After(2 * ttl):
		_ = p.command.Process.Kill()
		<-p.exited
	}
}
