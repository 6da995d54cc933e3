package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/streamlease/streamlease/internal/timeline"
)

const (
	beatEvery = 100 * time.Millisecond
	// silence of this length means that somebody has frozen the process.
	silence = 10 * beatEvery
	// closing is how long a process may take to close.
	closing = 2 * ttl
)

// process is a member's process, seen from the story.
type process struct {
	id         string
	command    *exec.Cmd
	input      io.Closer // hanging up ends the member
	complaints bytes.Buffer
	history    *timeline.History
	exited     chan struct{}

	mu     sync.Mutex
	heard  time.Time // when it said something last
	frozen bool      // as far as the history knows
	held   bool      // by the story, which says itself when that ends
	ending bool
}

// startProcess runs this program again, as the member.
func startProcess(id string, given arguments, history *timeline.History) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{id: id, history: history, exited: make(chan struct{}), heard: time.Now()}
	p.command = exec.Command(program, "-redis", given.url, "-service", given.service, "-member", id)
	p.command.Stderr = &p.complaints
	output, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if p.input, err = p.command.StdinPipe(); err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("start member %s: %w", id, err)
	}
	history.Label(id, fmt.Sprintf("pid %d", p.pid()))
	go p.follow(output)
	go p.watchSilence()
	return p, nil
}

func (p *process) pid() int { return p.command.Process.Pid }

// follow records what the member says, and how it ended.
func (p *process) follow(output io.Reader) {
	decoder := json.NewDecoder(output)
	for {
		var event timeline.Event
		if decoder.Decode(&event) != nil {
			break
		}
		p.hear()
		if event.Kind != "" {
			p.history.Record(event)
		}
	}
	_ = p.command.Wait() // how it ended is in ProcessState
	close(p.exited)
	p.recordEnd()
}

// recordEnd tells a member that was killed from one that fell by itself. One
// that left or failed has said so.
func (p *process) recordEnd() {
	status, _ := p.command.ProcessState.Sys().(syscall.WaitStatus)
	switch {
	case p.isEnding():
	case status.Signaled():
		p.history.Record(timeline.Event{Kind: timeline.Killed, Member: p.id})
	case p.complaints.Len() > 0:
		p.history.Record(timeline.Event{Kind: timeline.Failed, Member: p.id, Note: strings.TrimSpace(p.complaints.String())})
	}
}

// hear notes that the process runs.
func (p *process) hear() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = time.Now()
	if p.frozen && !p.held {
		p.frozen = false
		p.history.Record(timeline.Event{Kind: timeline.Woken, Member: p.id})
	}
}

// watchSilence notices that a user has frozen the process.
func (p *process) watchSilence() {
	ticker := time.NewTicker(beatEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-p.exited:
			return
		}
		p.mu.Lock()
		if !p.frozen && !p.ending && time.Since(p.heard) > silence {
			p.frozen = true
			since := p.history.Elapsed() - time.Since(p.heard)
			p.history.Record(timeline.Event{Kind: timeline.Frozen, Member: p.id, At: since})
		}
		p.mu.Unlock()
	}
}

// kill ends the process without a chance to say anything.
func (p *process) kill() {
	_ = p.command.Process.Kill() // the only error is that it is dead
	<-p.exited
}

// freeze stops the process where it is.
func (p *process) freeze() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := p.command.Process.Signal(syscall.SIGSTOP); err != nil {
		return fmt.Errorf("freeze %s: %w", p.id, err)
	}
	p.frozen, p.held = true, true
	p.history.Record(timeline.Event{Kind: timeline.Frozen, Member: p.id})
	return nil
}

// thaw lets it go on.
func (p *process) thaw() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held = false
	if err := p.command.Process.Signal(syscall.SIGCONT); err != nil {
		return fmt.Errorf("wake %s: %w", p.id, err)
	}
	return nil
}

// end lets the member close, and kills it when it does not.
func (p *process) end() {
	p.mu.Lock()
	p.ending = true
	p.mu.Unlock()
	_ = p.input.Close()
	_ = p.thaw()
	select {
	case <-p.exited:
	case <-time.After(closing):
		p.kill()
	}
}

func (p *process) isEnding() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.ending
}
