package leases

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// Sizes of what goes into one run of a script, so that none holds the server
// for more than a few milliseconds. A larger batch is cut, and its parts go in
// one round trip.
const (
	requestsPerRun = 200
	grantsPerRun   = 500
	largestPage    = 1000
	// pageBytes ends a page of leases early when their names are long.
	pageBytes = 1 << 20
)

// Store is a ports.LeaseStore with one grant for each member: its session. It
// is an io.Closer and a ports.Checker too. Its methods may be called
// concurrently.
type Store struct {
	conn *conn.Conn
	// acquires and renewals are lanes whose answers are worth what Config.Replicas
	// asks for.
	acquires, renewals *conn.Lane
	replicas           int
	// keys are what every script begins with; see session.lua.
	keys  []string
	close func() error
}

// Config is what a Store may be told.
type Config struct {
	// Replicas is how many replicas must have an Acquire or a Renew before it
	// counts. A Release needs none: whatever replicas have of later calls, they
	// have it too.
	Replicas int
}

// New makes a store that talks over c, and closes c when it is closed.
func New(c *conn.Conn, config Config) *Store {
	return &Store{
		conn:     c,
		acquires: c.Rest.Acknowledged(config.Replicas),
		renewals: c.Renewals.Acknowledged(config.Replicas),
		replicas: config.Replicas,
		keys:     []string{c.Sessions(), c.SessionStates(), c.Leases(), c.SessionPrefix()},
		close:    sync.OnceValue(c.Close),
	}
}

// Shape is ports.GrantPerMember.
func (s *Store) Shape() ports.GrantShape { return ports.GrantPerMember }

// Close gives the connections back.
func (s *Store) Close() error { return s.close() }

// Rights are the commands inside the scripts of the store.
var Rights = [][]any{
	{"TIME"},
	{"ZADD", conn.ProbeKey, 1, "x"}, {"ZREM", conn.ProbeKey, "x"}, {"ZSCORE", conn.ProbeKey, "x"}, {"ZCARD", conn.ProbeKey},
	{"ZRANGE", conn.ProbeKey, 0, 0},
	{"HGET", conn.ProbeKey, "x"}, {"HMGET", conn.ProbeKey, "x"}, {"HEXISTS", conn.ProbeKey, "x"},
	{"HSET", conn.ProbeKey, "x", "x"}, {"HSETNX", conn.ProbeKey, "x", "x"}, {"HDEL", conn.ProbeKey, "x"},
	{"GET", conn.ProbeKey}, {"SET", conn.ProbeKey, "x"},
}

// Check looks at the server, at the rights of the user and at the types of the
// store's keys. See ports.Checker.
func (s *Store) Check(ctx context.Context) ([]string, error) {
	warnings, err := s.conn.CheckServer(ctx)
	if err != nil {
		return warnings, err
	}
	if err := s.conn.CheckRights(ctx, Rights); err != nil {
		return warnings, err
	}
	if s.replicas > 0 {
		more, err := s.conn.CheckReplicas(ctx, s.replicas)
		warnings = append(warnings, more...)
		if err != nil {
			return warnings, err
		}
	}
	return warnings, s.conn.CheckTypes(ctx, Types(s.conn.Keys))
}

// Types are those of the store's keys.
func Types(k conn.Keys) map[string]string {
	return map[string]string{
		k.Sessions():      "zset",
		k.SessionStates(): "hash",
		k.Leases():        "hash",
		k.TokenCounter():  "string",
	}
}

// micros is the scripts' unit.
func micros(ttl time.Duration) (int64, error) {
	if ttl <= 0 {
		return 0, fmt.Errorf("%w: a lease of %v; its TTL must be positive", ports.ErrInvalid, ttl)
	}
	return conn.Microseconds(ttl), nil
}

// invalid is the definite no to a name that breaks the rules; the store was
// not asked.
func invalid(command string, err error) error {
	return &ports.RefusedError{Command: command, Advice: "correct the caller", Lasting: true, Cause: err}
}
