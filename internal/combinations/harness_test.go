package combinations_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/conformance"
	"github.com/streamlease/streamlease/internal/examined"
	"github.com/streamlease/streamlease/internal/testsize"
	"github.com/streamlease/streamlease/ports"
)

// ttl is that of members that lose streams. It leaves a slow machine time for
// calls: a member trusts those only that take less than a twelfth of it.
const ttl = 3 * time.Second

// patience bounds what an operator asks a server.
const patience = time.Minute

// servers are the Redis servers of a combination, as a program would have them.
type servers struct {
	// clients are those of one process: one, and two more for a quorum.
	clients func() []redis.UniversalClient
	// operators are allowed to do anything on each of them.
	operators []redis.UniversalClient
}

// combination is three ports by name, and its harness.
type combination struct {
	source, leases, notifier string
	servers                  *servers // nil: all is in memory
}

// services numbers the services of all tests: each has keys of its own.
var services atomic.Int64

func (c combination) String() string {
	return fmt.Sprintf("%s source, %s leases, %s notifier", c.source, c.leases, c.notifier)
}

// IsInProcess implements conformance.InProcess.
func (c combination) IsInProcess() bool { return c.servers == nil }

func (c combination) Limits() conformance.CombinationLimits {
	return conformance.CombinationLimits{
		Limits:  conformance.Limits{SmallestTTL: ttl},
		Streams: testsize.Pick(6, 100),
	}
}

func (c combination) Open() (conformance.CombinationInstance, error) {
	shared, err := memory.New(memory.Config{})
	if err != nil {
		return nil, err
	}
	s := &service{combination: c, name: fmt.Sprintf("service %d", services.Add(1)), memory: shared}
	if c.leases != "memory" { // then the notifier has no leases to look after
		s.memory.Notifier, err = memory.NewNotifier(memory.Config{}, nil)
	}
	if c.source == "goredis" {
		return &redisService{s}, err
	}
	return s, err
}

// service is one service, whose stores have its name.
type service struct {
	combination
	name   string
	memory *memory.Service

	mu   sync.Mutex
	ends []func() error
}

// client is one process's way to the servers.
func (s *service) client() []redis.UniversalClient {
	clients := s.servers.clients()
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, client := range clients {
		s.ends = append(s.ends, client.Close)
	}
	return clients
}

func (s *service) Ports() (ports.Set, error) {
	var set ports.Set
	var clients []redis.UniversalClient
	if s.servers != nil {
		clients = s.client()
	}
	var errs [3]error
	set.Source, errs[0] = sources[s.source](s, clients)
	set.Leases, errs[1] = leaseStores[s.leases](s, clients)
	set.Notifier, errs[2] = notifiers[s.notifier](s, clients)
	return set, errors.Join(errs[:]...)
}

// Quarantine is that of the memory source.
func (s *service) Quarantine() ([]conformance.Quarantined, error) {
	var listed []conformance.Quarantined
	for _, one := range s.memory.Source.Quarantine() {
		found := conformance.Quarantined{Ref: one.Ref, Reason: one.Reason, Failures: one.Failures, Crashes: one.Crashes}
		for _, ending := range one.Endings {
			found.Endings = append(found.Endings, ending.Reason)
		}
		listed = append(listed, found)
	}
	return listed, nil
}

func (s *service) Close() error {
	var errs []error
	for _, end := range slices.Backward(s.ends) {
		errs = append(errs, end())
	}
	return errors.Join(errs...)
}

// Flush removes what the service has, and nothing of the others.
func (s *service) Flush() error {
	s.memory.Source.Flush()
	s.memory.Leases.Flush()
	if s.servers == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	var errs []error
	for _, client := range s.servers.operators {
		errs = append(errs, removeKeys(ctx, client, s.name))
	}
	return errors.Join(errs...)
}

// redisService is a service whose source is on Redis.
type redisService struct{ *service }

func (s *redisService) Quarantine() ([]conformance.Quarantined, error) {
	return examined.Quarantine(s.servers.operators[0], "{"+s.name+"-input}:quarantine")
}

// Poisons are those of the payload; a few megabytes each are for the source's
// own examination.
func (s *redisService) Poisons() []conformance.Poison {
	poisons := conformance.Poisons(func(payload string) (string, error) {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		return s.servers.operators[0].XAdd(ctx, &redis.XAddArgs{Stream: s.name + "-input", Values: []string{"lbs-input", payload}}).Result()
	})
	return poisons[:len(poisons)-1]
}

// removeKeys removes what begins with the service's name from every server.
func removeKeys(ctx context.Context, client redis.UniversalClient, service string) error {
	remove := func(ctx context.Context, node *redis.Client) error {
		for _, pattern := range []string{"{" + service + "-input}:*", service + "-input"} {
			keys, err := node.Keys(ctx, pattern).Result()
			if err != nil || len(keys) == 0 {
				if err != nil {
					return err
				}
				continue
			}
			if err := node.Del(ctx, keys...).Err(); err != nil {
				return err
			}
		}
		return nil
	}
	switch client := client.(type) {
	case *redis.ClusterClient:
		return client.ForEachMaster(ctx, remove)
	case *redis.Client:
		return remove(ctx, client)
	}
	return fmt.Errorf("no way to remove keys through a %T", client)
}
