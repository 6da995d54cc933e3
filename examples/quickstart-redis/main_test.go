package main

import (
	"context"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

func TestTheStoryHoldsWhatItSays(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	rdb := server.Client(t)
	require.NoError(t, rdb.Set(t.Context(), "somebody-elses", "key", 0).Err())

	run := startRun(t, "-redis", "unix://"+server.Socket())
	require.Equal(t, 0, run.wait(), "%s", run)
	story := run.String()
	require.NotContains(t, story, "\x1b", "a terminal's sequence in plain output")
	for _, part := range []string{
		"1  Three processes join",
		"2  A producer announces 8 streams",
		"They are spread evenly: ",
		"3  kill -9 ",
		"4  kill -STOP ",
		"5  kill -CONT ",
		"late writes were refused",
		"6  3 more streams are announced",
		"7  The producer ends the streams",
		"All 11 are finished, each once",
		"11 announced, 11 finished",
		"after kill ",
		"after freeze ",
	} {
		_, after, found := strings.Cut(story, part)
		require.True(t, found, "%q is missing, or too early, in\n%s", part, run)
		story = after
	}
	requireNothingLeft(t, rdb, run)
}

// A user does what the story would have done.
func TestByHandAUserKillsAndFreezes(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	rdb := server.Client(t)
	require.NoError(t, rdb.Set(t.Context(), "somebody-elses", "key", 0).Err())

	run := startRun(t, "-redis", server.URL(), "-by-hand")
	run.expect("Now it is your turn")
	require.NoError(t, syscall.Kill(run.pidOf("B"), syscall.SIGKILL))
	run.expect("B is dead")
	require.NoError(t, syscall.Kill(run.pidOf("C"), syscall.SIGSTOP))
	run.expect("C is frozen")
	require.NoError(t, syscall.Kill(run.pidOf("C"), syscall.SIGCONT))
	run.expect("C goes on")
	require.NoError(t, run.command.Process.Signal(os.Interrupt))
	require.Equal(t, 0, run.wait(), "%s", run)
	require.Contains(t, run.String(), "All 8 are finished, each once")
	requireNothingLeft(t, rdb, run)
}

func TestControlCEndsEverything(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	rdb := server.Client(t)
	require.NoError(t, rdb.Set(t.Context(), "somebody-elses", "key", 0).Err())

	run := startRun(t, "-redis", server.URL())
	run.expect("C is frozen")
	require.NoError(t, run.command.Process.Signal(os.Interrupt))
	require.Equal(t, 130, run.wait(), "%s", run)
	require.Contains(t, run.String(), "interrupted; the members have ended and the keys are removed")
	requireNothingLeft(t, rdb, run)
}

// requireNothingLeft looks for members that still run, and for keys.
func requireNothingLeft(t *testing.T, rdb *redis.Client, run *run) {
	t.Helper()
	for _, id := range memberIDs {
		require.ErrorIs(t, syscall.Kill(run.pidOf(id), 0), syscall.ESRCH, "member %s still runs", id)
	}
	keys, err := rdb.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.Equal(t, []string{"somebody-elses"}, keys)
}

func TestWithoutARedisItSaysWhatToDo(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	server.Stop()
	run := startRun(t, "-redis", server.URL())
	require.Equal(t, 1, run.wait())
	for _, part := range []string{"no Redis answers at " + server.Addr(), "refused", "redis-server", "-redis"} {
		require.Contains(t, run.String(), part)
	}
}

func TestAMemberThatCannotJoinEndsTheStory(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t, "user default on nopass ~* &* +@all -xreadgroup")
	run := startRun(t, "-redis", server.URL())
	require.Equal(t, 1, run.wait())
	require.Contains(t, run.String(), "failed: ")
	require.Contains(t, run.String(), "XREADGROUP")
}

func TestAWrongURLIsToldWithoutItsPassword(t *testing.T) {
	t.Parallel()
	run := startRun(t, "-redis", "redis//user:secret@localhost")
	require.Equal(t, 1, run.wait())
	require.Contains(t, run.String(), "redis://localhost:6379")
	require.NotContains(t, run.String(), "secret")
}

func TestWrongArgumentsAreToldWithAnExample(t *testing.T) {
	t.Parallel()
	for problem, arguments := range map[string][]string{
		"it needs -redis URL":      nil,
		`what is "now"?`:           {"-redis", "redis://localhost:1", "now"},
		"not defined: -what":       {"-what"},
		"flag needs an argument":   {"-redis"},
		"-member needs -service":   {"-redis", "redis://localhost:1", "-member", "A"},
		"redis://localhost:6379\n": {"-what"},
	} {
		run := startRun(t, arguments...)
		require.Equal(t, 2, run.wait())
		require.Contains(t, run.String(), problem)
		require.Contains(t, run.String(), "go run ./examples/quickstart-redis -redis URL")
	}
}

func TestHelpGivesAnExample(t *testing.T) {
	t.Parallel()
	run := startRun(t, "--help")
	require.Equal(t, 0, run.wait())
	require.Contains(t, run.String(), "redis://localhost:6379")
}

func TestTheLedgerRefusesOldTokens(t *testing.T) {
	t.Parallel()
	l := newLedger(redistest.Start(t).Client(t), "service")
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	// Two tokens that differ only beyond what a short float can tell.
	const older, newer = 1_795_452_315_174_888, 1_795_452_315_174_889

	_, _, err := l.open(ctx, "s1", older)
	require.NoError(t, err)
	_, err = l.write("s1", older, []record{{id: "1-0"}, {id: "2-0"}})
	require.NoError(t, err)
	position, finished, err := l.open(ctx, "s1", newer)
	require.NoError(t, err)
	require.Equal(t, "2-0", position)
	require.False(t, finished)
	_, err = l.write("s1", older, []record{{id: "3-0", last: true}})
	require.ErrorIs(t, err, errOldToken)
	finished, err = l.write("s1", newer, []record{{id: "3-0", last: true}})
	require.NoError(t, err)
	require.True(t, finished)
	_, finished, err = l.open(ctx, "s1", newer)
	require.NoError(t, err)
	require.True(t, finished)
}

func TestTheLedgersCheckFindsWhatIsWrong(t *testing.T) {
	fed := []record{{id: "1-0"}, {id: "2-0"}}
	require.NoError(t, compare([]string{"7 1-0", "8 2-0"}, fed))
	require.ErrorContains(t, compare([]string{"7 1-0"}, fed), "there are 1")
	require.ErrorContains(t, compare([]string{"7 1-0", "7 1-0"}, fed), "record 2-0 should be next")
	require.ErrorContains(t, compare([]string{"8 1-0", "7 2-0"}, fed), "should have been refused")
}
