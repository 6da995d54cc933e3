package fencehttp

import (
	"context"
	"sync"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/fence"
)

// gate keeps requests of different tenures of one stream apart. It knows only
// the streams of requests that are there.
type gate struct {
	mu      sync.Mutex
	streams map[string]*crowd
}

// crowd is the requests of one stream.
type crowd struct {
	present int        // requests, waiting ones too
	highest core.Token // of those that came
	running map[*visit]bool
	changed chan struct{} // closed, and made anew, when one stops running or comes with a higher token
}

// visit is one request.
type visit struct {
	tenure
	ctx    context.Context
	cancel context.CancelCauseFunc
}

func newGate() *gate { return &gate{streams: map[string]*crowd{}} }

// enter waits until no request of a lower token runs. The visit's context ends
// when a higher one comes, with the *fence.StaleError as its cause. The error is
// that, or ctx's; else leave must be called.
func (g *gate) enter(ctx context.Context, who tenure) (*visit, error) {
	v := &visit{tenure: who}
	v.ctx, v.cancel = context.WithCancelCause(ctx)
	g.mu.Lock()
	defer g.mu.Unlock()
	c := g.join(who)
	for {
		switch {
		case who.token < c.highest:
			err := &fence.StaleError{Fence: who.stream, Token: who.token, Highest: c.highest}
			g.part(c, v, err)
			return nil, err
		case !c.runsLower(who.token):
			c.running[v] = true
			return v, nil
		}
		changed := c.changed
		g.mu.Unlock()
		select {
		case <-changed:
		case <-ctx.Done():
		}
		g.mu.Lock()
		if err := context.Cause(ctx); err != nil {
			g.part(c, v, err)
			return nil, err
		}
	}
}

// join makes the request one of its crowd, and ends what is lower.
func (g *gate) join(who tenure) *crowd {
	c, found := g.streams[who.stream]
	if !found {
		c = &crowd{running: map[*visit]bool{}, changed: make(chan struct{})}
		g.streams[who.stream] = c
	}
	c.present++
	if who.token > c.highest {
		c.highest = who.token
		c.announce()
		for running := range c.running {
			running.cancel(&fence.StaleError{Fence: who.stream, Token: running.token, Highest: who.token})
		}
	}
	return c
}

// leave ends the visit.
func (g *gate) leave(v *visit) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.part(g.streams[v.stream], v, context.Canceled)
}

func (g *gate) part(c *crowd, v *visit, cause error) {
	v.cancel(cause)
	delete(c.running, v)
	c.announce()
	if c.present--; c.present == 0 {
		delete(g.streams, v.stream)
	}
}

func (c *crowd) announce() {
	close(c.changed)
	c.changed = make(chan struct{})
}

func (c *crowd) runsLower(token core.Token) bool {
	for running := range c.running {
		if running.token < token {
			return true
		}
	}
	return false
}
