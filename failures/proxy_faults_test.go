package failures_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

func TestTheProxyDoesToARequestWhatItSays(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	direct := server.Client(t)
	proxy := startProxy(t, server.Addr())
	proxied := server.Client(t, func(o *redis.Options) {
		o.Addr, o.MaxRetries, o.ContextTimeoutEnabled = proxy.Addr(), -1, true
	})
	require.NoError(t, proxied.Incr(t.Context(), "n").Err())
	for _, expected := range []struct {
		mishap   mishap
		executed string // what INCR has made of it by the time the fault is over
	}{{cutBefore, "1"}, {replyLost, "2"}, {executedLate, "3"}} {
		fault := newFault("INCR", expected.mishap)
		proxy.arm(fault)
		// A call may be given up before it is sent.
		for !fault.struck.isGiven() {
			ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
			require.Error(t, proxied.Incr(ctx, "n").Err(), expected.mishap)
			cancel()
		}
		require.Eventually(t, fault.over.isGiven, patience, lookEvery, expected.mishap)
		assert.Equal(t, expected.executed, direct.Get(t.Context(), "n").Val(), expected.mishap)
	}
	require.NoError(t, proxied.Incr(t.Context(), "n").Err(), "a fault strikes once")
	assert.Equal(t, 5, proxy.count("INCR"))
}
