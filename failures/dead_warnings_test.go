package failures_test

import (
	"context"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/redistest"
)

func TestInitWarnsOfWhatAServerDoesNotGuarantee(t *testing.T) {
	t.Parallel()
	for name, warned := range map[string]struct {
		client func(t *testing.T) redis.UniversalClient
		says   []string
	}{
		"it may evict leases": {
			client: func(t *testing.T) redis.UniversalClient {
				return redistest.Start(t, "maxmemory-policy allkeys-lru").Client(t)
			},
			says: []string{"maxmemory-policy is allkeys-lru", "evicts leases", "set maxmemory-policy noeviction"},
		},
		"it may evict locks of other adapters": {
			client: func(t *testing.T) redis.UniversalClient {
				return redistest.Start(t, "maxmemory-policy volatile-ttl").Client(t)
			},
			says: []string{"maxmemory-policy is volatile-ttl", "set maxmemory-policy noeviction"},
		},
		"the client reads from replicas": {
			client: func(t *testing.T) redis.UniversalClient {
				return redistest.StartCluster(t, 1, 0).Client(t, func(o *redis.ClusterOptions) { o.ReadOnly = true })
			},
			says: []string{"reads from replicas", "from the master all the same"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			log := initWorks(t, warned.client(t))
			assert.Contains(t, log, "level=WARN")
			for _, says := range warned.says {
				assert.Contains(t, log, says)
			}
		})
	}
	t.Run("nothing", func(t *testing.T) {
		assert.NotContains(t, initWorks(t, redistest.Start(t).Client(t)), "level=WARN")
	})
}

// initWorks returns what a client logs from Init to Close.
func initWorks(t *testing.T, handedIn redis.UniversalClient) string {
	t.Helper()
	client, log := newClient(t, handedIn, streamlease.Config{})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	notifications, err := client.Init(ctx)
	require.NoError(t, err)
	closed := make(chan error, 1)
	go func() { closed <- client.Close(ctx) }()
	for range notifications {
	}
	require.NoError(t, <-closed)
	return log.String()
}
