package streamlease

import (
	"context"
	"sync"

	"github.com/streamlease/streamlease/internal/driver"
)

// Client is one member of a service's fleet. Its methods may be called
// concurrently. None of them waits for a store: they wait for the client's
// event loop, and return at once when their ctx ends.
type Client struct {
	config Config
	id     string

	mu         sync.Mutex
	init       *initiation // Init is under way; nil: it is not
	loop       *loop       // Init has succeeded
	failed     []*loop     // of Inits before; they end by themselves
	closing    bool        // Close was called
	closePorts func() error
}

// New makes a client. Nothing starts before Init. The error, which wraps
// ErrInvalid, reports every mistake in the config at once.
func New(config Config) (*Client, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	return &Client{
		config:     config,
		id:         memberID(config.ID),
		closePorts: sync.OnceValue(func() error { return driver.Close(config.Ports) }),
	}, nil
}

// ID is what people call this member, for logs.
func (c *Client) ID() string { return c.id }

// Claim makes this member the owner of the stream now, or says why not: ErrHeld
// (somebody was first), ErrDone, ErrNotYet, ErrFull, ErrInvalid, ErrRefused. A Claim that
// succeeds is the tenure's only announcement: no StreamAdded follows. Claims
// that are called concurrently go out as one batch. A Claim of what this member
// owns already, or that runs beside another of the same stream, answers the same
// *Stream as the other: start the work on it once. A Claim of a stream that is to
// be tried alone (Config.Trial) is answered when its turn has come.
//
// A Claim whose ctx ended leaves no lease behind: what it may have got is given
// back. Its error is ctx.Err(), with ErrUnknownOutcome when the store may have
// acted.
func (c *Client) Claim(ctx context.Context, ref StreamRef) (*Stream, error) {
	loop, err := c.serving()
	if err != nil {
		return nil, err
	}
	ctx, request := loop.telemetry.BeginRequest(ctx, "Claim", ref.Name)
	got := loop.call(ctx, func(p *pending) { loop.claim(p, ref) })
	got.describe(request)
	return got.stream, got.err
}

// DoneStream is shorthand for Stream.Done on the tenure of that name which the
// application received last, by StreamAdded or from Claim; prefer Stream.Done,
// which cannot meet another tenure than you mean. A name that the application
// did not receive is ErrNotOwned.
func (c *Client) DoneStream(ctx context.Context, name string) error {
	loop, err := c.serving()
	if err != nil {
		return err
	}
	ctx, request := loop.telemetry.BeginRequest(ctx, "Done", name)
	got := loop.call(ctx, func(p *pending) { loop.settleByName(p, name) })
	got.describe(request)
	return got.err
}

// Owned lists the streams that the application has received and that this
// member owns at this moment, by name. It is empty before Init and after the
// end.
func (c *Client) Owned() []*Stream {
	loop, err := c.serving()
	if err != nil {
		return nil
	}
	return loop.owned()
}

// Status is a snapshot for probes. It never blocks.
func (c *Client) Status() Status {
	loop, err := c.serving()
	if err != nil {
		return Status{}
	}
	return loop.snapshot()
}

// serving is the loop once Init has succeeded.
func (c *Client) serving() (*loop, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case c.loop != nil:
		return c.loop, nil
	case c.closing:
		return nil, ErrClosed
	default:
		return nil, errNotInitialized
	}
}
