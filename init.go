package streamlease

import (
	"context"
	"errors"
	"fmt"
	"slices"

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
// After an error Init may be called again. What it had under way when its ctx
// ended is given up and ends by itself, within a few call timeouts; Close waits
// for it. A second Init is ErrAlreadyInitialized, one after Close is ErrClosed.
func (c *Client) Init(ctx context.Context) (<-chan Notification, error) {
	loop, err := c.initialize(ctx, false)
	if err != nil {
		return nil, err
	}
	return loop.notifications, nil
}

// initialize starts a loop that has joined the fleet, and whose streams are
// worked on by handlers, or not.
func (c *Client) initialize(ctx context.Context, handlers bool) (*loop, error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	if err := c.beginInit(cancel); err != nil {
		return nil, err
	}
	loop, err := newLoop(c.config, newMember(c.id), handlers)
	if err != nil {
		c.endInit(nil, nil)
		return nil, fmt.Errorf("init: %w", err)
	}
	if err := loop.join(ctx); err != nil {
		c.endInit(nil, loop)
		return nil, fmt.Errorf("init: %w", err)
	}
	c.endInit(loop, nil)
	return loop, nil
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

// endInit keeps the loop that has joined, or remembers the one that has not.
func (c *Client) endInit(joined, failed *loop) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.loop = joined
	if failed != nil {
		c.failed = append(slices.DeleteFunc(c.failed, (*loop).isGone), failed)
	}
	close(c.init.ended)
	c.init = nil
}

// awaitFailed waits until nothing is left of Inits that failed.
func (c *Client) awaitFailed(ctx context.Context) error {
	c.mu.Lock()
	failed := slices.Clone(c.failed)
	c.mu.Unlock()
	for _, loop := range failed {
		if loop.isGone() {
			continue // also when ctx has ended
		}
		select {
		case <-loop.done:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// join starts the loop and returns when it belongs to the fleet. It waits for no
// port once ctx was cancelled: after an error the loop ends by itself.
func (l *loop) join(ctx context.Context) error {
	if _, bounded := ctx.Deadline(); !bounded {
		limited, cancel := context.WithTimeout(ctx, l.config.TTL)
		defer cancel()
		ctx = limited
	}
	l.journal.open()
	if checked, err := l.check(ctx); err != nil {
		go l.giveUp(checked)
		return err
	}
	go l.run()
	err := l.awaitJoined(ctx)
	if err != nil {
		_ = l.post(context.Background(), l.leave) // fails when the loop has left by itself
	}
	return err
}

// checkTrips is how many slow calls all checks together may take: each port
// asks its server several questions, one after another.
const checkTrips = 6

// check asks the ports whether they can work. The
// channel is closed when they have answered, which an error does not wait for
// when ctx was cancelled; one whose deadline has passed has something to say.
func (l *loop) check(ctx context.Context) (answered <-chan struct{}, err error) {
	ctx, cancel := context.WithTimeout(ctx, checkTrips*l.config.CallTimeout)
	defer cancel()
	var warnings []string
	var refusal error
	checked := make(chan struct{})
	go func() {
		defer close(checked)
		warnings, refusal = driver.Check(ctx, l.ports)
	}()
	select {
	case <-checked:
	case <-ctx.Done():
		if errors.Is(ctx.Err(), context.Canceled) || !ends(checked, l.patience) {
			return checked, fmt.Errorf("a port's Check did not return: %w", initError(ctx))
		}
	}
	for _, warning := range warnings {
		l.warn(warning)
	}
	return checked, refusal
}

// giveUp ends a loop that never ran.
func (l *loop) giveUp(checked <-chan struct{}) {
	ends(checked, checkTrips*l.config.CallTimeout+l.patience)
	l.measureNoMore()
	l.journal.close(l.patience)
	close(l.done)
}

// isGone reports whether nothing is left of the loop.
func (l *loop) isGone() bool {
	select {
	case <-l.done:
		return true
	default:
		return false
	}
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
