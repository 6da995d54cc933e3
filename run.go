package streamlease

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Handler processes one data stream, from where the tenure before left it to its
// end. Client.Run calls it in a goroutine of its own, once for each tenure.
//
// ctx ends at the moment ownership ends; context.Cause says why, as for
// Stream.Context. It has the values of Run's ctx. A handler returns soon after
// its ctx has ended: until then it keeps its room (Config.MaxStreams), and its
// stream is left to other members.
//
// What it returns settles the stream, unless it did so itself by calling Done,
// Fail or HandOff:
//
//   - nil: Stream.Done, the stream is finished for good;
//   - an error: Stream.Fail, it is given back, tried again by any member after a
//     backoff, and goes to the quarantine after Config.MaxFailures;
//   - an error after its ctx has ended: Stream.HandOff, since it says no more
//     than that; nothing is counted;
//   - a panic is an error, whose stack is logged.
type Handler func(ctx context.Context, s *Stream) error

// graceUnderRun is Config.Grace under Run when the config does not say.
const graceUnderRun = 10 * time.Second

// Run is a whole service: it joins the fleet, calls handler for each stream that
// this member comes to own, at most Config.MaxStreams at once, and goes on until
// ctx ends. Then the handlers' contexts end with cause ErrClosed, what they settle
// within Config.Grace (10 s by default) is settled as they say, and the rest is
// handed off. However it ends, Run closes the client.
//
// It returns nil when ctx has ended and all went well; an error that wraps
// ErrUnreturned when handlers had not returned by then, which go on; the cause of
// StreamTerminated when the client has stopped by itself; else the error of Init.
// Where Close was called, by another goroutine, it is ErrClosed.
//
// Run is instead of Init; after it, it is ErrAlreadyInitialized and does nothing,
// and with Config.ManualClaim ErrInvalid. A Claim beside Run is possible; what it
// answers has no handler.
func (c *Client) Run(ctx context.Context, handler Handler) error {
	if err := c.runnable(handler); err != nil {
		return err
	}
	loop, err := c.initialize(ctx, true)
	switch {
	case errors.Is(err, ErrAlreadyInitialized):
		return err
	case err != nil:
		return c.runNever(ctx, err)
	}
	ended := make(chan struct{})
	closed := make(chan error, 1)
	go func() {
		select {
		case <-ctx.Done():
		case <-ended:
		}
		closed <- c.Close(context.WithoutCancel(ctx))
	}()
	r := newRunner(ctx, loop, handler)
	cause := r.serve()
	close(ended)
	err = errors.Join(<-closed, r.awaitHandlers())
	if ctx.Err() != nil && errors.Is(cause, ErrClosed) {
		return err
	}
	return errors.Join(cause, err)
}

func (c *Client) runnable(handler Handler) error {
	switch {
	case handler == nil:
		return fmt.Errorf("%w: Run needs a handler", ErrInvalid)
	case c.config.ManualClaim:
		return fmt.Errorf("%w: Run claims by itself; it cannot be used with Config.ManualClaim", ErrInvalid)
	default:
		return nil
	}
}

// runNever ends a Run that has not joined the fleet.
func (c *Client) runNever(ctx context.Context, cause error) error {
	err := c.Close(context.WithoutCancel(ctx))
	if errors.Is(ctx.Err(), context.Canceled) && !errors.Is(cause, ErrClosed) {
		return err // it was stopped before it had begun
	}
	return errors.Join(cause, err)
}
