package redistest

import (
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"
)

// Sentinel is a master, its replica and one Redis Sentinel that watches them.
type Sentinel struct {
	// Master and Replica are what the servers were at first.
	Master, Replica *Server
	// Watcher is the Sentinel itself.
	Watcher *Server
	// MasterName is what the Sentinel calls the master.
	MasterName string
}

// StartSentinel runs a master, a replica and a Sentinel that fails over alone,
// about a second after the master is gone. The directives go to master and
// replica.
func StartSentinel(t testing.TB, directives ...string) *Sentinel {
	t.Helper()
	sentinel := &Sentinel{MasterName: "streamlease"}
	sentinel.Master = Start(t, directives...)
	sentinel.Replica = StartReplica(t, sentinel.Master, directives...)
	sentinel.Watcher = sentinel.watch(t)
	if err := sentinel.awaitWatch(t); err != nil {
		t.Fatalf("form a Sentinel pair: %v", err)
	}
	return sentinel
}

func (s *Sentinel) watch(t testing.TB) *Server {
	return start(t, []string{"--sentinel"}, func(int) []string {
		name := s.MasterName
		return []string{
			"sentinel monitor " + name + " 127.0.0.1 " + strconv.Itoa(s.Master.Port()) + " 1",
			"sentinel down-after-milliseconds " + name + " 1000",
			"sentinel failover-timeout " + name + " 5000",
		}
	})
}

// awaitWatch waits until the Sentinel knows whom it could promote.
func (s *Sentinel) awaitWatch(t testing.TB) error {
	client := redis.NewSentinelClient(&redis.Options{Addr: s.Watcher.Addr()})
	defer client.Close()
	return eventually(func() (bool, error) {
		replicas, err := client.Replicas(t.Context(), s.MasterName).Result()
		return len(replicas) == 1 && replicas[0]["flags"] == "slave" && replicas[0]["master-link-status"] == "ok", err
	})
}

// Client returns a client that asks the Sentinel who the master is, with what
// change makes of its options. It is closed when t ends.
func (s *Sentinel) Client(t testing.TB, change ...func(*redis.FailoverOptions)) *redis.Client {
	options := &redis.FailoverOptions{MasterName: s.MasterName, SentinelAddrs: []string{s.Watcher.Addr()}}
	for _, apply := range change {
		apply(options)
	}
	client := redis.NewFailoverClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}
