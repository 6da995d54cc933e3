package redistest_test

import (
	"context"
	"net"
	"os"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

func TestAServerIsEmptyAndItsOwn(t *testing.T) {
	first, second := redistest.Start(t), redistest.Start(t)
	require.NoError(t, first.Client(t).Set(t.Context(), "key", "value", 0).Err())
	assert.Zero(t, second.Client(t).DBSize(t.Context()).Val())
	assert.NotEqual(t, first.Addr(), second.Addr())
}

func TestURLAndSocketLeadToTheServer(t *testing.T) {
	server := redistest.Start(t)
	require.NoError(t, server.Client(t).Set(t.Context(), "key", "value", 0).Err())

	byURL, err := redis.ParseURL(server.URL())
	require.NoError(t, err)
	for _, options := range []*redis.Options{byURL, {Network: "unix", Addr: server.Socket()}} {
		client := redis.NewClient(options)
		value, err := client.Get(t.Context(), "key").Result()
		require.NoError(t, client.Close())
		require.NoError(t, err)
		assert.Equal(t, "value", value)
	}
}

func TestDirectivesAreObeyed(t *testing.T) {
	server := redistest.Start(t, "maxmemory 12345678", "user worker on >secret ~* &* +@all -config")
	set, err := server.Client(t).ConfigGet(t.Context(), "maxmemory").Result()
	require.NoError(t, err)
	assert.Equal(t, "12345678", set["maxmemory"])

	worker := server.Client(t, func(o *redis.Options) { o.Username, o.Password = "worker", "secret" })
	require.NoError(t, worker.Ping(t.Context()).Err())
	assert.ErrorContains(t, worker.ConfigGet(t.Context(), "maxmemory").Err(), "NOPERM")
}

func TestAServerThatWantsAPasswordStarts(t *testing.T) {
	server := redistest.Start(t, "requirepass secret")
	assert.ErrorContains(t, server.Client(t).Ping(t.Context()).Err(), "NOAUTH")
}

func TestRestartKeepsPortAndData(t *testing.T) {
	for _, persistence := range []string{"appendonly no", "appendonly yes"} {
		t.Run(persistence, func(t *testing.T) {
			server := redistest.Start(t, persistence)
			client := server.Client(t)
			require.NoError(t, client.Set(t.Context(), "key", "value", 0).Err())
			addr, pid := server.Addr(), server.PID()
			server.Restart()
			assert.Equal(t, addr, server.Addr())
			assert.NotEqual(t, pid, server.PID())
			assert.Equal(t, "value", client.Get(t.Context(), "key").Val())
		})
	}
}

func TestRestartEmptyKeepsThePortOnly(t *testing.T) {
	server := redistest.Start(t, "appendonly yes", "appendfsync always")
	client := server.Client(t)
	require.NoError(t, client.Set(t.Context(), "key", "value", 0).Err())
	server.RestartEmpty()
	assert.Zero(t, client.DBSize(t.Context()).Val())
}

func TestKill9KeepsWhatIsOnDisk(t *testing.T) {
	server := redistest.Start(t, "appendonly yes", "appendfsync always")
	client := server.Client(t)
	require.NoError(t, client.Set(t.Context(), "key", "value", 0).Err())
	server.Kill9()
	_, err := net.Dial("tcp", server.Addr())
	require.ErrorIs(t, err, syscall.ECONNREFUSED)
	server.Launch()
	server.AwaitReady()
	assert.Equal(t, "value", client.Get(t.Context(), "key").Val())
}

func TestLaunchAnswersWhileItLoads(t *testing.T) {
	server := redistest.Start(t)
	client := server.Client(t, func(o *redis.Options) { o.MaxRetries = -1 })
	require.NoError(t, client.Eval(t.Context(), "for i = 1, 3000 do redis.call('SET', 'key' .. i, i) end return 1", nil).Err())
	server.Stop()
	server.Launch("key-load-delay 500", "loading-process-events-interval-bytes 1024")
	require.ErrorContains(t, client.Get(t.Context(), "key1").Err(), "LOADING")
	server.AwaitReady()
	assert.Equal(t, "3000", client.Get(t.Context(), "key3000").Val())
}

func TestAFrozenServerAnswersNothingUntilThawed(t *testing.T) {
	server := redistest.Start(t)
	client := server.Client(t, func(o *redis.Options) {
		o.ContextTimeoutEnabled, o.MaxRetries = true, -1
	})
	require.NoError(t, client.Ping(t.Context()).Err())

	server.Freeze()
	soon, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	require.ErrorIs(t, client.Ping(soon).Err(), os.ErrDeadlineExceeded)

	server.Thaw()
	require.NoError(t, client.Ping(t.Context()).Err())
}

func TestNothingIsLeftWhenTheTestEnds(t *testing.T) {
	var socket string
	var pid int
	t.Run("a test with a frozen server", func(t *testing.T) {
		server := redistest.Start(t)
		socket, pid = server.Socket(), server.PID()
		server.Freeze()
	})
	assert.NoFileExists(t, socket)
	assert.ErrorIs(t, syscall.Kill(pid, 0), syscall.ESRCH)
}

func TestTheServerIsChosenByTheEnvironment(t *testing.T) {
	folder := t.TempDir()
	chosen := folder + "/another-server"
	script := "#!/bin/sh\ntouch " + folder + "/chosen\nexec redis-server \"$@\"\n"
	require.NoError(t, os.WriteFile(chosen, []byte(script), 0o700))
	t.Setenv("REDIS_SERVER", chosen)
	redistest.Start(t)
	assert.FileExists(t, folder+"/chosen")
}
