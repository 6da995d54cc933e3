package redislock

import (
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/adapters/internal/lockstore"
)

// kind stands in the keys.
const kind = "redislock"

// Leases is the lease store of a service, with one grant for each lease: a
// ports.LeaseStore, ports.Checker and io.Closer. It may be used concurrently.
type Leases struct{ *lockstore.Store }

// NewLeases makes the lease store of a service. It does not talk to the server.
// A service's name is non-empty valid UTF-8 of at most 1 KiB without '}'; that,
// and a client that cannot be copied, is ports.ErrInvalid.
func NewLeases(client redis.UniversalClient, service string) (*Leases, error) {
	index, err := open(client, service)
	if err != nil {
		return nil, err
	}
	return &Leases{lockstore.New([]*lockindex.Index{index}, locks{index})}, nil
}

func open(client redis.UniversalClient, service string) (*lockindex.Index, error) {
	c, err := conn.Open(client, service)
	if err != nil {
		return nil, fmt.Errorf("open service %.100q on Redis: %w", service, err)
	}
	return lockindex.New(c, kind), nil
}
