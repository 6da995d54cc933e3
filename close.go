package streamlease

import (
	"context"
	"errors"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/telemetry"
)

// Close ends the client; it is the right end, also after StreamTerminated. The
// contexts of all streams end with cause ErrClosed; each stream is handed off
// when the application has called Done, Fail or HandOff for it, the rest after
// Config.Grace or when ctx ends. Others own them milliseconds later.
//
// Close returns when nothing is left running, the channel is closed and the
// ports that can be closed are closed. It waits for StreamTerminated to be
// received, until ctx ends: whoever reads the channel should go on until it is
// closed; if nobody reads it, give Close a deadline.
//
// When ctx ends before the streams were handed off, that is forced, and goes on
// in the background for two call timeouts at most; Close returns ctx.Err(). A
// further Close waits for the rest. Close may be called at any time, from
// several goroutines, also before Init.
func (c *Client) Close(ctx context.Context) error {
	c.mu.Lock()
	c.closing = true
	init := c.init
	c.mu.Unlock()

	if init != nil {
		init.cancel(ErrClosed)
		select {
		case <-init.ended:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err := c.end(ctx); err != nil {
		return err
	}
	return c.awaitFailed(ctx)
}

func (c *Client) end(ctx context.Context) error {
	loop, err := c.serving()
	if err != nil {
		return c.closePorts()
	}
	return loop.shutDown(ctx)
}

// Done declares every stream that the application has received finished, as
// DoneStream does, and then closes the client. Unfinished work is lost: the
// streams are never given to anybody again. The right end of a process that is
// stopped in the middle of its work is Close.
//
// It does not stop at an error; it returns all of them, joined.
func (c *Client) Done(ctx context.Context) error {
	loop, err := c.serving()
	if err != nil {
		return c.Close(ctx)
	}
	failures := loop.doneAll(ctx)
	failures = append(failures, c.Close(ctx))
	return errors.Join(failures...)
}

// doneAll declares everything finished that the application has received.
func (l *loop) doneAll(ctx context.Context) (failures []error) {
	type settling struct {
		*pending
		request telemetry.Request
	}
	var waiting []settling
	for _, stream := range l.owned() {
		ctx, request := l.telemetry.BeginRequest(ctx, "Done", stream.ref.Name)
		request.About(stream.ref, stream.token)
		p, err := l.ask(ctx, func(p *pending) { l.settle(p, stream, core.Done, "") })
		if err != nil {
			request.End(err)
			failures = append(failures, about(err, stream.ref))
			continue
		}
		waiting = append(waiting, settling{p, request})
	}
	for _, one := range waiting {
		err := l.await(ctx, one.pending).err
		one.request.End(err)
		failures = append(failures, err)
	}
	return failures
}
