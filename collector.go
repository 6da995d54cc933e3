package streamlease

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"time"
)

// collector makes batches of what many goroutines ask one method of a port: what
// is asked while a call is under way goes into the next. So a quiet collector
// answers at once, and a busy one costs the store a call at a time.
type collector[Q, A any] struct {
	call    func(ctx context.Context, questions []Q) ([]A, error)
	timeout time.Duration
	ctx     context.Context // ends what is under way when the client ends
	cancel  context.CancelFunc

	mu       sync.Mutex
	waiting  []asked[Q, A]
	isCalled bool
	isClosed bool
	done     chan struct{} // closed: no call is under way, and none will be
}

// collectorBatch is the largest batch.
const collectorBatch = 200

type asked[Q, A any] struct {
	question Q
	reply    chan replied[A] // of one
}

type replied[A any] struct {
	answer A
	err    error // of the whole call
}

func newCollector[Q, A any](timeout time.Duration, call func(context.Context, []Q) ([]A, error)) *collector[Q, A] {
	c := &collector[Q, A]{call: call, timeout: timeout, done: make(chan struct{})}
	c.ctx, c.cancel = context.WithCancel(context.Background())
	return c
}

// ask has the question sent, and returns the channel on which the reply comes.
func (c *collector[Q, A]) ask(question Q) <-chan replied[A] {
	reply := make(chan replied[A], 1)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.isClosed {
		reply <- replied[A]{err: ErrClosed}
		return reply
	}
	c.waiting = append(c.waiting, asked[Q, A]{question, reply})
	if !c.isCalled {
		c.isCalled = true
		go c.run()
	}
	return reply
}

// run calls until nothing waits.
func (c *collector[Q, A]) run() {
	for batch := c.next(); len(batch) > 0; batch = c.next() {
		c.send(batch)
	}
}

func (c *collector[Q, A]) next() []asked[Q, A] {
	c.mu.Lock()
	defer c.mu.Unlock()
	batch := c.waiting[:min(len(c.waiting), collectorBatch)]
	c.waiting = c.waiting[len(batch):]
	if len(batch) == 0 {
		c.waiting, c.isCalled = nil, false
		if c.isClosed {
			close(c.done)
		}
	}
	return batch
}

func (c *collector[Q, A]) send(batch []asked[Q, A]) {
	questions := make([]Q, len(batch))
	for i, one := range batch {
		questions[i] = one.question
	}
	answers, err := c.guarded(questions)
	if err == nil && len(answers) != len(batch) {
		err = fmt.Errorf("the port gave %d results to %d requests", len(answers), len(batch))
	}
	for i, one := range batch {
		if err != nil {
			one.reply <- replied[A]{err: err}
			continue
		}
		one.reply <- replied[A]{answer: answers[i]}
	}
}

// guarded makes a panic of the port an unknown outcome.
func (c *collector[Q, A]) guarded(questions []Q) (answers []A, err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("the port panicked: %v\n%s", value, debug.Stack())
		}
	}()
	ctx, cancel := context.WithTimeout(c.ctx, c.timeout)
	defer cancel()
	return c.call(ctx, questions)
}

// close ends what is under way, and waits for it at most for the given time. It
// reports whether nothing is left.
func (c *collector[Q, A]) close(patience time.Duration) bool {
	c.cancel()
	c.mu.Lock()
	if !c.isClosed {
		c.isClosed = true
		if !c.isCalled {
			close(c.done)
		}
	}
	c.mu.Unlock()
	return ends(c.done, patience)
}
