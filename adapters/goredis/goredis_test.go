package goredis_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const patience = time.Minute

var alice = ports.Member{ID: "alice", Incarnation: "incarnation-a"}

func within(t *testing.T, timeout time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), timeout)
	t.Cleanup(cancel)
	return ctx
}

func newSet(t *testing.T, client redis.UniversalClient) ports.Set {
	t.Helper()
	set, err := goredis.New(client, "orders")
	require.NoError(t, err)
	t.Cleanup(func() { closeAll(t, set) })
	return set
}

func closeAll(t *testing.T, set ports.Set) {
	t.Helper()
	for _, port := range []any{set.Source, set.Leases, set.Notifier, set.Checkpoints} {
		require.NoError(t, port.(io.Closer).Close())
	}
}

// live takes one assignment through its life by way of every port.
func live(t *testing.T, set ports.Set) {
	t.Helper()
	ctx := within(t, patience)
	announced, err := set.Source.(ports.Announcer).Announce(ctx, []ports.Assignment{
		{Ref: ports.StreamRef{Name: "s"}, Info: ports.Info(`{"n":1}`)},
	})
	require.NoError(t, err)
	require.NoError(t, announced[0].Err)

	_, err = set.Source.Heartbeat(ctx, ports.Beat{Member: alice, HasRoom: true, Expiry: patience})
	require.NoError(t, err)
	fetched, err := set.Source.Fetch(ctx, alice, 10, patience)
	require.NoError(t, err)
	require.Len(t, fetched.Assignments, 1)
	ref := fetched.Assignments[0].Ref
	require.Equal(t, announced[0].Ref, ref)

	grant := ports.GrantID{1}
	acquired, err := set.Leases.Acquire(ctx, alice, []ports.AcquireRequest{{Ref: ref, Grant: grant, Open: true}}, patience)
	require.NoError(t, err)
	require.NoError(t, acquired[0].Err)
	lease := ports.Lease{Ref: ref, Grant: grant, Token: acquired[0].Token}
	taken, err := set.Source.Take(ctx, alice, []ports.TakeRequest{{Ref: ref, Token: lease.Token, StableAfter: time.Hour}})
	require.NoError(t, err)
	require.NoError(t, taken[0].Err)

	renewed, err := set.Leases.Renew(ctx, []ports.GrantID{grant}, patience)
	require.NoError(t, err)
	require.NoError(t, renewed[0].Err)
	page, err := set.Leases.Leases(ctx, grant, "", 10)
	require.NoError(t, err)
	require.Equal(t, []ports.Lease{lease}, page.Leases)
	inspected, err := set.Leases.Inspect(ctx, []string{ref.Name})
	require.NoError(t, err)
	require.True(t, inspected[0].Held)
	_, err = set.Source.Deliveries(ctx, alice, "", 10)
	require.NoError(t, err)
	_, err = set.Source.Sweep(ctx, alice, ports.SweepRequest{Limit: 10, Interval: time.Hour, PerSecond: 1000})
	require.NoError(t, err)

	tenure := ports.LoadRequest{Ref: ref, Token: lease.Token}
	saved, err := set.Checkpoints.Save(ctx, []ports.SaveRequest{{Ref: ref, Token: lease.Token, Number: 1, Position: "7-1"}})
	require.NoError(t, err)
	require.NoError(t, saved[0].Err)
	loaded, err := set.Checkpoints.Load(ctx, []ports.LoadRequest{tenure})
	require.NoError(t, err)
	require.Equal(t, []ports.LoadResult{{Position: "7-1"}}, loaded)
	finished, err := set.Checkpoints.Finish(ctx, []ports.FinishRequest{ports.FinishRequest(tenure)})
	require.NoError(t, err)
	require.NoError(t, finished[0].Err)

	settled, err := set.Source.Settle(ctx, alice, []ports.Settlement{{Ref: ref, Token: lease.Token, Outcome: ports.Done, StableAfter: time.Hour}})
	require.NoError(t, err)
	require.NoError(t, settled[0].Err)
	released, err := set.Leases.Release(ctx, []ports.ReleaseRequest{{Lease: lease, EndGrant: true}})
	require.NoError(t, err)
	require.True(t, released[0].Changed)
	hear(t, set.Notifier, ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: ref.Name}})
}

// hear publishes a hint and waits until a watch heard it.
func hear(t *testing.T, notifier ports.ExpiryNotifier, hint ports.Hint) {
	t.Helper()
	ctx, cancel := context.WithCancel(within(t, patience))
	heard := false
	err := notifier.Watch(ctx, func(hints []ports.Hint) {
		for _, got := range hints {
			switch got {
			case ports.Hint{Kind: ports.HintGap}:
				if err := notifier.Publish(ctx, []ports.Hint{hint}); err != nil {
					t.Errorf("publish: %v", err)
					cancel()
				}
			case hint:
				heard = true
				cancel()
			}
		}
	})
	cancel()
	require.NoError(t, err)
	require.True(t, heard)
}

func TestOneLineGivesAllPorts(t *testing.T) {
	server := redistest.Start(t)
	live(t, newSet(t, server.Client(t)))
}

func TestThePortsWorkOnACluster(t *testing.T) {
	live(t, newSet(t, redistest.StartCluster(t, 3, 0).Client(t)))
}

func TestThePortsWorkBehindSentinelInAnotherDatabaseAndOverRESP2(t *testing.T) {
	sentinel := redistest.StartSentinel(t)
	live(t, newSet(t, sentinel.Client(t, func(o *redis.FailoverOptions) { o.DB, o.Protocol = 3, 2 })))
}

func TestClosingOnePortLeavesTheOthersAndTheClientAlone(t *testing.T) {
	server := redistest.Start(t)
	client := server.Client(t)
	set := newSet(t, client)
	require.NoError(t, set.Source.(io.Closer).Close())
	require.NoError(t, set.Source.(io.Closer).Close())
	_, err := set.Leases.Inspect(within(t, patience), []string{"s"})
	require.NoError(t, err)
	hear(t, set.Notifier, ports.Hint{Kind: ports.HintName, Ref: ports.StreamRef{Name: "s"}})
	closeAll(t, set)
	require.NoError(t, client.Ping(t.Context()).Err())
}

func TestEachPortIsToBeHadAlone(t *testing.T) {
	client := redistest.Start(t).Client(t)
	source, err := goredis.NewSource(client, "orders")
	require.NoError(t, err)
	leases, err := goredis.NewLeases(client, "orders", goredis.LeaseConfig{})
	require.NoError(t, err)
	notifier, err := goredis.NewNotifier(client, "orders", goredis.NotifierConfig{})
	require.NoError(t, err)
	checkpoints, err := goredis.NewCheckpoints(client, "orders")
	require.NoError(t, err)
	set := ports.Set{Source: source, Leases: leases, Notifier: notifier, Checkpoints: checkpoints}
	defer closeAll(t, set)
	live(t, set)
}

func TestWhatCannotWorkIsRefusedAtOnce(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer client.Close()
	for _, try := range []func() error{
		func() error { _, err := goredis.New(client, "a}"); return err },
		func() error { _, err := goredis.New(nil, "orders"); return err },
		func() error { _, err := goredis.NewSource(client, ""); return err },
		func() error { _, err := goredis.NewLeases(client, "\xff", goredis.LeaseConfig{}); return err },
		func() error { _, err := goredis.NewNotifier(client, "", goredis.NotifierConfig{}); return err },
		func() error { _, err := goredis.NewCheckpoints(client, ""); return err },
		func() error {
			_, err := goredis.NewNotifier(client, "orders", goredis.NotifierConfig{PollEvery: -1})
			return err
		},
	} {
		require.ErrorIs(t, try(), ports.ErrInvalid)
	}
	err := goredis.NotifierConfig{PollEvery: -1, PingAfter: -2}.Validate()
	require.ErrorContains(t, err, "PollEvery")
	require.ErrorContains(t, err, "PingAfter")
}

func TestCheckPassesOnAGoodServerAndNamesOneThatDoesNotAnswer(t *testing.T) {
	server := redistest.Start(t)
	set := newSet(t, server.Client(t))
	for _, port := range []any{set.Source, set.Leases, set.Notifier, set.Checkpoints} {
		warnings, err := port.(ports.Checker).Check(within(t, patience))
		require.NoError(t, err)
		require.Empty(t, warnings)
	}
	server.Freeze()
	defer server.Thaw()
	for _, port := range []any{set.Source, set.Leases, set.Notifier, set.Checkpoints} {
		_, err := port.(ports.Checker).Check(within(t, 100*time.Millisecond))
		require.ErrorContains(t, err, server.Addr())
		require.NotErrorIs(t, err, ports.ErrRefused)
	}
}

// documented are the commands that doc.go lists.
const documented = `
	evalsha eval get set del type time
	xadd xlen xrange xdel xack xclaim xpending xreadgroup xgroup xinfo
	hget hmget hgetall hset hdel hexists hlen hincrby hscan exists
	zadd zrem zpopmin zrangebyscore
	zscore zcard zrange hsetnx
	subscribe publish ping
	hello auth select client`

func restricted(t *testing.T, server *redistest.Server, commands []string) *redis.Client {
	t.Helper()
	rules := []any{"ACL", "SETUSER", "member", "reset", "on", ">secret", "~orders-input", "~{orders-input}:*", "&{orders-input}:hints:0"}
	for _, command := range commands {
		rules = append(rules, "+"+command)
	}
	require.NoError(t, server.Client(t).Do(t.Context(), rules...).Err())
	return server.Client(t, func(o *redis.Options) { o.Username, o.Password = "member", "secret" })
}

func TestAUserWithTheDocumentedRightsIsEnough(t *testing.T) {
	server := redistest.Start(t)
	set := newSet(t, restricted(t, server, strings.Fields(documented)))
	for _, port := range []any{set.Source, set.Leases, set.Notifier, set.Checkpoints} {
		warnings, err := port.(ports.Checker).Check(within(t, patience))
		require.NoError(t, err)
		require.Len(t, warnings, 1, "only INFO is missing")
	}
	live(t, set)
}

func TestCheckNamesARightThatIsMissing(t *testing.T) {
	server := redistest.Start(t)
	everything := strings.Fields(documented)
	for _, missing := range []string{"zcard", "zrange", "evalsha", "publish", "time"} {
		var commands []string
		for _, command := range everything {
			if command != missing {
				commands = append(commands, command)
			}
		}
		notifier, err := goredis.NewNotifier(restricted(t, server, commands), "orders", goredis.NotifierConfig{})
		require.NoError(t, err)
		_, err = notifier.Check(within(t, patience))
		var refused *ports.RefusedError
		require.ErrorAs(t, err, &refused, missing)
		require.True(t, refused.Lasting)
		require.Contains(t, strings.ToLower(refused.Error()), missing)
		require.NotContains(t, refused.Error(), "secret")
		require.NoError(t, notifier.Close())
	}
}
