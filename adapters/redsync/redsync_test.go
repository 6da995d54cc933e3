package redsync_test

import (
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/adapters/redsync"
	"github.com/streamlease/streamlease/internal/lockstest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// lockKey is what Inspect relies on, beside the index of the adapter.
func lockKey(name string) string { return "{orders-input}:redsync:lock:" + name }

func suiteOn(servers int) lockstest.Suite {
	return lockstest.Suite{
		Servers: servers,
		Open: func(clients ...redis.UniversalClient) (lockstest.Store, error) {
			return redsync.NewLeases("orders", clients...)
		},
		Notifier: func(keyEvents bool, clients ...redis.UniversalClient) (lockstest.Notifier, error) {
			return redsync.NewNotifier("orders", redsync.NotifierConfig{PollEvery: 20 * time.Millisecond, KeyEvents: keyEvents}, clients...)
		},
		LockKey: lockKey,
		IndexKeys: []string{
			"{orders-input}:redsync:grants", "{orders-input}:redsync:names",
			"{orders-input}:redsync:deadlines", "{orders-input}:redsync:openings",
		},
	}
}

func TestLeasesOnOneServer(t *testing.T) { suiteOn(1).Run(t) }

func TestLeasesOnAQuorum(t *testing.T) { suiteOn(3).Run(t) }
