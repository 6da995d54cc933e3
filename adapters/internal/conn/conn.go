package conn

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/redis/go-redis/v9"
)

// Conn is a service's way to its Redis. Its methods may be called
// concurrently.
type Conn struct {
	Keys
	// Database is the index of the database.
	Database int
	// Blocking is for calls that wait in the server.
	Blocking *Lane
	// Renewals is for renewals and heartbeats, which wait behind nothing.
	Renewals *Lane
	// Rest is for all other calls.
	Rest *Lane

	derive     deriver
	references *atomic.Int64
	closed     atomic.Bool
}

// Open derives the lanes from a copy of the client's options. The client may
// be a *redis.Client (a failover client too), a *redis.ClusterClient or a
// *redis.Ring; any other, and a service name that breaks the rules of NewKeys,
// is core.ErrInvalid. Open does not talk to the server. The client is left
// alone and never closed; it must stay open when it is a failover client,
// because it finds the master for the derived ones.
func Open(client redis.UniversalClient, service string) (*Conn, error) {
	keys, err := NewKeys(service)
	if err != nil {
		return nil, err
	}
	derive, err := deriverOf(client)
	if err != nil {
		return nil, err
	}
	lasting := context.Background()
	references := &atomic.Int64{}
	references.Store(1)
	return &Conn{
		Keys:       keys,
		Database:   derive.database,
		Blocking:   derive.lane(keys, lasting),
		Renewals:   derive.lane(keys, lasting),
		Rest:       derive.lane(keys, lasting),
		derive:     derive,
		references: references,
	}, nil
}

// Share returns another handle on the same lanes, which has to be closed too.
// Call it on an open handle only.
func (c *Conn) Share() *Conn {
	c.references.Add(1)
	return &Conn{
		Keys: c.Keys, Database: c.Database,
		Blocking: c.Blocking, Renewals: c.Renewals, Rest: c.Rest,
		derive: c.derive, references: c.references,
	}
}

// LaneUntil derives one more lane, for a caller who must be free of it the
// moment ctx ends: its connections are cut then, whatever they wait for. The
// caller closes it.
func (c *Conn) LaneUntil(ctx context.Context) *Lane {
	return c.derive.lane(c.Keys, ctx)
}

// Close gives the handle back. The last handle to be closed closes the lanes;
// calls under way fail then. Closing a handle again does nothing.
func (c *Conn) Close() error {
	if c.closed.Swap(true) || c.references.Add(-1) > 0 {
		return nil
	}
	return errors.Join(c.Blocking.Close(), c.Renewals.Close(), c.Rest.Close())
}
