package streamlease

import (
	"context"
	"errors"
	"fmt"

	"github.com/streamlease/streamlease/internal/driver"
)

// initiation is an Init that is under way.
type initiation struct {
	cancel context.CancelCauseFunc
	ended  chan struct{}
}

// Init checks the ports, joins the fleet and returns the channel on which the
// application hears of its streams. The channel closes when the client has
// ended. ctx bounds Init only; without a deadline Init gives up after
// Config.TTL.
//
// After an error nothing is left running and Init may be called again. A
// second Init is ErrAlreadyInitialized, one after Close is ErrClosed.
func (c *Client) Init(ctx context.Context) (<-chan Notification, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := c.beginInit(cancel); err != nil {
		return nil, err
	}
	loop, err := newLoop(c.config, newMember(c.id))
	if err == nil {
		err = loop.join(ctx)
	}
	if err != nil {
		c.endInit(nil)
		return nil, fmt.Errorf("init: %w", err)
	}
	c.endInit(loop)
	return loop.notifications, nil
}

func (c *Client) beginInit(cancel context.CancelCauseFunc) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.closing:
		return ErrClosed
	case c.init != nil || c.loop != nil:
		return ErrAlreadyInitialized
	}
	c.init = &initiation{cancel: cancel, ended: make(chan struct{})}
	return nil
}

func (c *Client) endInit(loop *loop) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loop = loop
	close(c.init.ended)
	c.init = nil
}

// join starts the loop and returns when it belongs to the fleet; after an error
// nothing of it is left running.
func (l *loop) join(ctx context.Context) error {
	if _, bounded := ctx.Deadline(); !bounded {
		limited, cancel := context.WithTimeout(ctx, l.config.TTL)
		defer cancel()
		ctx = limited
	}
	l.journal.open()
	if err := l.check(ctx); err != nil {
		l.journal.close(l.patience)
		return err
	}
	go l.run()
	err := l.awaitJoined(ctx)
	if err != nil {
		_ = l.post(context.Background(), l.leave) // fails when the loop has left by itself
		<-l.done
	}
	return err
}

// check asks the ports whether they can work, within one call timeout.
func (l *loop) check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, l.config.CallTimeout)
	defer cancel()
	var warnings []string
	var err error
	checked := make(chan struct{})
	go func() {
		defer close(checked)
		warnings, err = driver.Check(ctx, l.ports)
	}()
	select {
	case <-checked:
	case <-ctx.Done():
		if !ends(checked, l.patience) {
			return fmt.Errorf("a port's Check did not return: %w", initError(ctx))
		}
	}
	for _, warning := range warnings {
		l.warn(warning)
	}
	return err
}

func (l *loop) awaitJoined(ctx context.Context) error {
	select {
	case err := <-l.joined:
		return err
	case <-ctx.Done():
	}
	select {
	case err := <-l.joined:
		return err
	default:
	}
	err := fmt.Errorf("the member could not join the fleet: %w", initError(ctx))
	if last := l.snapshot().LastError; last != nil {
		return fmt.Errorf("%w; the last error was: %w", err, last)
	}
	return err
}

// initError is why the ctx of Init ended: by itself, or by Close.
func initError(ctx context.Context) error {
	if cause := context.Cause(ctx); errors.Is(cause, ErrClosed) {
		return cause
	}
	return ctx.Err()
}
