package mishap_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/internal/mishap"
	"github.com/streamlease/streamlease/internal/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestOneCallGoesWrongAndTheNextGoesWell(t *testing.T) {
	server := redistest.Start(t)
	direct := server.Client(t)
	for _, expected := range []struct {
		kind      mishap.Kind
		executed  int // by the time the caller has given up
		delivered int // when it was delivered
	}{{mishap.CutBefore, 0, 0}, {mishap.ReplyLost, 1, 1}, {mishap.Late, 0, 1}, {mishap.Silence, 0, 0}} {
		require.NoError(t, direct.Set(t.Context(), "n", 0, 0).Err())
		proxy, err := mishap.Start(server.Addr(), expected.kind)
		require.NoError(t, err)
		client := server.Client(t, func(o *redis.Options) {
			o.Addr, o.MaxRetries, o.ContextTimeoutEnabled = proxy.Addr(), -1, true
		})
		require.NoError(t, client.Ping(t.Context()).Err(), "setting up is no call")

		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		require.Error(t, client.Incr(ctx, "n").Err(), expected.kind)
		cancel()
		assert.Equal(t, expected.executed, number(t, direct), expected.kind)
		require.NoError(t, proxy.Deliver())
		assert.Equal(t, expected.delivered, number(t, direct), expected.kind)
		require.NoError(t, client.Incr(t.Context(), "n").Err(), expected.kind)
		assert.Equal(t, expected.delivered+1, number(t, direct), expected.kind)
		require.NoError(t, proxy.Close())
	}
}

func number(t *testing.T, client *redis.Client) int {
	t.Helper()
	n, err := client.Get(t.Context(), "n").Int()
	require.NoError(t, err)
	return n
}
