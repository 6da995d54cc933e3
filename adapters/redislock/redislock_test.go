package redislock_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/adapters/redislock"
	"github.com/streamlease/streamlease/internal/lockstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lockKey is what Inspect relies on, beside the index of the adapter.
func lockKey(name string) string { return "{orders-input}:redislock:lock:" + name }

var suite = lockstest.Suite{
	Servers: 1,
	Open: func(clients ...redis.UniversalClient) (lockstest.Store, error) {
		return redislock.NewLeases(clients[0], "orders")
	},
	Notifier: func(keyEvents bool, clients ...redis.UniversalClient) (lockstest.Notifier, error) {
		return redislock.NewNotifier(clients[0], "orders", redislock.NotifierConfig{PollEvery: 20 * time.Millisecond, KeyEvents: keyEvents})
	},
	LockKey: lockKey,
	IndexKeys: []string{
		"{orders-input}:redislock:grants", "{orders-input}:redislock:names",
		"{orders-input}:redislock:deadlines", "{orders-input}:redislock:openings",
	},
}

func TestLeases(t *testing.T) { suite.Run(t) }
