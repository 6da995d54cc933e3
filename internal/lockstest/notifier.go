package lockstest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

var gap = ports.Hint{Kind: ports.HintGap}

func lost(name string) ports.Hint { return ports.Hint{Kind: ports.HintRef, Ref: ref(name)} }

// watcher is a Watch and what it has heard.
type watcher struct {
	t     *testing.T
	mutex sync.Mutex
	hints []ports.Hint
}

func (f *fixture) notifier(keyEvents bool) Notifier {
	f.Helper()
	clients := make([]redis.UniversalClient, len(f.servers))
	for i, server := range f.servers {
		clients[i] = server.Client(f.T)
	}
	notifier, err := f.suite.Notifier(keyEvents, clients...)
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, notifier.Close()) })
	return notifier
}

// watch begins a Watch and returns when it listens to every server.
func (f *fixture) watch(notifier Notifier) *watcher {
	f.Helper()
	w := &watcher{t: f.T}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		ended <- notifier.Watch(ctx, func(hints []ports.Hint) {
			w.mutex.Lock()
			defer w.mutex.Unlock()
			w.hints = append(w.hints, slices.Clone(hints)...)
		})
	}()
	f.Cleanup(func() {
		cancel()
		require.NoError(f, <-ended)
	})
	w.await(gap, len(f.servers))
	return w
}

func (w *watcher) count(hint ports.Hint) (count int) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, heard := range w.hints {
		if heard.WithoutAge() == hint {
			count++
		}
	}
	return count
}

// ageOf is that of the first such hint.
func (w *watcher) ageOf(hint ports.Hint) time.Duration {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, heard := range w.hints {
		if heard.WithoutAge() == hint {
			return heard.Age
		}
	}
	return 0
}

func (w *watcher) await(hint ports.Hint, times int) {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return w.count(hint) >= times }, patience, pause, "%v was not heard %d times", hint, times)
}

func (s Suite) testExpiryHint(t *testing.T) {
	f := s.start(t)
	w := f.watch(f.notifier(false))
	began := time.Now()
	f.acquire(alice, "a", short)
	w.await(lost("a"), 1)
	require.GreaterOrEqual(t, time.Since(began), short)
	t.Logf("a lease of %v was hinted after %v", short, time.Since(began))
	age := w.ageOf(lost("a"))
	require.Positive(t, age)
	require.LessOrEqual(t, age, time.Since(began), "the hint is older than the lease")
	w.await(lost("a"), s.Servers)
	f.awaitFree("a")
	first := time.Now()
	w.await(lost("a"), s.Servers+1)
	require.Greater(t, time.Since(first), time.Second)

	taken := f.acquire(bob, "a", long)
	require.True(t, f.release(taken).Changed)
}

// testOneDeadline gives to several hundred leases the deadline that they get when
// they are renewed in one batch, and takes their locks away. Nobody takes the
// names over, so that a look which begins anew meets the first of them again.
func (s Suite) testOneDeadline(t *testing.T) {
	f := s.start(t)
	const leases = 300
	requests := make([]ports.AcquireRequest, leases)
	for i := range requests {
		requests[i] = opening(fmt.Sprint("lease ", i))
	}
	results, err := f.store.Acquire(f.ctx(), alice, requests, long)
	require.NoError(t, err)
	for i, result := range results {
		require.NoError(t, result.Err, requests[i].Ref.Name)
	}
	for _, server := range f.raw {
		for _, key := range s.IndexKeys {
			if server.Type(f.ctx(), key).Val() == "zset" {
				f.setScores(server, key, float64(time.Now().Add(-time.Minute).UnixMicro()))
			}
		}
		for _, request := range requests {
			require.NoError(t, server.Del(f.ctx(), s.LockKey(request.Ref.Name)).Err())
		}
	}
	began := time.Now()
	w := f.watch(f.notifier(false))
	for _, request := range requests {
		w.await(lost(request.Ref.Name), 1)
	}
	t.Logf("%d leases were hinted after %v", leases, time.Since(began))
}

func (f *fixture) setScores(server *redis.Client, key string, score float64) {
	f.Helper()
	members, err := server.ZRange(f.ctx(), key, 0, -1).Result()
	require.NoError(f, err)
	for _, member := range members {
		require.NoError(f, server.ZAdd(f.ctx(), key, redis.Z{Score: score, Member: member}).Err())
	}
}

// testNoHint waits for the hint of another lease, whose deadline comes later.
func (s Suite) testNoHint(t *testing.T) {
	f := s.start(t)
	w := f.watch(f.notifier(true))
	f.acquire(alice, "live", long)
	released := f.acquire(alice, "released", short)
	require.True(t, f.release(released).Changed)
	renewed := f.acquire(alice, "renewed", short)
	require.NoError(t, f.renew(renewed.Grant, long).Err)
	f.acquire(alice, "later", 2*short)
	w.await(lost("later"), s.Servers)
	for _, name := range []string{"live", "released", "renewed"} {
		require.Zero(t, w.count(lost(name)), name)
	}
}

// testOpeningHint cuts an Acquire off when it has the lock.
func (s Suite) testOpeningHint(t *testing.T) {
	f := s.start(t)
	w := f.watch(f.notifier(false))
	store, wires := f.tapped()
	for _, wire := range wires {
		wire.arm(3, cutBefore)
	}
	results, err := store.Acquire(f.ctx(), alice, []ports.AcquireRequest{opening("a")}, short)
	require.NoError(t, err)
	require.True(t, happened(wires))
	require.Error(t, results[0].Err)
	w.await(lost("a"), 1)
	f.awaitFree("a")
	f.acquire(bob, "a", long)
}

func (s Suite) testKeyEvents(t *testing.T) {
	f := s.start(t)
	notifier := f.notifier(true)
	warnings, err := notifier.Check(f.ctx())
	require.NoError(t, err)
	require.Empty(t, warnings)
	w := f.watch(notifier)
	f.acquire(alice, "a", long)
	require.Eventually(t, func() bool {
		// The subscription may come after the first expiry.
		f.everywhere(func(raw *redis.Client) {
			raw.Set(f.ctx(), s.LockKey("a"), "x", time.Millisecond)
			raw.Exists(f.ctx(), s.LockKey("a")) // touched, it expires now
		})
		return w.count(lost("a")) > 0
	}, patience, 20*time.Millisecond)
}

func (s Suite) testFlags(t *testing.T) {
	f := s.start(t, "notify-keyspace-events Kg")
	_, err := f.notifier(true).Check(f.ctx())
	require.NoError(t, err)
	f.everywhere(func(raw *redis.Client) {
		flags := raw.ConfigGet(f.ctx(), "notify-keyspace-events").Val()["notify-keyspace-events"]
		for _, flag := range "KgExe" {
			require.Contains(t, flags, string(flag))
		}
	})
	f.everywhere(func(raw *redis.Client) {
		require.NoError(t, raw.ConfigSet(f.ctx(), "notify-keyspace-events", "").Err())
	})
	_, err = f.notifier(false).Check(f.ctx())
	require.NoError(t, err)
	f.everywhere(func(raw *redis.Client) {
		require.Empty(t, raw.ConfigGet(f.ctx(), "notify-keyspace-events").Val()["notify-keyspace-events"], "nobody asked for it")
	})
}

func (s Suite) testNoConfig(t *testing.T) {
	f := s.start(t)
	f.everywhere(func(raw *redis.Client) {
		require.NoError(t, raw.Do(f.ctx(), "ACL", "SETUSER", "default", "-config").Err())
	})
	notifier := f.notifier(true)
	warnings, err := notifier.Check(f.ctx())
	require.NoError(t, err)
	require.Len(t, warnings, s.Servers)
	require.Contains(t, warnings[0], "notify-keyspace-events")
	w := f.watch(notifier)
	f.acquire(alice, "a", short)
	w.await(lost("a"), 1)
}

func (s Suite) testPublish(t *testing.T) {
	f := s.start(t)
	first, second := f.watch(f.notifier(false)), f.watch(f.notifier(true))
	hint := ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: "nul\x00and :colon"}}
	require.NoError(t, f.notifier(false).Publish(f.ctx(), []ports.Hint{hint}))
	for _, w := range []*watcher{first, second} {
		w.await(hint, s.Servers)
	}
	if s.Servers == 1 {
		return
	}
	f.servers[0].Kill9()
	require.NoError(t, f.notifier(false).Publish(f.ctx(), []ports.Hint{hint}), "a majority is enough")
	first.await(hint, 2*s.Servers-1)
}
