package admin

import (
	"context"
	"errors"
	"sync"

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
	hints         Publisher
	announcer     *source.Source
	close         func() error
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
		leases: sessions, hints: notifier, announcer: source.New(c.Share()),
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

// Close gives the connections back.
func (a *Admin) Close() error { return a.close() }

// Announce puts assignments on the stream. See ports.Announcer.
func (a *Admin) Announce(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
	return a.announcer.Announce(ctx, assignments)
}

// run runs a script over what the source keeps.
func (a *Admin) run(ctx context.Context, lane *conn.Lane, script *conn.Script, args ...any) (any, error) {
	all := append([]any{a.writes.Group(), conn.Field}, args...)
	return script.Run(ctx, lane, append(a.keys[:len(a.keys):len(a.keys)], a.writes.CheckpointPrefix()), all...)
}
