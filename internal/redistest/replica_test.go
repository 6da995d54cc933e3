package redistest_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

func TestAReplicaHasItsMastersDataAndFollowsIt(t *testing.T) {
	master := redistest.Start(t)
	writer := master.Client(t)
	require.NoError(t, writer.Set(t.Context(), "before", "1", 0).Err())
	replica := redistest.StartReplica(t, master, "maxmemory 12345678")
	reader := replica.Client(t)
	assert.Equal(t, "1", reader.Get(t.Context(), "before").Val(), "it is there when StartReplica returns")
	assert.Equal(t, "12345678", reader.ConfigGet(t.Context(), "maxmemory").Val()["maxmemory"])

	require.NoError(t, writer.Set(t.Context(), "after", "2", 0).Err())
	require.Eventually(t, func() bool { return reader.Get(t.Context(), "after").Val() == "2" }, time.Minute, 10*time.Millisecond)
	assert.ErrorContains(t, reader.Set(t.Context(), "own", "3", 0).Err(), "READONLY")
}
