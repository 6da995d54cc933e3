package combinations_test

import (
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
	"no": func(*service, []redis.UniversalClient) (ports.ExpiryNotifier, error) { return nil, nil },
}
