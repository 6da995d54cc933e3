package admin

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/goredis/internal/leases"
	"github.com/streamlease/streamlease/adapters/goredis/internal/notify"
	"github.com/streamlease/streamlease/adapters/goredis/internal/source"
	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// Inspector says who holds which names. Every ports.LeaseStore is one.
type Inspector interface {
	Inspect(ctx context.Context, names []string) ([]ports.InspectResult, error)
}

// Publisher tells members something. Every ports.ExpiryNotifier is one.
type Publisher interface {
	Publish(ctx context.Context, hints []ports.Hint) error
}

// Config is what an Admin may be told.
type Config struct {
	// Leases: nil for the sessions of goredis.
	Leases Inspector
	// Hints: nil for the channel on the server of the source.
	Hints Publisher
}

// Admin is an operator's view of a service. Its methods may be called
// concurrently.
type Admin struct {
	reads, writes *conn.Conn
	keys          []string
	leases        Inspector
	// hasSessions: the leases are goredis' own.
	hasSessions bool
	hints       Publisher
	announcer   *source.Source
	close       func() error
}

// New makes an Admin that talks over c, and closes c when it is closed. What
// the config brings it leaves open.
func New(c *conn.Conn, config Config) (*Admin, error) {
	whole, err := notify.Config{}.WithDefaults()
	if err != nil {
		return nil, err
	}
	sessions := leases.New(c.ShareReadOnly(), leases.Config{})
	notifier := notify.New(c.Share(), whole)
	a := &Admin{
		reads: c.ShareReadOnly(), writes: c, keys: source.Keys(c.Keys),
		leases: sessions, hasSessions: config.Leases == nil, hints: notifier, announcer: source.New(c.Share()),
	}
	if config.Leases != nil {
		a.leases = config.Leases
	}
	if config.Hints != nil {
		a.hints = config.Hints
	}
	a.close = sync.OnceValue(func() error {
		return errors.Join(sessions.Close(), notifier.Close(), a.announcer.Close(), a.reads.Close(), c.Close())
	})
	return a, nil
}

// inspect asks who holds the names.
func (a *Admin) inspect(ctx context.Context, names []string) ([]ports.InspectResult, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return a.leases.Inspect(ctx, names)
}

// do sends one command.
func do(ctx context.Context, lane *conn.Lane, command string, call func(ctx context.Context, node *redis.Client) error) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return lane.Do(ctx, command, func(node *redis.Client) error { return call(ctx, node) })
}

// Close gives the connections back.
func (a *Admin) Close() error { return a.close() }

// Announce puts assignments on the stream. See ports.Announcer.
func (a *Admin) Announce(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
	return a.announcer.Announce(ctx, assignments)
}

// callTimeout bounds each call to a server: what goes through a million streams
// has no deadline as a whole.
const callTimeout = 10 * time.Second

// run runs a script over what the source keeps.
func (a *Admin) run(ctx context.Context, lane *conn.Lane, script *conn.Script, args ...any) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	all := append([]any{a.writes.Group(), conn.Field}, args...)
	return script.Run(ctx, lane, append(a.keys[:len(a.keys):len(a.keys)], a.writes.CheckpointPrefix()), all...)
}
