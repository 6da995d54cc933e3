package conn_test

import (
	"context"
	"errors"
	"net"
	"os"
	"slices"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/redistest"
)

// refusal runs call and returns what it was refused with.
func refusal(t *testing.T, lane *conn.Lane, call func(node *redis.Client) error) *core.RefusedError {
	t.Helper()
	err := lane.Do(within(t, patience), "COMMAND", call)
	var refused *core.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, "COMMAND", refused.Command)
	require.NotEmpty(t, refused.Advice)
	require.Error(t, refused.Cause)
	return refused
}

func set(t *testing.T, c *conn.Conn) func(*redis.Client) error {
	return func(node *redis.Client) error { return node.Set(t.Context(), c.Probe(), "x", 0).Err() }
}

func TestADefiniteNoNamesServerCommandAndAdvice(t *testing.T) {
	for name, test := range map[string]struct {
		lasting bool
		options func(*redis.Options)
		prepare func(t *testing.T, server *redistest.Server, raw *redis.Client)
	}{
		"NOPERM": {lasting: true, prepare: func(t *testing.T, _ *redistest.Server, raw *redis.Client) {
			require.NoError(t, raw.Do(t.Context(), "ACL", "SETUSER", "default", "-set").Err())
		}},
		"NOAUTH": {lasting: true, prepare: func(t *testing.T, _ *redistest.Server, raw *redis.Client) {
			require.NoError(t, raw.ConfigSet(t.Context(), "requirepass", "secret").Err())
		}},
		"WRONGPASS": {lasting: true,
			options: func(o *redis.Options) { o.Username, o.Password = "nobody", "hunter2" },
			prepare: func(*testing.T, *redistest.Server, *redis.Client) {}},
		"WRONGTYPE": {lasting: true, prepare: func(t *testing.T, _ *redistest.Server, raw *redis.Client) {}},
		"DB index": {lasting: true,
			options: func(o *redis.Options) { o.DB = 99 },
			prepare: func(*testing.T, *redistest.Server, *redis.Client) {}},
		"unknown command": {lasting: true, prepare: func(*testing.T, *redistest.Server, *redis.Client) {}},
		"OOM": {prepare: func(t *testing.T, _ *redistest.Server, raw *redis.Client) {
			require.NoError(t, raw.ConfigSet(t.Context(), "maxmemory", "1").Err())
		}},
		"READONLY": {prepare: func(t *testing.T, _ *redistest.Server, raw *redis.Client) {
			require.NoError(t, raw.ReplicaOf(t.Context(), "127.0.0.1", "1").Err())
		}},
		"NOREPLICAS": {prepare: func(t *testing.T, _ *redistest.Server, raw *redis.Client) {
			require.NoError(t, raw.ConfigSet(t.Context(), "min-replicas-to-write", "1").Err())
		}},
	} {
		t.Run(name, func(t *testing.T) {
			server := redistest.Start(t)
			raw := server.Client(t)
			test.prepare(t, server, raw)
			options := &redis.Options{Addr: server.Addr()}
			if test.options != nil {
				test.options(options)
			}
			client := redis.NewClient(options)
			defer client.Close()
			c := open(t, client)
			call := set(t, c)
			switch name {
			case "WRONGTYPE":
				call = func(node *redis.Client) error {
					node.Set(t.Context(), c.Probe(), "x", 0)
					return node.HGet(t.Context(), c.Probe(), "x").Err()
				}
			case "unknown command":
				call = func(node *redis.Client) error { return node.Do(t.Context(), "NOSUCH").Err() }
			}
			refused := refusal(t, c.Rest, call)
			require.Equal(t, test.lasting, refused.Lasting)
			require.Equal(t, server.Addr(), refused.Server)
			require.Contains(t, refused.Error(), name)
			require.NotContains(t, refused.Error(), "hunter2")
		})
	}
}

func TestAServerThatLoadsItsDataRefusesForNow(t *testing.T) {
	server := redistest.Start(t, "key-load-delay 500", "loading-process-events-interval-bytes 1024")
	raw := server.Client(t)
	pipeline := raw.Pipeline()
	for i := range 20_000 {
		pipeline.Set(t.Context(), string(rune('a'+i%26))+"-key-"+string(rune(i+1000)), i, 0)
	}
	_, err := pipeline.Exec(t.Context())
	require.NoError(t, err)
	c := open(t, raw)
	server.Stop()
	server.Launch()
	refused := refusal(t, c.Rest, set(t, c))
	require.False(t, refused.Lasting)
	require.Contains(t, refused.Error(), "LOADING")
}

func TestAScriptIsRefusedBeforeItRunsAndUnknownOnceItRan(t *testing.T) {
	server := redistest.Start(t)
	raw := server.Client(t)
	c := open(t, raw)
	ctx := within(t, patience)
	takes := conn.NewScript("takes.lua", "#!lua\nredis.call('INCR', KEYS[1])\nreturn redis.call('HGET', KEYS[1], 'x')")
	keeps := conn.NewScript("keeps.lua", "#!lua flags=allow-oom\nreturn redis.call('INCR', KEYS[1])")

	_, err := takes.Run(ctx, c.Rest, []string{c.Probe()})
	require.Error(t, err)
	require.NotErrorIs(t, err, core.ErrRefused, "it failed half-way, and had written")
	require.ErrorContains(t, err, server.Addr())
	require.ErrorContains(t, err, "takes.lua")
	require.Equal(t, "1", raw.Get(ctx, c.Probe()).Val())

	require.NoError(t, raw.ConfigSet(ctx, "maxmemory", "1").Err())
	_, err = takes.Run(ctx, c.Rest, []string{c.Probe()})
	require.ErrorIs(t, err, core.ErrRefused)
	require.Equal(t, "1", raw.Get(ctx, c.Probe()).Val())
	reply, err := keeps.Run(ctx, c.Rest, []string{c.Probe()})
	require.NoError(t, err)
	require.EqualValues(t, 2, reply)
}

func TestARightThatIsMissingWithinAScriptIsUnknownToo(t *testing.T) {
	server := redistest.Start(t)
	raw := server.Client(t)
	c := open(t, raw)
	ctx := within(t, patience)
	require.NoError(t, raw.Do(ctx, "ACL", "SETUSER", "default", "-hget").Err())
	script := conn.NewScript("half.lua", "#!lua\nredis.call('INCR', KEYS[1])\nreturn redis.call('HGET', KEYS[1], 'x')")
	_, err := script.Run(ctx, c.Rest, []string{c.Probe()})
	require.Error(t, err)
	require.NotErrorIs(t, err, core.ErrRefused)
	require.ErrorContains(t, err, "give the user the right")
}

func TestWhatIsNoAnswerOfTheServerStaysUnknown(t *testing.T) {
	client := redis.NewClient(&redis.Options{Addr: "127.0.0.1:1"})
	defer client.Close()
	c := open(t, client)
	require.NoError(t, c.Rest.Explain("PING", nil))
	for _, cause := range []error{context.DeadlineExceeded, net.ErrClosed, errors.New("OOM said somebody else")} {
		err := c.Rest.Explain("PING", cause)
		require.ErrorIs(t, err, cause)
		require.NotErrorIs(t, err, core.ErrRefused)
		require.ErrorContains(t, err, "127.0.0.1:1")
	}
	for cause, advice := range map[error]string{
		&net.OpError{Op: "dial", Err: errors.New("connection refused")}: "check the client's address",
		context.DeadlineExceeded:                              "check that the server runs",
		&net.OpError{Op: "read", Err: os.ErrDeadlineExceeded}: "check that the server runs",
	} {
		require.ErrorContains(t, c.Rest.Explain("PING", cause), advice)
	}
	refused := &core.RefusedError{Command: "GET"}
	require.Same(t, refused, c.Rest.Explain("PING", refused), "what is explained stays as it is")
}

func TestAScriptThatTheServerForgotIsSentAgainAlsoInABatch(t *testing.T) {
	server := redistest.Start(t)
	raw := server.Client(t)
	c := open(t, raw)
	ctx := within(t, patience)
	increment := conn.NewScript("increment.lua", "#!lua\nreturn redis.call('INCR', KEYS[1])")
	want := int64(0)
	for range 2 {
		require.NoError(t, raw.ScriptFlush(ctx).Err())
		want++
		reply, err := increment.Run(ctx, c.Rest, []string{c.Probe()})
		require.NoError(t, err)
		require.Equal(t, want, reply)

		require.NoError(t, raw.ScriptFlush(ctx).Err())
		for _, answer := range increment.RunAll(ctx, c.Rest, make3(c.Probe())) {
			want++
			require.NoError(t, answer.Err)
			require.Equal(t, want, answer.Reply)
		}
	}
	require.Empty(t, increment.RunAll(ctx, c.Rest, nil))
}

func make3(key string) []conn.Call {
	call := conn.Call{Keys: []string{key}}
	return []conn.Call{call, call, call}
}

func TestAScriptWithoutItsFirstLineIsAMistake(t *testing.T) {
	require.Panics(t, func() { conn.NewScript("bad.lua", "return 1\n") })
	require.Panics(t, func() { conn.NewScript("bad.lua", "#!lua") })
}

func TestSharedSourcesComeAfterTheFirstLine(t *testing.T) {
	c := open(t, redistest.Start(t).Client(t))
	script := conn.NewScript("sum.lua", "#!lua\nreturn a() + b()", "local function a() return 1 end", "local function b() return 2 end")
	reply, err := script.Run(within(t, patience), c.Rest, nil)
	require.NoError(t, err)
	require.EqualValues(t, 3, reply)
}

// Before AUTH the server reads no command of more than ten words, and says so in
// other words than NOAUTH.
func TestWhoGivesNoPasswordIsToldSoWhateverTheCommand(t *testing.T) {
	server := redistest.Start(t, "requirepass secret")
	c := open(t, server.Client(t))
	script := conn.NewScript("many.lua", "#!lua\nreturn 1")
	for _, words := range []int{0, 20} {
		_, err := script.Run(within(t, patience), c.Rest, []string{c.Probe()}, slices.Repeat([]any{"x"}, words)...)
		var refused *core.RefusedError
		require.ErrorAs(t, err, &refused, "%d words", words)
		require.True(t, refused.Lasting)
		require.Contains(t, refused.Error(), "set the user name and password")
	}
}
