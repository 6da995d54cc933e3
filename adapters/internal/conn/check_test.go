package conn_test

import (
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/redistest"
)

func lastingRefusal(t *testing.T, err error) *core.RefusedError {
	t.Helper()
	var refused *core.RefusedError
	require.ErrorAs(t, err, &refused)
	require.True(t, refused.Lasting)
	return refused
}

func TestAGoodServerHasNoWarningsAndGetsTheLayout(t *testing.T) {
	server := redistest.Start(t)
	c := open(t, server.Client(t))
	for range 2 {
		warnings, err := c.CheckServer(within(t, patience))
		require.NoError(t, err)
		require.Empty(t, warnings)
		require.Equal(t, conn.Layout, server.Client(t).Get(t.Context(), c.Layout()).Val())
	}
}

func TestAnotherLayoutIsRefusedAndBothAreNamed(t *testing.T) {
	server := redistest.Start(t)
	raw := server.Client(t)
	c := open(t, raw)
	for _, found := range []string{"2.0", "0.9", "x", "99999999999999999999", ""} {
		if found == "" {
			found = strings.Repeat("y", 1000)
		}
		require.NoError(t, raw.Set(t.Context(), c.Layout(), found, 0).Err())
		_, err := c.CheckServer(within(t, patience))
		refused := lastingRefusal(t, err)
		require.Contains(t, refused.Error(), found[:min(len(found), 20)])
		require.Contains(t, refused.Error(), conn.Layout)
		require.Less(t, len(refused.Error()), 500)
		require.Equal(t, found, raw.Get(t.Context(), c.Layout()).Val(), "it is left alone")
	}
	require.NoError(t, raw.Set(t.Context(), c.Layout(), "1.7", 0).Err())
	_, err := c.CheckServer(within(t, patience))
	require.NoError(t, err, "a newer minor version is compatible")
}

func TestALayoutOfAnotherTypeIsRefused(t *testing.T) {
	server := redistest.Start(t)
	raw := server.Client(t)
	c := open(t, raw)
	require.NoError(t, raw.RPush(t.Context(), c.Layout(), "x").Err())
	_, err := c.CheckServer(within(t, patience))
	require.ErrorContains(t, lastingRefusal(t, err), c.Layout(), "the key is named")
}

func TestAnEvictionPolicyThatEvictsIsAWarning(t *testing.T) {
	server := redistest.Start(t)
	raw := server.Client(t)
	c := open(t, raw)
	for _, policy := range []string{"allkeys-lru", "allkeys-random", "volatile-ttl"} {
		require.NoError(t, raw.ConfigSet(t.Context(), "maxmemory-policy", policy).Err())
		warnings, err := c.CheckServer(within(t, patience))
		require.NoError(t, err)
		require.Len(t, warnings, 1)
		require.Contains(t, warnings[0], policy)
	}
}

func TestAReplicaIsRefused(t *testing.T) {
	server := redistest.Start(t)
	raw := server.Client(t)
	c := open(t, raw)
	require.NoError(t, raw.ReplicaOf(t.Context(), "127.0.0.1", "1").Err())
	_, err := c.CheckServer(within(t, patience))
	var refused *core.RefusedError
	require.ErrorAs(t, err, &refused)
	require.ErrorContains(t, err, "replica")
}

func TestAForbiddenINFOIsAWarning(t *testing.T) {
	server := redistest.Start(t)
	raw := server.Client(t)
	c := open(t, raw)
	require.NoError(t, raw.Do(t.Context(), "ACL", "SETUSER", "default", "-info", "-config").Err())
	warnings, err := c.CheckServer(within(t, patience))
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "INFO")
}

func TestReadsFromReplicasAndRingsAreWarnings(t *testing.T) {
	cluster := redistest.StartCluster(t, 1, 0)
	for _, change := range []func(*redis.ClusterOptions){
		func(o *redis.ClusterOptions) { o.ReadOnly = true },
		func(o *redis.ClusterOptions) { o.RouteByLatency = true },
		func(o *redis.ClusterOptions) { o.RouteRandomly = true },
	} {
		warnings, err := open(t, cluster.Client(t, change)).CheckServer(within(t, patience))
		require.NoError(t, err)
		require.Len(t, warnings, 1)
		require.Contains(t, warnings[0], "replicas")
	}
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": redistest.Start(t).Addr()}})
	defer ring.Close()
	warnings, err := open(t, ring).CheckServer(within(t, patience))
	require.NoError(t, err)
	require.Len(t, warnings, 1)
	require.Contains(t, warnings[0], "ring")
}

func TestAMissingRightIsNamedAndTheProbeLeavesNothing(t *testing.T) {
	server := redistest.Start(t)
	raw := server.Client(t)
	c := open(t, raw)
	commands := [][]any{{"TIME"}, {"HSET", conn.ProbeKey, "x", "y"}, {"ZADD", conn.ProbeKey, 1, "x"}}
	require.NoError(t, c.CheckRights(within(t, patience), commands))
	for _, command := range []string{"hset", "zadd", "set", "del", "time"} {
		require.NoError(t, raw.Do(t.Context(), "ACL", "SETUSER", "default", "-"+command).Err())
		refused := lastingRefusal(t, c.CheckRights(within(t, patience), commands))
		require.Equal(t, strings.ToUpper(command), refused.Command)
		require.Equal(t, server.Addr(), refused.Server)
		require.NoError(t, raw.Do(t.Context(), "ACL", "SETUSER", "default", "+"+command).Err())
	}
	refused := lastingRefusal(t, c.CheckRights(within(t, patience), [][]any{{"NOSUCH"}}))
	require.Equal(t, "NOSUCH", refused.Command)
	require.NoError(t, raw.Del(t.Context(), c.Probe()).Err(), "left where DEL was forbidden")
	require.NoError(t, c.CheckRights(within(t, patience), commands))
	require.Zero(t, raw.Exists(t.Context(), c.Probe()).Val())
}

func TestAKeyOfAnotherTypeIsNamed(t *testing.T) {
	server := redistest.Start(t)
	raw := server.Client(t)
	c := open(t, raw)
	require.NoError(t, raw.RPush(t.Context(), c.Leases(), "x").Err())
	types := map[string]string{c.Leases(): "hash", c.Sessions(): "zset"}
	refused := lastingRefusal(t, c.CheckTypes(within(t, patience), types))
	require.Contains(t, refused.Error(), c.Leases())
	require.NoError(t, raw.Del(t.Context(), c.Leases()).Err())
	require.NoError(t, raw.HSet(t.Context(), c.Leases(), "x", "y").Err())
	require.NoError(t, c.CheckTypes(within(t, patience), types))
}
