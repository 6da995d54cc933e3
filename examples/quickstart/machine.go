package main

import (
	"context"
	"errors"
	"sync"
)

// machine is what a member runs on, as far as one process can play it. While it
// is frozen, or dead, nothing gets from the member to the stores or back, and
// its application stands still. What cannot be played is that the client's own
// goroutine stands still too: it goes on, gives up its leases when their time
// is over, and waits for the application to listen.
type machine struct {
	mu      sync.Mutex
	dead    bool
	halted  chan struct{} // closed: the machine stands still
	resumed chan struct{} // closed: it goes on
}

func newMachine() *machine {
	m := &machine{halted: make(chan struct{}), resumed: make(chan struct{})}
	close(m.resumed)
	return m
}

// freeze stops the machine where it is.
func (m *machine) freeze() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.resumed = make(chan struct{})
	close(m.halted)
}

// thaw lets it go on.
func (m *machine) thaw() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.halted = make(chan struct{})
	close(m.resumed)
}

// kill stops the machine for ever.
func (m *machine) kill() {
	m.freeze()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.dead = true
}

func (m *machine) isDead() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.dead
}

func (m *machine) state() (halted, resumed <-chan struct{}) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.halted, m.resumed
}

// stand is where the application stands still.
func (m *machine) stand() {
	_, resumed := m.state()
	<-resumed
}

var errHalted = errors.New("the machine stands still")

// ask passes a call on. One that is under way when the machine halts is cut
// off, and nobody hears its answer before the machine goes on.
func ask[Answer any](ctx context.Context, m *machine, call func(context.Context) (Answer, error)) (Answer, error) {
	var nothing Answer
	halted, resumed := m.state()
	select {
	case <-resumed:
	case <-ctx.Done():
		return nothing, ctx.Err()
	}
	calling, cutOff := context.WithCancelCause(ctx)
	defer cutOff(nil)
	defer context.AfterFunc(ctx, func() { cutOff(ctx.Err()) })()
	go func() {
		select {
		case <-halted:
			cutOff(errHalted)
		case <-calling.Done():
		}
	}()
	answer, err := call(calling)
	select {
	case <-halted:
		<-ctx.Done()
		return nothing, ctx.Err()
	default:
		return answer, err
	}
}
