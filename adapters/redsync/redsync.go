package redsync

import (
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/adapters/internal/lockstore"
	"github.com/streamlease/streamlease/ports"
)

// kind stands in the keys.
const kind = "redsync"

// Leases is the lease store of a service, with one grant for each lease: a
// ports.LeaseStore, ports.Checker and io.Closer. It may be used concurrently.
type Leases struct{ *lockstore.Store }

// NewLeases makes the lease store of a service, on one server, or on a quorum
// of at least three that are independent of each other (no replicas of one
// another). All members must name the same servers. An odd number is best: a
// fourth server makes a majority harder to reach and no loss easier to bear. It
// does not talk to the servers. A service's name is non-empty valid UTF-8 of at
// most 1 KiB without '}'; that, no server or two, and a client that cannot be
// copied, is ports.ErrInvalid.
func NewLeases(service string, clients ...redis.UniversalClient) (*Leases, error) {
	servers, err := open(service, clients, conn.Open)
	if err != nil {
		return nil, err
	}
	return &Leases{lockstore.New(servers, locks{servers})}, nil
}

// opening is conn.Open or conn.OpenReadOnly.
type opening func(redis.UniversalClient, string) (*conn.Conn, error)

func open(service string, clients []redis.UniversalClient, openOne opening) (servers []*lockindex.Index, err error) {
	if len(clients) == 0 || len(clients) == 2 {
		return nil, fmt.Errorf("%w: %d servers; hand in one, or at least three, so that a majority outlives the loss of one", ports.ErrInvalid, len(clients))
	}
	for _, client := range clients {
		c, err := openOne(client, service)
		if err != nil {
			return nil, errors.Join(fmt.Errorf("open service %.100q on Redis: %w", service, err), closeAll(servers))
		}
		servers = append(servers, lockindex.New(c, kind))
	}
	return servers, nil
}

func closeAll(servers []*lockindex.Index) error {
	var errs []error
	for _, server := range servers {
		errs = append(errs, server.Close())
	}
	return errors.Join(errs...)
}
