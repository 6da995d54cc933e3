package conn_test

import (
	"context"
	"crypto/tls"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/redistest"
)

func TestAClientThatCannotBeCopiedIsRefused(t *testing.T) {
	client := redis.NewClient(&redis.Options{})
	defer client.Close()
	for _, unknown := range []redis.UniversalClient{
		nil, (*redis.Client)(nil), (*redis.ClusterClient)(nil), (*redis.Ring)(nil),
		struct{ redis.UniversalClient }{client},
	} {
		_, err := conn.Open(unknown, "orders")
		require.ErrorIs(t, err, core.ErrInvalid, "%T", unknown)
	}
}

func TestEveryKindOfClientReachesTheServiceInItsDatabase(t *testing.T) {
	server := redistest.Start(t)
	ring := redis.NewRing(&redis.RingOptions{Addrs: map[string]string{"a": server.Addr()}, DB: 2})
	defer ring.Close()
	cluster := redistest.StartCluster(t, 3, 0)
	sentinel := redistest.StartSentinel(t)
	clients := map[string]redis.UniversalClient{
		"plain":               server.Client(t),
		"database":            server.Client(t, func(o *redis.Options) { o.DB = 3 }),
		"RESP2":               server.Client(t, func(o *redis.Options) { o.Protocol = 2 }),
		"socket":              server.Client(t, func(o *redis.Options) { o.Network, o.Addr = "unix", server.Socket() }),
		"ring":                ring,
		"cluster":             cluster.Client(t),
		"reads from replicas": cluster.Client(t, func(o *redis.ClusterOptions) { o.RouteRandomly = true }),
		"sentinel":            sentinel.Client(t),
	}
	script := conn.NewScript("set.lua", "#!lua\nreturn redis.call('SET', KEYS[1], ARGV[1])")
	for name, client := range clients {
		t.Run(name, func(t *testing.T) {
			c := open(t, client)
			for _, lane := range []*conn.Lane{c.Blocking, c.Renewals, c.Rest} {
				_, err := script.Run(within(t, patience), lane, []string{c.Probe()}, name)
				require.NoError(t, err)
				require.Regexp(t, `^(127\.0\.0\.1:\d+|/.*\.sock)$`, lane.Server())
			}
			require.Equal(t, name, client.Get(t.Context(), c.Probe()).Val(), "it is where the client handed in looks")
			_, err := c.CheckServer(within(t, patience))
			require.NoError(t, err)
		})
	}
}

func TestTheClientHandedInIsLeftAloneAndTheLastHandleClosesTheOthers(t *testing.T) {
	server := redistest.Start(t)
	client := server.Client(t)
	before := *client.Options()
	c, err := conn.Open(client, "orders")
	require.NoError(t, err)
	other := c.Share()
	ping := func(c *conn.Conn) error {
		return c.Rest.Do(within(t, patience), "PING", func(node *redis.Client) error { return node.Ping(t.Context()).Err() })
	}
	require.NoError(t, c.Close())
	require.NoError(t, c.Close(), "closing a handle again does nothing")
	require.NoError(t, ping(other))
	require.NoError(t, other.Close())
	require.ErrorIs(t, ping(other), redis.ErrClosed)
	require.NoError(t, client.Ping(t.Context()).Err())
	require.Equal(t, before.PoolSize, client.Options().PoolSize)
	require.Equal(t, before.MaxRetries, client.Options().MaxRetries)
}

func TestABlockingReadHoldsUpNothingElse(t *testing.T) {
	server := redistest.Start(t)
	c := open(t, server.Client(t, func(o *redis.Options) { o.PoolSize = 1 }))
	var reads sync.WaitGroup
	ctx, cancel := context.WithCancel(within(t, patience))
	for range 3 { // none of them waits for another either
		reads.Go(func() {
			_ = c.Blocking.Do(ctx, "BLPOP", func(node *redis.Client) error {
				return node.BLPop(ctx, 0, c.Probe()).Err()
			})
		})
	}
	require.Eventually(t, func() bool {
		info, err := server.Client(t).InfoMap(t.Context(), "clients").Result()
		return err == nil && info["Clients"]["blocked_clients"] == "3"
	}, patience, 5*time.Millisecond)
	require.NoError(t, c.Renewals.Do(ctx, "PING", func(node *redis.Client) error { return node.Ping(ctx).Err() }))
	require.NoError(t, c.Rest.Do(ctx, "RPUSH", func(node *redis.Client) error {
		return node.RPush(ctx, c.Probe(), 1, 2, 3).Err()
	}))
	reads.Wait()
	cancel()
}

func TestACommandWhoseReplyWasLostIsNotRepeated(t *testing.T) {
	server := redistest.Start(t)
	network := startCutter(t, server.Addr())
	clusterServer := redistest.StartCluster(t, 1, 0)
	clusterNetwork := startCutter(t, clusterServer.Addrs()[0])
	slots := func(context.Context) ([]redis.ClusterSlot, error) {
		return []redis.ClusterSlot{{Start: 0, End: 16383, Nodes: []redis.ClusterNode{{Addr: clusterNetwork.address()}}}}, nil
	}
	increment := conn.NewScript("increment.lua", "#!lua\nreturn redis.call('INCR', KEYS[1])")
	for name, test := range map[string]struct {
		client  redis.UniversalClient
		raw     redis.UniversalClient
		network *cutter
	}{
		"plain": {server.Client(t, func(o *redis.Options) { o.Addr = network.address() }), server.Client(t), network},
		"cluster": {clusterServer.Client(t, func(o *redis.ClusterOptions) { o.ClusterSlots = slots }),
			clusterServer.Client(t), clusterNetwork},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, test.client)
			ctx := within(t, patience)
			reply, err := increment.Run(ctx, c.Rest, []string{c.Probe()})
			require.NoError(t, err)
			require.EqualValues(t, 1, reply)

			test.network.loseNextReply()
			_, err = increment.Run(ctx, c.Rest, []string{c.Probe()})
			require.Error(t, err)
			require.NotErrorIs(t, err, core.ErrRefused, "it was done: %v", err)

			require.NoError(t, c.Rest.Do(ctx, "PING", func(node *redis.Client) error { return node.Ping(ctx).Err() }),
				"a new connection, whose handshake is not what is cut")
			test.network.loseNextReply()
			answers := increment.RunAll(ctx, c.Rest, []conn.Call{{Keys: []string{c.Probe()}}})
			require.Error(t, answers[0].Err)
			require.NotErrorIs(t, answers[0].Err, core.ErrRefused)
			require.Equal(t, "3", test.raw.Get(ctx, c.Probe()).Val())
		})
	}
}

func TestACallEndsByItsDeadlineOnAServerThatNeverAnswers(t *testing.T) {
	silent := startSilentServer(t)
	for name, change := range map[string]func(*redis.Options){
		"handshake": func(*redis.Options) {},
		"TLS handshake": func(o *redis.Options) {
			o.TLSConfig = &tls.Config{InsecureSkipVerify: true}
			o.DialTimeout = time.Second
		},
	} {
		t.Run(name, func(t *testing.T) {
			options := &redis.Options{Addr: silent.address()}
			change(options)
			client := redis.NewClient(options)
			defer client.Close()
			c := open(t, client)
			for _, lane := range []*conn.Lane{c.Blocking, c.Renewals, c.Rest} {
				ctx := within(t, 100*time.Millisecond)
				began := time.Now()
				err := lane.Do(ctx, "PING", func(node *redis.Client) error { return node.Ping(ctx).Err() })
				t.Logf("100 ms took %v: %v", time.Since(began), err)
				require.Error(t, err)
				require.NotErrorIs(t, err, core.ErrRefused)
				require.Less(t, time.Since(began), 900*time.Millisecond, "the dial timeout is 1 s or more")
			}
		})
	}
}

func TestALaneThatLivesUntilItsContextEndsIsCutThen(t *testing.T) {
	server := redistest.Start(t)
	c := open(t, server.Client(t))
	ctx, cancel := context.WithCancel(within(t, patience))
	lane := c.LaneUntil(ctx)
	ended := make(chan error)
	go func() {
		ended <- lane.Do(ctx, "BLPOP", func(node *redis.Client) error { return node.BLPop(ctx, 0, c.Probe()).Err() })
	}()
	require.Eventually(t, func() bool {
		info, err := server.Client(t).InfoMap(t.Context(), "clients").Result()
		return err == nil && info["Clients"]["blocked_clients"] == "1"
	}, patience, 5*time.Millisecond)
	cancel()
	require.Error(t, <-ended)
	require.NoError(t, lane.Close())
}

func TestLanesReconnectByThemselves(t *testing.T) {
	server := redistest.Start(t)
	c := open(t, server.Client(t))
	ping := func() error {
		ctx := within(t, time.Second)
		return c.Renewals.Do(ctx, "PING", func(node *redis.Client) error { return node.Ping(ctx).Err() })
	}
	require.NoError(t, ping())
	server.Stop()
	require.Error(t, ping())
	server.Launch()
	require.Eventually(t, func() bool { return ping() == nil }, patience, 10*time.Millisecond)
}

func TestALaneThatOftenFailedToConnectDoesSoAtOnceWhenTheServerIsBack(t *testing.T) {
	server := redistest.Start(t)
	c := open(t, server.Client(t))
	ctx := within(t, patience)
	watch := c.LaneUntil(ctx)
	defer watch.Close()
	server.Stop()
	for name, lane := range map[string]*conn.Lane{"blocking": c.Blocking, "renewals": c.Renewals, "rest": c.Rest, "watch": watch} {
		ping := func() error {
			return lane.Do(ctx, "PING", func(node *redis.Client) error { return node.Ping(ctx).Err() })
		}
		var calls sync.WaitGroup
		for range 100 {
			calls.Go(func() { assert.Error(t, ping()) })
		}
		calls.Wait()
		server.Launch()
		assert.NoError(t, ping(), name)
		server.Stop()
	}
	server.Launch()
}

func TestTheLanesFollowAFailover(t *testing.T) {
	sentinel := redistest.StartSentinel(t)
	c := open(t, sentinel.Client(t))
	set := func() error {
		ctx := within(t, time.Second)
		return c.Rest.Do(ctx, "SET", func(node *redis.Client) error { return node.Set(ctx, c.Probe(), "x", 0).Err() })
	}
	require.NoError(t, set())
	before := c.Rest.Server()
	sentinel.Master.Kill9()
	began := time.Now()
	require.Eventually(t, func() bool { return set() == nil }, patience, 20*time.Millisecond)
	t.Logf("writing again after %v", time.Since(began))
	require.NotEqual(t, before, c.Rest.Server())
}

func TestKeysThatMovedToAnotherNodeAreFollowed(t *testing.T) {
	cluster := redistest.StartCluster(t, 2, 0)
	raw := cluster.Client(t)
	c := open(t, raw)
	ctx := within(t, patience)
	increment := conn.NewScript("increment.lua", "#!lua\nreturn redis.call('INCR', KEYS[1])")
	_, err := increment.Run(ctx, c.Rest, []string{c.Probe()})
	require.NoError(t, err)
	require.NoError(t, raw.Del(ctx, c.Probe()).Err())

	moveSlot(t, raw, c)
	reply, err := increment.Run(ctx, c.Rest, []string{c.Probe()})
	require.NoError(t, err)
	require.EqualValues(t, 1, reply)

	require.NoError(t, raw.Del(ctx, c.Probe()).Err())
	moveSlot(t, raw, c)
	answers := increment.RunAll(ctx, c.Rest, []conn.Call{{Keys: []string{c.Probe()}}, {Keys: []string{c.Probe()}}})
	for i, answer := range answers {
		require.NoError(t, answer.Err)
		require.EqualValues(t, i+1, answer.Reply)
	}
}

// moveSlot gives the slot of the service, which is empty, to another master,
// and waits until all know.
func moveSlot(t *testing.T, raw *redis.ClusterClient, c *conn.Conn) {
	ctx := within(t, patience)
	slot, err := raw.ClusterKeySlot(ctx, c.Stream()).Result()
	require.NoError(t, err)
	shards, err := raw.ClusterShards(ctx).Result()
	require.NoError(t, err)
	before, target := ownerOf(shards, slot), ""
	for _, shard := range shards {
		if id := shard.Nodes[0].ID; id != before {
			target = id
		}
	}
	require.NotEmpty(t, target)
	require.NoError(t, raw.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
		return master.Do(ctx, "CLUSTER", "SETSLOT", slot, "NODE", target).Err()
	}))
	require.Eventually(t, func() bool {
		return raw.ForEachMaster(ctx, func(ctx context.Context, master *redis.Client) error {
			shards, err := master.ClusterShards(ctx).Result()
			if err == nil && ownerOf(shards, slot) != target {
				err = errors.New("not yet")
			}
			return err
		}) == nil
	}, patience, 10*time.Millisecond)
}

func ownerOf(shards []redis.ClusterShard, slot int64) string {
	for _, shard := range shards {
		for _, part := range shard.Slots {
			if slot >= part.Start && slot <= part.End {
				return shard.Nodes[0].ID
			}
		}
	}
	return ""
}
