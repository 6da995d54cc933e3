package failures_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/internal/redistest"
)

// unfit is a server that a member cannot work on.
type unfit struct {
	// prepare returns how to reach it.
	prepare func(t *testing.T) *redis.Options
	// says is what the error must name: what went wrong, the command, and what
	// to do; the server's address is looked for in each.
	says []string
	// passing: waiting may mend it, so it is no lasting refusal, or none.
	passing bool
}

func unfitServers() map[string]unfit {
	return map[string]unfit{
		"nothing listens": {
			prepare: func(t *testing.T) *redis.Options { return &redis.Options{Addr: freeAddress(t)} },
			says:    []string{"INFO", "connection refused", "check the client's address"},
			passing: true,
		},
		"it accepts and never answers": {
			prepare: func(t *testing.T) *redis.Options {
				server := redistest.Start(t)
				server.Freeze()
				return &redis.Options{Addr: server.Addr()}
			},
			says:    []string{"INFO", "check that the server runs"},
			passing: true,
		},
		"a wrong password": {
			prepare: func(t *testing.T) *redis.Options {
				server := redistest.Start(t, "requirepass right")
				return &redis.Options{Addr: server.Addr(), Password: "hunter2"}
			},
			says: []string{"INFO", "WRONGPASS", "correct the user name and password"},
		},
		"no password": {
			prepare: func(t *testing.T) *redis.Options {
				return &redis.Options{Addr: redistest.Start(t, "requirepass right").Addr()}
			},
			says: []string{"INFO", "NOAUTH", "set the user name and password"},
		},
		"a user who lacks a command": {
			prepare: func(t *testing.T) *redis.Options { return restricted(t, "+@all -xclaim") },
			says:    []string{"XCLAIM", "give the user the right to this command"},
		},
		"a user who lacks a channel": {
			prepare: func(t *testing.T) *redis.Options { return restricted(t, "+@all resetchannels") },
			says:    []string{"PUBLISH", "NOPERM", "this channel"},
		},
		"a user who lacks the keys": {
			prepare: func(t *testing.T) *redis.Options { return restricted(t, "+@all resetkeys ~other:*") },
			says:    []string{"NOPERM", "give the user the right", "keys"},
		},
		"a read-only replica": {
			prepare: func(t *testing.T) *redis.Options {
				master := redistest.Start(t)
				return &redis.Options{Addr: redistest.Start(t, fmt.Sprint("replicaof 127.0.0.1 ", master.Port())).Addr()}
			},
			says:    []string{"INFO", "replica", "point the client at the master"},
			passing: true,
		},
		"an older server": {
			prepare: func(t *testing.T) *redis.Options { return claimsToBe(t, "redis_version:6.2.14") },
			says:    []string{"INFO", "Redis 6.2.14", "use Redis 7.0 or newer, or Valkey 7.2 or newer"},
		},
		"an older Valkey": {
			prepare: func(t *testing.T) *redis.Options {
				return claimsToBe(t, "redis_version:7.2.4\r\nserver_name:valkey\r\nvalkey_version:7.1.9")
			},
			says: []string{"INFO", "Valkey 7.1.9", "use Redis 7.0 or newer, or Valkey 7.2 or newer"},
		},
		"an older layout": {
			prepare: func(t *testing.T) *redis.Options { return withLayout(t, "0.9") },
			says:    []string{`layout "0.9"`, "speaks 1.", "stop the members of the older version"},
		},
		"a newer layout": {
			prepare: func(t *testing.T) *redis.Options { return withLayout(t, "2.0") },
			says:    []string{`layout "2.0"`, "speaks 1.", "update this program"},
		},
		"a database that is not there": {
			prepare: func(t *testing.T) *redis.Options {
				return &redis.Options{Addr: redistest.Start(t).Addr(), DB: 99}
			},
			says: []string{"INFO", "DB index is out of range", "choose a database"},
		},
		"it loads its data": {
			prepare: loadingServer,
			says:    []string{"GET", "LOADING", "wait"},
			passing: true,
		},
	}
}

func TestInitAgainstAServerThatItCannotWorkOnNamesServerCommandAndWhatToDo(t *testing.T) {
	t.Parallel()
	for name, unfit := range unfitServers() {
		t.Run(name, func(t *testing.T) {
			options := unfit.prepare(t)
			err := initFails(t, options)
			for _, expected := range append(unfit.says, options.Addr) {
				assert.ErrorContains(t, err, expected)
			}
			assert.Equal(t, !unfit.passing, isLasting(err), "whether waiting does not mend it")
			if options.Password != "" {
				assert.NotContains(t, err.Error(), options.Password)
			}
		})
	}
}

func TestInitNamesTheKeyThatSomebodyElseUses(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	keys := layout{server.Client(t), serviceName}
	taken := []string{keys.stream()}
	for _, name := range []string{
		"layout", "records", "endings", "due", "sweep", "fleet", "quarantine", "quarantine-order", "quarantine-state",
		"sessions", "session-states", "leases", "token",
	} {
		taken = append(taken, keys.key(name))
	}
	for _, key := range taken {
		t.Run(key, func(t *testing.T) {
			require.NoError(t, keys.client.SAdd(t.Context(), key, "x").Err())
			err := initFails(t, &redis.Options{Addr: server.Addr()})
			assert.ErrorContains(t, err, server.Addr())
			assert.ErrorContains(t, err, key)
			assert.ErrorContains(t, err, "choose another name for the service")
			require.NoError(t, keys.client.FlushAll(t.Context()).Err())
		})
	}
}

// initFails returns the error of Init, which must come.
func initFails(t *testing.T, options *redis.Options) error {
	t.Helper()
	client := redis.NewClient(options)
	defer func() { assert.NoError(t, client.Close()) }()
	member, _ := newClient(t, client, streamlease.Config{TTL: 3 * time.Second})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	began := time.Now()
	_, err := member.Init(ctx)
	t.Logf("after %v: %v", time.Since(began).Round(time.Millisecond), err)
	require.Error(t, err)
	require.NotErrorIs(t, ctx.Err(), context.DeadlineExceeded, "Init had to be cancelled")
	assert.NoError(t, member.Close(ctx))
	return err
}

func freeAddress(t *testing.T) string {
	t.Helper()
	server := redistest.Start(t)
	server.Stop()
	return server.Addr()
}

// restricted is a user of a server with these rules.
func restricted(t *testing.T, rules string) *redis.Options {
	t.Helper()
	server := redistest.Start(t, "user member on >secret ~* &* "+rules)
	return &redis.Options{Addr: server.Addr(), Username: "member", Password: "secret"}
}

// claimsToBe is a server whose INFO is the given text.
func claimsToBe(t *testing.T, info string) *redis.Options {
	t.Helper()
	proxy := startProxy(t, redistest.Start(t).Addr())
	proxy.answer("INFO", bulk("# Server\r\n"+info+"\r\nrole:master\r\n"))
	return &redis.Options{Addr: proxy.Addr()}
}

func withLayout(t *testing.T, version string) *redis.Options {
	t.Helper()
	server := redistest.Start(t)
	keys := layout{server.Client(t), serviceName}
	require.NoError(t, keys.client.Set(t.Context(), keys.key("layout"), version, 0).Err())
	return &redis.Options{Addr: server.Addr()}
}

// loadingServer takes seconds to load its data.
func loadingServer(t *testing.T) *redis.Options {
	t.Helper()
	server := redistest.Start(t, "key-load-delay 500", "loading-process-events-interval-bytes 1024")
	values := make([]any, 0, 40_000)
	for _, name := range streamNames(20_000) {
		values = append(values, name, "x")
	}
	require.NoError(t, server.Client(t).MSet(t.Context(), values...).Err())
	server.Stop()
	server.Launch()
	return &redis.Options{Addr: server.Addr()}
}
