package redistest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

func TestAClusterServesEverySlotAndFailsOver(t *testing.T) {
	begin := time.Now()
	cluster := redistest.StartCluster(t, 3, 1)
	t.Logf("formed in %v", time.Since(begin))
	client := cluster.Client(t)
	for i := range 100 {
		require.NoError(t, client.Set(t.Context(), fmt.Sprint("key", i), i, 0).Err())
	}
	for i, master := range cluster.Masters {
		assert.NotZero(t, master.Client(t).DBSize(t.Context()).Val(), "master %d has no key", i)
	}
	held := cluster.Masters[0].Client(t).DBSize(t.Context()).Val()
	replica := cluster.Replicas[0].Client(t)
	require.Eventually(t, func() bool { return replica.DBSize(t.Context()).Val() == held }, time.Minute, 10*time.Millisecond)

	begin = time.Now()
	cluster.Masters[0].Kill9()
	require.Eventually(t, func() bool { return isMaster(t, replica) }, time.Minute, 10*time.Millisecond)
	t.Logf("failed over in %v", time.Since(begin))
	assert.Equal(t, held, replica.DBSize(t.Context()).Val())
}

func isMaster(t *testing.T, client *redis.Client) bool {
	role, err := client.Do(t.Context(), "ROLE").Slice()
	return err == nil && role[0] == "master"
}
