package failures_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

func TestAReadThatWaitsDelaysNoRenewalWithAPoolOfOne(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := startProxy(t, server.Addr())
	handedIn := server.Client(t, func(o *redis.Options) { o.Addr, o.PoolSize = proxy.Addr(), 1 })
	client, _ := newClient(t, handedIn, streamlease.Config{TTL: 30 * time.Second, RenewEvery: time.Second})
	notifications, err := client.Init(t.Context())
	require.NoError(t, err)
	producer := newProducer(t, server.Client(t))
	_, err = producer.Announce(t.Context(), streamlease.Assignment{Ref: streamlease.StreamRef{Name: "a"}})
	require.NoError(t, err)
	stream := receiveStreams(t, notifications, 1)["a"]

	// One read waits for 5 s.
	reads := proxy.count(callAwait)
	require.Eventually(t, func() bool { return proxy.count(callAwait) > reads }, patience, lookEvery)
	during := proxy.count(callRenew)
	require.Eventually(t, func() bool { return proxy.count(callAwait) > reads+1 }, patience, lookEvery)
	t.Logf("%d renewals while one read waited", proxy.count(callRenew)-during)
	assert.GreaterOrEqual(t, proxy.count(callRenew)-during, 2)
	assert.NoError(t, stream.Context().Err(), "the lease was lost")
	assert.Zero(t, handedIn.PoolStats().TotalConns, "connections of the handed-in client, which are its owner's")

	go readOn(notifications)
	require.NoError(t, client.Close(t.Context()))
	require.NoError(t, handedIn.Ping(t.Context()).Err(), "the handed-in client is not closed")
}

func TestACancelledFetchLeavesNoReadBehindInTheServer(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	direct := server.Client(t)
	source, err := goredis.NewSource(server.Client(t), serviceName)
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	member := ports.Member{ID: "member", Incarnation: "first"}
	go func() {
		_, err := source.Fetch(ctx, member, 10, time.Hour)
		ended <- err
	}()
	require.Eventually(t, func() bool { return blockedClients(t, direct) == "1" }, patience, lookEvery)
	cancelled := time.Now()
	cancel()
	require.ErrorIs(t, <-ended, context.Canceled)
	took := time.Since(cancelled)
	require.Eventually(t, func() bool { return blockedClients(t, direct) == "0" }, patience, lookEvery,
		"the read would wait for an hour, and get what others could have")
	t.Logf("Fetch ended %v after it was cancelled; the server's read was gone after %v", took, time.Since(cancelled))
	assert.Less(t, took, slowness*cancelledWithin)
	require.NoError(t, source.Close())
}

func blockedClients(t *testing.T, client *redis.Client) string {
	info, err := client.Info(t.Context(), "clients").Result()
	assert.NoError(t, err)
	for line := range strings.Lines(info) {
		if count, found := strings.CutPrefix(line, "blocked_clients:"); found {
			return strings.TrimSpace(count)
		}
	}
	return ""
}

func TestACallOnAServerThatNeverAnswersEndsByItsDeadlineWhateverTheClientsTimeouts(t *testing.T) {
	t.Parallel()
	const allowed = 600 * time.Millisecond
	server := redistest.Start(t)
	server.Freeze()
	handedIn := server.Client(t, func(o *redis.Options) {
		o.DialTimeout, o.ReadTimeout, o.WriteTimeout, o.PoolTimeout = time.Hour, time.Hour, time.Hour, time.Hour
	})
	client, _ := newClient(t, handedIn, streamlease.Config{TTL: 10 * time.Minute})
	ctx, cancel := context.WithTimeout(t.Context(), allowed)
	defer cancel()
	began := time.Now()
	_, err := client.Init(ctx)
	t.Logf("Init with a ctx of %v took %v: %v", allowed, time.Since(began).Round(time.Millisecond), err)
	require.ErrorContains(t, err, server.Addr())
	assert.Less(t, time.Since(began), slowness*allowed)
	require.NoError(t, client.Close(t.Context()))
	server.Thaw()
}

func TestACallWhoseReplyWasLostIsSentOnceAndItsOutcomeIsUnknown(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	proxy := startProxy(t, server.Addr())
	handedIn := server.Client(t, func(o *redis.Options) { o.Addr, o.MaxRetries = proxy.Addr(), 10 })
	keys := layout{server.Client(t), serviceName}

	t.Run("announce", func(t *testing.T) {
		producer := newProducer(t, handedIn)
		proxy.arm(newFault(callAnnounce, replyLost))
		_, err := producer.Announce(t.Context(), streamlease.Assignment{Ref: streamlease.StreamRef{Name: "a"}})
		require.ErrorIs(t, err, streamlease.ErrUnknownOutcome)
		require.ErrorContains(t, err, "a")
		assert.EqualValues(t, 1, keys.client.XLen(t.Context(), keys.stream()).Val())
		assert.Equal(t, 1, proxy.count(callAnnounce))
	})
	t.Run("acquire", func(t *testing.T) {
		leases, err := goredis.NewLeases(handedIn, serviceName, goredis.LeaseConfig{})
		require.NoError(t, err)
		request := ports.AcquireRequest{Ref: streamlease.StreamRef{Name: "a", MessageID: "1-1"}, Grant: ports.GrantID{1}, Open: true}
		proxy.arm(newFault(callAcquire, replyLost))
		results, err := leases.Acquire(t.Context(), ports.Member{ID: "member", Incarnation: "first"}, []ports.AcquireRequest{request}, time.Minute)
		if err == nil {
			require.Len(t, results, 1)
			err = results[0].Err
		}
		t.Logf("acquire: %v", err)
		require.Error(t, err)
		for _, definite := range []error{ports.ErrHeld, ports.ErrRefused, ports.ErrExpired} {
			assert.NotErrorIs(t, err, definite, "an answer that nobody gave")
		}
		assert.Equal(t, 1, proxy.count(callAcquire))
		held, err := keys.leases(t.Context())
		require.NoError(t, err)
		assert.Len(t, held, 1, "leases: it was executed")
		require.NoError(t, leases.Close())
	})
}
