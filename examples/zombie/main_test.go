package main

import (
	"context"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

// programVariable makes the test binary the program itself, and its members, so
// that they run with the race detector when the tests do.
const programVariable = "STREAMLEASE_ZOMBIE"

func TestMain(m *testing.M) {
	if os.Getenv(programVariable) != "" {
		main()
	}
	os.Exit(m.Run())
}

// program is the program, not yet started. It is killed when the test takes
// far too long.
func program(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	binary, err := os.Executable()
	require.NoError(t, err)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	t.Cleanup(cancel)
	command := exec.CommandContext(ctx, binary, arguments...)
	command.Env = append(os.Environ(), programVariable+"=1")
	return command
}

// requireStory: each part comes after the one before it.
func requireStory(t *testing.T, told string) {
	t.Helper()
	rest := told
	for _, part := range []string{
		"Without a fence",
		"has read 30 and is about to write 40: kill -STOP ",
		"has taken over and finished, ", "The balance is 100",
		"kill -CONT ", "writes, with its old token",
		"Nobody stops it: it has written 40.",
		"The balance is 40 of 100: CORRUPTED, 60 are lost.",
		"With a fence",
		"has read 30 and is about to write 40: kill -STOP ",
		"has taken over and finished, ", "The balance is 100",
		"kill -CONT ", "writes, with its old token",
		"It is refused: the stream is no longer owned by this tenure",
		"The balance is 100 of 100: correct.",
	} {
		_, after, found := strings.Cut(rest, part)
		require.True(t, found, "%q is missing, or too early, in\n%s", part, told)
		rest = after
	}
}

func TestTheZombieCorruptsTheAccountUnlessThereIsAFence(t *testing.T) {
	t.Parallel()
	folder := makeFolder(t)
	command := program(t)
	command.Env = append(command.Env, "TMPDIR="+folder)
	told, err := command.CombinedOutput()
	require.NoError(t, err, "%s", told)
	requireStory(t, string(told))
	t.Logf("%s", told)
	left, err := os.ReadDir(folder)
	require.NoError(t, err)
	assert.Empty(t, left)
}

func TestOnAServerOfOnesOwnNothingIsLeft(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	rdb := server.Client(t)
	require.NoError(t, rdb.Set(t.Context(), "somebody-elses", "key", 0).Err())
	told, err := program(t, "-redis", server.URL()).CombinedOutput()
	require.NoError(t, err, "%s", told)
	requireStory(t, string(told))
	assert.Equal(t, []string{"somebody-elses"}, rdb.Keys(t.Context(), "*").Val())
}

func TestItsServerEndsWithItHoweverItEnds(t *testing.T) {
	t.Parallel()
	folder := makeFolder(t)
	command := program(t)
	command.Env = append(command.Env, "TMPDIR="+folder)
	require.NoError(t, command.Start())
	t.Cleanup(func() { _ = command.Process.Kill() })
	answers := func() bool {
		sockets, _ := filepath.Glob(filepath.Join(folder, "zombie-*", "redis.sock"))
		if len(sockets) == 0 {
			return false
		}
		conn, err := net.Dial("unix", sockets[0])
		if err == nil {
			_ = conn.Close()
		}
		return err == nil
	}
	require.Eventually(t, answers, time.Minute, time.Millisecond)
	require.NoError(t, command.Process.Kill())
	_ = command.Wait() // killed
	assert.Eventually(t, func() bool { return !answers() }, time.Minute, time.Millisecond)
}

func TestWithoutARedisItSaysWhatToDo(t *testing.T) {
	t.Parallel()
	command := program(t)
	command.Env = append(command.Env, "REDIS_SERVER=there-is-none")
	told, err := command.CombinedOutput()
	require.Error(t, err)
	for _, part := range []string{"no redis-server is installed", "apt-get install redis-server", "-redis redis://host:6379"} {
		assert.Contains(t, string(told), part)
	}

	server := redistest.Start(t)
	server.Stop()
	told, err = program(t, "-redis", server.URL()).CombinedOutput()
	require.Error(t, err)
	assert.Contains(t, string(told), "no Redis answers at "+server.Addr())
}

func TestAWrongCallIsToldWithAnExample(t *testing.T) {
	t.Parallel()
	for problem, arguments := range map[string][]string{
		`what is "now"?`:              {"now"},
		"not defined: -what":          {"-what"},
		"flag needs an argument":      {"-redis"},
		"wants a URL like redis://lo": {"-redis", "redis//user:secret@localhost"},
	} {
		told, err := program(t, arguments...).CombinedOutput()
		require.Error(t, err)
		assert.Contains(t, string(told), problem)
		assert.Contains(t, string(told), "redis://localhost:6379")
		assert.NotContains(t, string(told), "secret")
	}
}

// makeFolder is not t.TempDir: the path of a Unix socket has a limit of about a
// hundred bytes, and test names are long.
func makeFolder(t *testing.T) string {
	t.Helper()
	folder, err := os.MkdirTemp("", "zt-")
	require.NoError(t, err)
	t.Cleanup(func() { _ = os.RemoveAll(folder) })
	return folder
}
