package notify_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/adapters/goredis/internal/conn"
	"github.com/streamlease/streamlease/adapters/goredis/internal/leases"
	"github.com/streamlease/streamlease/adapters/goredis/internal/notify"
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
	f.leases = leases.New(c.Share())
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

func (w *watcher) heard() []ports.Hint {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return slices.Clone(w.hints)
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

func TestAGapComesWithTheFirstConnection(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	w.await(gap)
	require.Equal(t, []ports.Hint{gap}, w.heard())
}

func TestPublishReachesEveryWatchTheCallersOwnIncludedAsItIs(t *testing.T) {
	f := start(t)
	var grant ports.GrantID
	_, _ = rand.Read(grant[:])
	hints := []ports.Hint{
		{Kind: ports.HintName, Ref: ports.StreamRef{Name: "a:b\x00<&>\n\"'*"}},
		{Kind: ports.HintRef, Ref: ports.StreamRef{Name: "ключ ", MessageID: "1-1"}},
		{Kind: ports.HintGrant, Grant: grant},
		{Kind: ports.HintHandOff, Ref: ports.StreamRef{Name: strings.Repeat("\x00", ports.MaxNameBytes), MessageID: "2-1"}},
		gap,
	}
	watchers := []*watcher{watch(t, f.notifier), watch(t, f.notifier)}
	for _, w := range watchers {
		w.await(gap)
	}
	require.NoError(t, f.notifier.Publish(f.ctx(), hints))
	for _, w := range watchers {
		w.awaitTimes(gap, 2)
		require.Equal(t, append([]ports.Hint{gap}, hints...), w.heard())
	}
}

func TestPublishMayBeAHugeBatchOrNone(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	w.await(gap)
	hints := make([]ports.Hint, 5000)
	for i := range hints {
		hints[i] = ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: fmt.Sprintf("%d%s", i, strings.Repeat("x", 1000))}}
	}
	require.NoError(t, f.notifier.Publish(f.ctx(), nil))
	require.NoError(t, f.notifier.Publish(f.ctx(), hints))
	w.await(hints[len(hints)-1])
	require.Equal(t, append([]ports.Hint{gap}, hints...), w.heard())
}

func TestAHintThatCannotBeWrittenIsAnErrorAndTheOthersAreSent(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	w.await(gap)
	good := ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: "good"}}
	err := f.notifier.Publish(f.ctx(), []ports.Hint{{Kind: ports.HintName, Ref: ports.StreamRef{Name: "a\xff"}}, {}, good})
	require.ErrorIs(t, err, ports.ErrInvalid)
	w.await(good)
	require.Equal(t, []ports.Hint{gap, good}, w.heard())
}

func TestMessagesOfSomebodyElseAreIgnored(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	w.await(gap)
	channel := f.keys.Hints(0)
	for _, message := range []string{
		"", "x", "null", "{}", "[", "[1,null,\"x\",[],{}]", `[{"kind":"name"}]`, `[{"kind":"name","name":7}]`,
		`[{"kind":"grant","grant":"xyz"}]`, `[{"kind":"grant"}]`, `[{"kind":"later","name":"a"}]`,
		`[{"kind":"ref","name":"a"}]`, "[{\"kind\":\"name\",\"name\":\"\xff\"}]",
		strings.Repeat("[", 100_000), strings.Repeat("x", 10<<20),
		`[{"kind":"name","name":"` + strings.Repeat("n", ports.MaxNameBytes+1) + `"}]`,
		`[{"kind":"name","name":"good","later":true},{"kind":"later"}]`,
	} {
		require.NoError(t, f.raw.Publish(f.ctx(), channel, message).Err())
	}
	good := ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: "good"}}
	w.await(good)
	require.Equal(t, []ports.Hint{gap, good}, w.heard())
}

func TestALostSessionIsOneHintWhateverItHeld(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	w.await(gap)
	began := time.Now()
	grant := f.open(short, "a", "b", "c")
	w.await(ports.Hint{Kind: ports.HintGrant, Grant: grant})
	t.Logf("a session of %v was hinted %v after it was opened", short, time.Since(began))
	require.GreaterOrEqual(t, time.Since(began), short, "expiry is never early")
	require.Equal(t, []ports.Hint{gap, {Kind: ports.HintGrant, Grant: grant}}, w.heard())
}

func TestASessionThatExpiredBeforeTheWatchBeganIsHinted(t *testing.T) {
	f := start(t)
	grant := f.open(time.Millisecond, "a")
	w := watch(t, f.notifier)
	w.await(ports.Hint{Kind: ports.HintGrant, Grant: grant})
}

func TestASessionThatLeftSomethingBehindIsHintedAgainButRarely(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	grant := f.open(short, "a")
	hint := ports.Hint{Kind: ports.HintGrant, Grant: grant}
	w.await(hint)
	first := time.Now()
	w.awaitTimes(hint, 2)
	require.Greater(t, time.Since(first), time.Second)
}

func TestMoreExpiredSessionsThanFitIntoOneLookAreAllHinted(t *testing.T) {
	f := start(t)
	var grants []ports.GrantID
	for i := range 250 {
		grants = append(grants, f.open(time.Millisecond, fmt.Sprint("s", i)))
	}
	w := watch(t, f.notifier)
	for _, grant := range grants {
		w.await(ports.Hint{Kind: ports.HintGrant, Grant: grant})
	}
}

func TestExpiredSessionsInWhichNothingIsLeftAreCollectedWithoutAHint(t *testing.T) {
	f := start(t)
	grant := f.open(short, "a")
	lease := ports.Lease{Ref: ports.StreamRef{Name: "a"}, Grant: grant}
	held, err := f.leases.Inspect(f.ctx(), []string{"a"})
	require.NoError(t, err)
	lease.Token = held[0].Holder.Lease.Token
	released, err := f.leases.Release(f.ctx(), []ports.ReleaseRequest{{Lease: lease}})
	require.NoError(t, err)
	require.True(t, released[0].Changed)

	w := watch(t, f.notifier)
	require.Eventually(t, func() bool {
		left, err := f.raw.Exists(f.ctx(), f.keys.Sessions(), f.keys.SessionStates()).Result()
		return err == nil && left == 0
	}, patience, 5*time.Millisecond, "an empty session is not collected")
	require.Zero(t, w.count(ports.Hint{Kind: ports.HintGrant, Grant: grant}))
}

func TestALiveSessionIsNeitherHintedNorCollected(t *testing.T) {
	f := start(t)
	grant := f.open(long, "a")
	w := watch(t, f.notifier)
	dead := f.open(short, "b")
	w.await(ports.Hint{Kind: ports.HintGrant, Grant: dead})
	require.Zero(t, w.count(ports.Hint{Kind: ports.HintGrant, Grant: grant}))
	results, err := f.leases.Renew(f.ctx(), []ports.GrantID{grant}, long)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
}

func TestEveryReconnectIsAGapAndHintsFlowAgain(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	w.await(gap)
	killed, err := f.raw.ClientKillByFilter(f.ctx(), "TYPE", "pubsub").Result()
	require.NoError(t, err)
	require.EqualValues(t, 1, killed)
	w.awaitTimes(gap, 2)

	f.server.RestartEmpty()
	w.awaitTimes(gap, 3)
	hint := ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: "a"}}
	require.NoError(t, f.notifier.Publish(f.ctx(), []ports.Hint{hint}))
	w.await(hint)
	grant := f.open(short, "b")
	w.await(ports.Hint{Kind: ports.HintGrant, Grant: grant})
}

func TestAWatchThatBeginsWithoutAServerConnectsWhenThereIsOne(t *testing.T) {
	f := start(t)
	f.server.Stop()
	w := watch(t, f.notifier)
	f.server.Launch()
	w.await(gap)
}

func TestAConnectionThatDiedSilentlyIsNoticed(t *testing.T) {
	f := start(t)
	network := startNetwork(t, f.server.Addr())
	c, err := conn.Open(f.server.Client(t, func(options *redis.Options) { options.Addr = network.address() }), "orders")
	require.NoError(t, err)
	notifier := notify.New(c, notify.Config{PollEvery: time.Second, PingAfter: 100 * time.Millisecond})
	defer notifier.Close()
	w := watch(t, notifier)
	w.await(gap)
	network.swallow()
	w.awaitTimes(gap, 2)
}

func TestASubscriptionThatIsOnlySilentIsKept(t *testing.T) {
	f := start(t)
	c, err := conn.Open(f.raw, "orders")
	require.NoError(t, err)
	notifier := notify.New(c, notify.Config{PollEvery: time.Second, PingAfter: 20 * time.Millisecond})
	defer notifier.Close()
	w := watch(t, notifier)
	w.await(gap)
	require.Eventually(t, func() bool { return f.pings() > 10 }, patience, 5*time.Millisecond)
	require.Equal(t, []ports.Hint{gap}, w.heard())
}

func (f *fixture) pings() (calls int) {
	stats, err := f.raw.InfoMap(f.ctx(), "commandstats").Result()
	require.NoError(f.t, err)
	_, _ = fmt.Sscanf(stats["Commandstats"]["cmdstat_ping"], "calls=%d,", &calls)
	return calls
}

func TestWhatPilesUpWhileDeliverIsBusyIsBoundedAndDroppingIsAGap(t *testing.T) {
	f := start(t, "client-output-buffer-limit pubsub 0 0 0")
	busy, proceed, ended := make(chan struct{}), make(chan struct{}), make(chan error)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var bytes int
	go func() {
		first := true
		ended <- f.notifier.Watch(ctx, func(hints []ports.Hint) {
			if first {
				first = false
				close(busy)
				<-proceed
				return
			}
			for _, hint := range hints {
				bytes += len(hint.Ref.Name)
			}
			if hints[len(hints)-1] == gap {
				cancel()
			}
		})
	}()
	<-busy
	// Far more than the backlog and all buffers of the kernel hold.
	hints := slices.Repeat([]ports.Hint{{Kind: ports.HintName, Ref: ports.StreamRef{Name: strings.Repeat("x", 60_000)}}}, 400)
	for range 2 {
		require.NoError(t, f.notifier.Publish(f.ctx(), hints))
	}
	require.Eventually(t, func() bool { return f.outputOfSubscribers() == 0 }, patience, 5*time.Millisecond)
	close(proceed)
	select {
	case err := <-ended:
		require.NoError(t, err)
	case <-time.After(patience):
		t.Fatal("no gap was delivered though hints were dropped")
	}
	require.LessOrEqual(t, bytes, 16<<20)
}

// outputOfSubscribers is what the server has yet to send to subscribers.
func (f *fixture) outputOfSubscribers() (bytes int) {
	list, err := f.raw.Do(f.ctx(), "CLIENT", "LIST", "TYPE", "pubsub").Text()
	require.NoError(f.t, err)
	for line := range strings.Lines(list) {
		var length, lists int
		_, after, _ := strings.Cut(line, " obl=")
		_, err := fmt.Sscanf(after, "%d oll=%d", &length, &lists)
		require.NoError(f.t, err, line)
		bytes += length + lists
	}
	return bytes
}

func TestWatchEndsAtOnceAndWithoutAnErrorWhenItsContextEnds(t *testing.T) {
	for name, prepare := range map[string]func(f *fixture, w *watcher){
		"connected": func(f *fixture, w *watcher) { w.await(gap) },
		"frozen":    func(f *fixture, w *watcher) { w.await(gap); f.server.Freeze() },
		"no server": func(f *fixture, w *watcher) { f.server.Kill9() },
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			w := watch(t, f.notifier)
			prepare(f, w)
			began := time.Now()
			w.stop()
			<-w.ended
			t.Logf("ended after %v", time.Since(began))
			require.Less(t, time.Since(began), time.Second)
			require.NoError(t, w.err)
		})
	}
}

func TestWatchEndsAtOnceWhileItConnectsToAServerThatNeverAnswers(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	client := redis.NewClient(&redis.Options{Addr: listener.Addr().String()})
	defer client.Close()
	c, err := conn.Open(client, "orders")
	require.NoError(t, err)
	notifier := notify.New(c, notify.Config{PollEvery: time.Second, PingAfter: time.Second})
	defer notifier.Close()
	w := watch(t, notifier)
	for range 2 { // the subscription and the poll
		connection, err := listener.Accept()
		require.NoError(t, err)
		defer connection.Close()
		_, err = connection.Read(make([]byte, 1))
		require.NoError(t, err)
	}
	began := time.Now()
	w.stop()
	<-w.ended
	t.Logf("ended after %v", time.Since(began))
	require.Less(t, time.Since(began), 2*time.Second, "a handshake has 5 s")
	require.NoError(t, w.err)
}

func TestWatchReturnsWhatTryingAgainDoesNotMend(t *testing.T) {
	for name, rule := range map[string]string{
		"subscribe": "-subscribe", "channel": "resetchannels", "script": "-evalsha", "keys": "resetkeys",
	} {
		t.Run(name, func(t *testing.T) {
			f := start(t)
			require.NoError(t, f.raw.Do(f.ctx(), "ACL", "SETUSER", "default", rule).Err())
			w := watch(t, f.notifier)
			<-w.ended
			var refused *ports.RefusedError
			require.ErrorAs(t, w.err, &refused)
			require.True(t, refused.Lasting)
			require.Equal(t, f.server.Addr(), refused.Server)
			require.NotEmpty(t, refused.Advice)
		})
	}
}

func TestServicesAndDatabasesDoNotHearEachOther(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	w.await(gap)
	publish := func(service string, database int, name string) {
		c, err := conn.Open(f.server.Client(t, func(options *redis.Options) { options.DB = database }), service)
		require.NoError(t, err)
		other := notify.New(c, notify.Config{PollEvery: time.Second, PingAfter: time.Second})
		defer other.Close()
		require.NoError(t, other.Publish(f.ctx(), []ports.Hint{{Kind: ports.HintName, Ref: ports.StreamRef{Name: name}}}))
	}
	publish("orders", 3, "database")
	publish("orders-2", 0, "service")
	publish("order", 0, "service")
	publish("orders", 0, "ours")
	ours := ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: "ours"}}
	w.await(ours)
	require.Equal(t, []ports.Hint{gap, ours}, w.heard())
}

func TestPublishTellsWhatWasRefused(t *testing.T) {
	f := start(t)
	require.NoError(t, f.raw.Do(f.ctx(), "ACL", "SETUSER", "default", "resetchannels").Err())
	err := f.notifier.Publish(f.ctx(), []ports.Hint{gap})
	require.ErrorIs(t, err, ports.ErrRefused)
	_, err = f.notifier.Check(f.ctx())
	require.ErrorIs(t, err, ports.ErrRefused)
}

func TestAFleetThatRenewsCostsOneLookForEachMemberAndPollInterval(t *testing.T) {
	f := start(t)
	c, err := conn.Open(f.raw, "orders")
	require.NoError(t, err)
	notifier := notify.New(c, notify.Config{PollEvery: 300 * time.Millisecond, PingAfter: time.Second})
	defer notifier.Close()
	f.open(long, "a")
	w := watch(t, notifier)
	w.await(gap)
	require.NoError(t, f.raw.ConfigResetStat(f.ctx()).Err())
	began := time.Now()
	calls := 0
	require.Eventually(t, func() bool {
		stats, err := f.raw.InfoMap(f.ctx(), "commandstats").Result()
		require.NoError(t, err)
		calls = 0
		_, _ = fmt.Sscanf(stats["Commandstats"]["cmdstat_evalsha"], "calls=%d,", &calls)
		return calls >= 5
	}, patience, 10*time.Millisecond)
	require.GreaterOrEqual(t, time.Since(began), 4*300*time.Millisecond, "%d looks", calls)
}
