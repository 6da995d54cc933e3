package redistest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

func TestASentinelPromotesTheReplica(t *testing.T) {
	sentinel := redistest.StartSentinel(t)
	client := sentinel.Client(t)
	require.NoError(t, client.Set(t.Context(), "key", "value", 0).Err())
	replica := sentinel.Replica.Client(t)
	require.Eventually(t, func() bool { return replica.Get(t.Context(), "key").Val() == "value" }, time.Minute, 10*time.Millisecond)

	begin := time.Now()
	sentinel.Master.Kill9()
	require.Eventually(t, func() bool { return isMaster(t, replica) }, time.Minute, 10*time.Millisecond)
	t.Logf("failed over in %v", time.Since(begin))

	require.Eventually(t, func() bool {
		return client.Set(t.Context(), "key", "another", 0).Err() == nil
	}, time.Minute, 10*time.Millisecond)
	assert.Equal(t, "another", replica.Get(t.Context(), "key").Val())
}
