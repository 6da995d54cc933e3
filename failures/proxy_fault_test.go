package failures_test

import (
	"sync"
	"time"
)

// mishap is what happens to a request on its way.
type mishap string

const (
	// cutBefore: the connection is cut before the request arrives.
	cutBefore mishap = "before"
	// executedLate: the request arrives when its caller has given up.
	executedLate mishap = "late"
	// replyLost: the connection is cut between the request and its reply.
	replyLost mishap = "reply lost"
)

// fault strikes one request.
type fault struct {
	call   call
	mishap mishap
	// lateness is how long after the caller gave up executedLate arrives.
	lateness time.Duration

	struck *signal // the request has come; with replyLost: it was executed
	over   *signal // nothing of it is still to come
}

func newFault(call call, mishap mishap) *fault {
	return &fault{call: call, mishap: mishap, struck: newSignal(), over: newSignal()}
}

// signal is given once, and heard by all.
type signal struct {
	given chan struct{}
	once  sync.Once
}

func newSignal() *signal { return &signal{given: make(chan struct{})} }

func (s *signal) give() { s.once.Do(func() { close(s.given) }) }

func (s *signal) isGiven() bool {
	select {
	case <-s.given:
		return true
	default:
		return false
	}
}
