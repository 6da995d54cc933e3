package driver

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/streamlease/streamlease/core"
)

// mostOverdue bounds the goroutines that a port can hold which breaks its
// contract and does not end with its ctx.
const mostOverdue = 64

var errOverdue = errors.New("the port has not returned although the time of the call is over")

// Calls performs calls in goroutines, one for each call that is under way; the
// machine bounds how many there are. Its methods never block, Stop apart.
//
// Each call is answered once, also when the port does not return: then an
// unknown outcome stands in for its answer once twice the allowance has
// passed. What the port says after that is dropped.
type Calls struct {
	translator Translator
	observer   Observer // nil: nobody observes
	now        func() time.Duration
	answers    chan<- core.Event

	ctx  context.Context
	stop context.CancelFunc

	mu       sync.Mutex
	underWay map[core.CallID]context.CancelFunc
	running  int // goroutines, those of overdue calls included
	observed int // goroutines whose call is answered, and that end its observation
	stopped  bool
	idle     chan struct{} // closed when stopped and none is running
}

// NewCalls makes a runner that puts each answer into answers, waiting while it
// is full. now is the clock of the machine. The observer may be nil.
func NewCalls(translator Translator, observer Observer, now func() time.Duration, answers chan<- core.Event) *Calls {
	ctx, stop := context.WithCancel(context.Background())
	return &Calls{
		translator: translator,
		observer:   observer,
		now:        now,
		answers:    answers,
		ctx:        ctx,
		stop:       stop,
		underWay:   make(map[core.CallID]context.CancelFunc),
		idle:       make(chan struct{}),
	}
}

// Start begins the call that the command asks for.
func (c *Calls) Start(command core.Command) {
	call, asks := Header(command)
	if !asks {
		return
	}
	ctx, cancel := context.WithTimeout(c.ctx, Allowance(command))
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.stopped {
		cancel()
		return
	}
	overdue := c.running - len(c.underWay) - c.observed
	c.underWay[call.ID] = cancel
	c.running++
	if overdue >= mostOverdue {
		err := fmt.Errorf("the call was not made: %d earlier calls have not returned although their time is over", overdue)
		go c.finish(call.ID, Unanswered(command, c.now(), err))
		return
	}
	go c.perform(ctx, call.ID, command)
}

// Cancel ends a call that is under way; it is answered like any other.
func (c *Calls) Cancel(id core.CallID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if cancel, found := c.underWay[id]; found {
		cancel()
	}
}

// Stop ends all calls, without their answers, and waits for their goroutines,
// at most for the given time: a port may ignore its ctx. It reports whether all
// have ended.
func (c *Calls) Stop(patience time.Duration) bool {
	c.mu.Lock()
	if !c.stopped {
		c.stopped = true
		c.stop()
		c.closeIfIdle()
	}
	c.mu.Unlock()

	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-c.idle:
		return true
	case <-timer.C:
		return false
	}
}

func (c *Calls) perform(ctx context.Context, id core.CallID, command core.Command) {
	defer c.ended()
	sent := c.now()
	overdue := time.AfterFunc(2*Allowance(command), func() {
		c.answer(id, Unanswered(command, sent, errOverdue))
	})
	defer overdue.Stop()
	if c.observer == nil {
		c.answer(id, c.translator.Call(ctx, sent, command))
		return
	}
	observed, observation := c.observer.Begin(ctx, command)
	answer := c.translator.Call(observed, sent, command)
	observation.Returned(answer)
	c.answer(id, answer)
	c.endObservation(observation)
}

// endObservation does not count as a call that is overdue: a slow observer is no
// fault of the ports.
func (c *Calls) endObservation(observation Observation) {
	c.countObserved(+1)
	defer c.countObserved(-1)
	observation.End()
}

func (c *Calls) countObserved(change int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.observed += change
}

// finish answers a call that is not made.
func (c *Calls) finish(id core.CallID, event core.Event) {
	defer c.ended()
	c.answer(id, event)
}

// answer passes on the first answer of a call and drops any other.
func (c *Calls) answer(id core.CallID, event core.Event) {
	c.mu.Lock()
	cancel, found := c.underWay[id]
	delete(c.underWay, id)
	c.mu.Unlock()
	if !found {
		return
	}
	cancel()
	select {
	case c.answers <- event:
	case <-c.ctx.Done():
	}
}

func (c *Calls) ended() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.running--
	c.closeIfIdle()
}

func (c *Calls) closeIfIdle() {
	if c.stopped && c.running == 0 {
		close(c.idle)
	}
}
