package goredis

import (
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/goredis/internal/checkpoints"
	"github.com/streamlease/streamlease/adapters/goredis/internal/leases"
	"github.com/streamlease/streamlease/adapters/goredis/internal/notify"
	"github.com/streamlease/streamlease/adapters/goredis/internal/source"
	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// New makes the ports of a service, which share their connections. It
// does not talk to the server. A service's name is non-empty valid UTF-8 of at
// most 1 KiB without '}'; that, and a client that cannot be copied, is
// ports.ErrInvalid.
//
// streamlease.Client closes the ports; whoever uses them without one closes
// each.
func New(client redis.UniversalClient, service string) (ports.Set, error) {
	config, err := notify.Config{}.WithDefaults()
	if err != nil {
		return ports.Set{}, err
	}
	c, err := open(client, service)
	if err != nil {
		return ports.Set{}, err
	}
	return ports.Set{
		Source:      &Source{source.New(c)},
		Leases:      &Leases{leases.New(c.Share(), leases.Config{})},
		Notifier:    &Notifier{notify.New(c.Share(), config)},
		Checkpoints: &Checkpoints{checkpoints.New(c.Share())},
	}, nil
}

// Source is the stream source of a service: a ports.StreamSource,
// ports.Announcer, ports.Checker and io.Closer. It may be used concurrently.
type Source struct{ *source.Source }

// NewSource makes the stream source alone; see New.
func NewSource(client redis.UniversalClient, service string) (*Source, error) {
	c, err := open(client, service)
	if err != nil {
		return nil, err
	}
	return &Source{source.New(c)}, nil
}

// Leases is the lease store of a service, with one grant for each member: a
// ports.LeaseStore, ports.Checker and io.Closer. It may be used concurrently.
type Leases struct{ *leases.Store }

// LeaseConfig is what a lease store may be told. The zero value is fit for a
// single server, and for those to whom fencing tokens are enough.
type LeaseConfig struct {
	// Replicas is how many replicas must have a lease before it counts, so
	// that a failover to one of them does not undo it: an Acquire or a Renew
	// is answered when Redis' WAIT has said so, and its outcome is unknown
	// when WAIT has not within three quarters of the call's time. While fewer
	// replicas are there nothing is leased and nothing is renewed: members
	// give up what they own when its validity ends. So have one replica more
	// than you ask for; and see docs/failure-semantics.md, Failover, for what
	// this does not promise. Each call takes a round trip to a replica longer.
	// Defaults to 0: the server's own word is enough.
	Replicas int
}

// Validate reports mistakes; the error wraps ports.ErrInvalid.
func (c LeaseConfig) Validate() error {
	if c.Replicas < 0 {
		return fmt.Errorf("%w lease config: Replicas is %d; it must not be negative", ports.ErrInvalid, c.Replicas)
	}
	return nil
}

// NewLeases makes the lease store alone; see New.
func NewLeases(client redis.UniversalClient, service string, config LeaseConfig) (*Leases, error) {
	if err := config.Validate(); err != nil {
		return nil, err
	}
	c, err := open(client, service)
	if err != nil {
		return nil, err
	}
	return &Leases{leases.New(c, leases.Config{Replicas: config.Replicas})}, nil
}

// NotifierConfig is what a Notifier may be told. The zero value is fit.
type NotifierConfig struct {
	// PollEvery is the longest time between two looks at the index of the
	// sessions' deadlines. The notifier looks anyhow at the moment when the
	// next session it knows of is due, so a longer time only delays word of
	// sessions with a TTL shorter than this. Each look costs the server some
	// ten microseconds. Defaults to 1 s; choose no more than the TTL.
	PollEvery time.Duration
	// PingAfter is how long the subscription may be silent before the server
	// is asked whether it is still there, and how long it may then take to
	// answer. Defaults to 5 s.
	PingAfter time.Duration
}

// Validate reports every mistake at once; the error wraps ports.ErrInvalid.
func (c NotifierConfig) Validate() error {
	_, err := notify.Config(c).WithDefaults()
	return err
}

// Notifier is the expiry notifier of a service whose leases are in Leases: a
// ports.ExpiryNotifier, ports.Checker and io.Closer. It may be used
// concurrently.
type Notifier struct{ *notify.Notifier }

// NewNotifier makes the notifier alone; see New.
func NewNotifier(client redis.UniversalClient, service string, config NotifierConfig) (*Notifier, error) {
	whole, err := notify.Config(config).WithDefaults()
	if err != nil {
		return nil, err
	}
	c, err := open(client, service)
	if err != nil {
		return nil, err
	}
	return &Notifier{notify.New(c, whole)}, nil
}

// Checkpoints keeps how far a service's streams were processed: a
// ports.Checkpoints, ports.Checker and io.Closer. It may be used concurrently.
type Checkpoints struct{ *checkpoints.Store }

// NewCheckpoints makes the checkpoints alone; see New.
func NewCheckpoints(client redis.UniversalClient, service string) (*Checkpoints, error) {
	c, err := open(client, service)
	if err != nil {
		return nil, err
	}
	return &Checkpoints{checkpoints.New(c)}, nil
}

func open(client redis.UniversalClient, service string) (*conn.Conn, error) {
	c, err := conn.Open(client, service)
	if err != nil {
		return nil, fmt.Errorf("open service %.100q on Redis: %w", service, err)
	}
	return c, nil
}
