package notify_test

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis/internal/notify"
	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

func TestAGapComesWithTheFirstConnection(t *testing.T) {
	f := start(t)
	w := watch(t, f.notifier)
	w.await(gap)
	require.Equal(t, []ports.Hint{gap}, w.heard())
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
	notifier := notify.New(c, notify.Config{PollEvery: time.Second, PingAfter: time.Second})
	defer notifier.Close()
	w := watch(t, notifier)
	w.await(gap)
	require.Eventually(t, func() bool { return f.pings() > 3 }, patience, 5*time.Millisecond)
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
