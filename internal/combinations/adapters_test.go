package combinations_test

import (
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/adapters/redislock"
	"github.com/streamlease/streamlease/adapters/redsync"
	"github.com/streamlease/streamlease/ports"
)

// What the ports of one more process are made of, by the names of adapters.

var sources = map[string]func(*service, []redis.UniversalClient) (ports.StreamSource, error){
	"memory": func(s *service, _ []redis.UniversalClient) (ports.StreamSource, error) { return s.memory.Source, nil },
	"goredis": func(s *service, clients []redis.UniversalClient) (ports.StreamSource, error) {
		return goredis.NewSource(clients[0], s.name)
	},
}

var leaseStores = map[string]func(*service, []redis.UniversalClient) (ports.LeaseStore, error){
	"memory": func(s *service, _ []redis.UniversalClient) (ports.LeaseStore, error) { return s.memory.Leases, nil },
	"goredis": func(s *service, clients []redis.UniversalClient) (ports.LeaseStore, error) {
		return goredis.NewLeases(clients[0], s.name, goredis.LeaseConfig{})
	},
	"redsync": func(s *service, clients []redis.UniversalClient) (ports.LeaseStore, error) {
		return redsync.NewLeases(s.name, clients[0])
	},
	"redsync quorum": func(s *service, clients []redis.UniversalClient) (ports.LeaseStore, error) {
		return redsync.NewLeases(s.name, clients...)
	},
	"redislock": func(s *service, clients []redis.UniversalClient) (ports.LeaseStore, error) {
		return redislock.NewLeases(clients[0], s.name)
	},
}

var notifiers = map[string]func(*service, []redis.UniversalClient) (ports.ExpiryNotifier, error){
	"memory": func(s *service, _ []redis.UniversalClient) (ports.ExpiryNotifier, error) {
		return s.memory.Notifier, nil
	},
	"goredis": func(s *service, clients []redis.UniversalClient) (ports.ExpiryNotifier, error) {
		return goredis.NewNotifier(clients[0], s.name, goredis.NotifierConfig{})
	},
	"deadline index": func(s *service, clients []redis.UniversalClient) (ports.ExpiryNotifier, error) {
		return lockNotifier(s, clients, false)
	},
	"keyspace": func(s *service, clients []redis.UniversalClient) (ports.ExpiryNotifier, error) {
		return lockNotifier(s, clients, true)
	},
	"no": func(*service, []redis.UniversalClient) (ports.ExpiryNotifier, error) { return nil, nil },
}

// notifiersBeside are those that make sense beside a lease store. A notifier in
// memory serves the members of one process whatever their leases are; those on
// Redis find what expired where the leases are their own.
func notifiersBeside(leases string) []string {
	switch leases {
	case "memory", "goredis":
		return []string{"memory", "goredis", "no"}
	default:
		return []string{"memory", "deadline index", "keyspace", "no"}
	}
}

// lockNotifier is the notifier of a store that keeps one lock for each lease.
func lockNotifier(s *service, clients []redis.UniversalClient, keyEvents bool) (ports.ExpiryNotifier, error) {
	switch s.leases {
	case "redislock":
		return redislock.NewNotifier(clients[0], s.name, redislock.NotifierConfig{KeyEvents: keyEvents})
	case "redsync":
		return redsync.NewNotifier(s.name, redsync.NotifierConfig{KeyEvents: keyEvents}, clients[0])
	case "redsync quorum":
		return redsync.NewNotifier(s.name, redsync.NotifierConfig{KeyEvents: keyEvents}, clients...)
	default:
		return nil, fmt.Errorf("%s leases have no notifier of locks", s.leases)
	}
}
