package notify_test

import (
	"context"
	"crypto/rand"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/adapters/goredis/internal/leases"
	"github.com/streamlease/streamlease/adapters/goredis/internal/notify"
	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var (
	_ ports.ExpiryNotifier = (*notify.Notifier)(nil)
	_ ports.Checker        = (*notify.Notifier)(nil)
)

const (
	patience = time.Minute
	long     = time.Hour
	short    = 100 * time.Millisecond
)

var (
	alice = ports.Member{ID: "alice", Incarnation: "a"}
	gap   = ports.Hint{Kind: ports.HintGap}
)

type fixture struct {
	t        *testing.T
	server   *redistest.Server
	raw      *redis.Client
	keys     conn.Keys
	notifier *notify.Notifier
	leases   *leases.Store
}

func start(t *testing.T, directives ...string) *fixture {
	server := redistest.Start(t, directives...)
	f := &fixture{t: t, server: server, raw: server.Client(t)}
	c, err := conn.Open(f.raw, "orders")
	require.NoError(t, err)
	f.keys = c.Keys
	f.leases = leases.New(c.Share(), leases.Config{})
	f.notifier = notify.New(c, notify.Config{PollEvery: 20 * time.Millisecond, PingAfter: time.Second})
	t.Cleanup(func() {
		require.NoError(t, f.leases.Close())
		require.NoError(t, f.notifier.Close())
	})
	return f
}

func (f *fixture) ctx() context.Context {
	ctx, cancel := context.WithTimeout(f.t.Context(), patience)
	f.t.Cleanup(cancel)
	return ctx
}

// open makes a session with leases on names.
func (f *fixture) open(ttl time.Duration, names ...string) (grant ports.GrantID) {
	f.t.Helper()
	_, _ = rand.Read(grant[:])
	for i, name := range names {
		results, err := f.leases.Acquire(f.ctx(), alice, []ports.AcquireRequest{
			{Ref: ports.StreamRef{Name: name, MessageID: "1-1"}, Grant: grant, Open: i == 0},
		}, ttl)
		require.NoError(f.t, err)
		require.NoError(f.t, results[0].Err)
	}
	return grant
}

// watcher collects what one Watch delivers.
type watcher struct {
	t     *testing.T
	stop  context.CancelFunc
	ended chan struct{}
	err   error

	mutex sync.Mutex
	hints []ports.Hint
}

func watch(t *testing.T, notifier *notify.Notifier) *watcher {
	ctx, cancel := context.WithCancel(context.Background())
	w := &watcher{t: t, stop: cancel, ended: make(chan struct{})}
	go func() {
		defer close(w.ended)
		w.err = notifier.Watch(ctx, func(hints []ports.Hint) {
			w.mutex.Lock()
			defer w.mutex.Unlock()
			w.hints = append(w.hints, hints...)
		})
	}()
	t.Cleanup(func() {
		cancel()
		<-w.ended
	})
	return w
}

// heard is all that was heard, without ages.
func (w *watcher) heard() (heard []ports.Hint) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, hint := range w.hints {
		heard = append(heard, hint.WithoutAge())
	}
	return heard
}

// ages are those of what was heard with this hint.
func (w *watcher) ages(hint ports.Hint) (ages []time.Duration) {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for _, heard := range w.hints {
		if heard.WithoutAge() == hint {
			ages = append(ages, heard.Age)
		}
	}
	return ages
}

func (w *watcher) count(hint ports.Hint) (count int) {
	for _, heard := range w.heard() {
		if heard == hint {
			count++
		}
	}
	return count
}

func (w *watcher) await(hint ports.Hint) {
	w.t.Helper()
	w.awaitTimes(hint, 1)
}

func (w *watcher) awaitTimes(hint ports.Hint, times int) {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return w.count(hint) >= times }, patience, time.Millisecond,
		"hint %.100q was not heard %d times", hint.String(), times)
}
