package lockstore

import (
	"context"
	"errors"
	"fmt"
	"math"
	"sync"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/adapters/internal/quorum"
	"github.com/streamlease/streamlease/ports"
)

// Store is a ports.LeaseStore with one grant for each lease. It is an io.Closer
// and a ports.Checker too. Its methods may be called concurrently.
type Store struct {
	servers []*lockindex.Index
	locks   Locks
	close   func() error
}

// New makes a store of the locks on these servers, and closes the connections
// of the servers' indexes when it is closed.
func New(servers []*lockindex.Index, locks Locks) *Store {
	return &Store{
		servers: servers,
		locks:   locks,
		close: sync.OnceValue(func() error {
			var errs []error
			for _, server := range servers {
				errs = append(errs, server.Close())
			}
			return errors.Join(errs...)
		}),
	}
}

// Shape is ports.GrantPerLease.
func (s *Store) Shape() ports.GrantShape { return ports.GrantPerLease }

// Close gives the connections back.
func (s *Store) Close() error { return s.close() }

// Check looks at every server: version, role, eviction policy, the rights of
// the user and the types of the store's keys. On a quorum a minority that
// cannot be used is a warning. See ports.Checker.
func (s *Store) Check(ctx context.Context) ([]string, error) {
	type checked struct {
		warnings []string
		err      error
	}
	answers := quorum.Each(len(s.servers), func(server int) checked {
		warnings, err := s.servers[server].Check(ctx)
		return checked{warnings, err}
	}, func(c checked) bool { return c.err == nil }, checked{err: errLate})
	var warnings []string
	var errs []error
	for server, answer := range answers {
		warnings = append(warnings, answer.warnings...)
		if answer.err != nil {
			errs = append(errs, answer.err)
			warnings = append(warnings, fmt.Sprintf("Server %d of the quorum cannot be used: %v.", server+1, answer.err))
		}
	}
	good := len(s.servers) - len(errs)
	if good >= quorum.Majority(len(s.servers)) {
		return warnings, nil
	}
	return nil, failure(len(s.servers), good, errs)
}

// lock is the library's lock for a grant. Every server uses the same key.
func (s *Store) lock(grant ports.GrantID, name string, ttl time.Duration) Lock {
	return Lock{Key: s.servers[0].LockKey(name), Value: grant.String(), TTL: millisecondsOf(ttl)}
}

// locksPerTrip bounds what stands in the buffers of one round trip.
const locksPerTrip = 500

// inTrips does something with locks in parts, one after the other.
func inTrips(ctx context.Context, locks []Lock, do func(context.Context, []Lock) []error) []error {
	errs := make([]error, 0, len(locks))
	for start := 0; start < len(locks); start += locksPerTrip {
		errs = append(errs, do(ctx, locks[start:min(start+locksPerTrip, len(locks))])...)
	}
	return errs
}

// whole is the tally of a grant with its one lease.
var whole = ports.Tally{Change: 1, Count: 1}

// checkTTL: a lease without an end, or one that ends before it begins, is none.
func checkTTL(ttl time.Duration) error {
	if ttl <= 0 || ttl > math.MaxInt64-time.Millisecond {
		return fmt.Errorf("%w: a lease of %v; its TTL must be positive", ports.ErrInvalid, ttl)
	}
	return nil
}

// invalid is the definite no to arguments that break the rules; no server was
// asked.
func invalid(command string, err error) error {
	return &ports.RefusedError{Command: command, Advice: "correct the caller", Lasting: true, Cause: err}
}
