package conformance

import (
	"context"
	"time"
)

const (
	// callTimeout is the deadline of a call that is not about deadlines. It is
	// generous: a slow adapter is no wrong one.
	callTimeout = 30 * time.Second
	// overstay is how much later than its deadline a call may come back.
	overstay = 30 * time.Second
)

// call makes one call of a port, with an ordinary deadline, and writes it into
// the journal; do returns the answer in words. The call runs in a goroutine of
// its own, so that one that never comes back is a violation and nothing worse.
func (p *probe) call(pace *pace, what string, do func(ctx context.Context) (answer string)) span {
	ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
	defer cancel()
	return p.callWithin(ctx, pace, what, do)
}

// callWithin is call with a ctx of the check's own, which has a deadline.
func (p *probe) callWithin(ctx context.Context, pace *pace, what string, do func(ctx context.Context) (answer string)) span {
	began := pace.now()
	line := p.journal.begin(began, what)
	returned := make(chan any, 1)
	go func() {
		returned <- endOf(func() { p.journal.end(line, do(ctx)) })
	}()
	deadline, _ := ctx.Deadline()
	select {
	case panicked := <-returned:
		if panicked != nil {
			p.stop("%s panicked: %v", what, panicked)
		}
	case <-time.After(time.Until(deadline) + overstay):
		p.hangs("%s did not come back within %v of the deadline of its ctx; every call ends by it", what, overstay)
	}
	return span{began, pace.now()}
}
