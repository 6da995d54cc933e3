package redislock

import (
	"context"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/doctor"
	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/adapters/internal/lockstore"
	"github.com/streamlease/streamlease/ports"
)

// Inspector says who holds which names, for operators: what goredis.Admin wants
// to know of a service whose leases are here. It only reads, and a user with
// read rights is enough for it. It may be used concurrently.
type Inspector struct {
	store   *lockstore.Store
	servers []*lockindex.Index
}

// NewInspector makes an Inspector of the leases that NewLeases makes of the same
// arguments.
func NewInspector(client redis.UniversalClient, service string) (*Inspector, error) {
	c, err := conn.OpenReadOnly(client, service)
	if err != nil {
		return nil, fmt.Errorf("open service %.100q on Redis: %w", service, err)
	}
	index := lockindex.New(c, kind)
	servers := []*lockindex.Index{index}
	return &Inspector{lockstore.New(servers, locks{index}), servers}, nil
}

// Inspect says who holds the names. See ports.LeaseStore.
func (i *Inspector) Inspect(ctx context.Context, names []string) ([]ports.InspectResult, error) {
	return i.store.Inspect(ctx, names)
}

// Finding is what was found out about a server.
type Finding = doctor.Finding

// Examine says what each server guarantees to the leases on it, and whether a
// user may do there what a member does; an empty name is the user of the
// connection. It only looks.
func (i *Inspector) Examine(ctx context.Context, user string) (findings []Finding) {
	for _, server := range i.servers {
		findings = append(findings, server.Examine(ctx, user)...)
	}
	return findings
}

// Close gives the connections back.
func (i *Inspector) Close() error { return i.store.Close() }
