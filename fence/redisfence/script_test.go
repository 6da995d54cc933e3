package redisfence_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/fence/redisfence"
	"github.com/streamlease/streamlease/internal/redistest"
)

func TestAScriptFindsItsOwnKeysAndArgumentsAndNoOthers(t *testing.T) {
	t.Parallel()
	_, fences := onServer(t)
	script := redisfence.NewScript(`return {#KEYS, #ARGV, KEYS[1], KEYS[2], ARGV[1]}`)
	reply, err := fences.Run(t.Context(), fenceKey, newer, script, []string{"a", "b"}, "c")
	require.NoError(t, err)
	assert.Equal(t, []any{int64(2), int64(1), "a", "b", "c"}, reply)
}

func TestAScriptsReplyComesAsItIs(t *testing.T) {
	t.Parallel()
	_, fences := onServer(t)
	for source, want := range map[string]any{
		`return 7`:                          int64(7),
		`return 'text'`:                     "text",
		`return false`:                      nil,
		``:                                  nil,
		`-- nothing but a comment`:          nil,
		`return {1, false, 'FENCED 9'}`:     []any{int64(1), nil, "FENCED 9"},
		`return redis.status_reply('FINE')`: "FINE",
		`local function f() return 1 end return f()`: int64(1),
	} {
		reply, err := fences.Run(t.Context(), fenceKey, newer, redisfence.NewScript(source), nil)
		require.NoError(t, err, source)
		assert.Equal(t, want, reply, source)
	}
}

func TestTheErrorOfAScriptNamesItsOwnLineAndIsNoRefusal(t *testing.T) {
	t.Parallel()
	_, fences := onServer(t)
	for source, line := range map[string]string{
		"return nothing + 1":                      ":1:",
		"\n\nreturn nothing + 1":                  ":3:",
		"#!lua\n\nreturn nothing + 1":             ":3:",
		"#!lua flags=allow-oom\nreturn {} .. 'x'": ":2:",
	} {
		_, err := fences.Run(t.Context(), fenceKey, newer, redisfence.NewScript(source), nil)
		require.ErrorContains(t, err, line, "%q", source)
		assert.NotErrorIs(t, err, streamlease.ErrDisowned)
	}
}

func TestTheFlagsOfAScriptAreItsOwn(t *testing.T) {
	t.Parallel()
	client := redistest.Start(t, "maxmemory 1").Client(t)
	fences := fencesOf(t, redisfence.Config{Client: client})
	_, err := fences.Run(t.Context(), fenceKey, newer, redisfence.NewScript("#!lua flags=allow-oom\nreturn 1"), nil)
	require.NoError(t, err)
	_, err = fences.Run(t.Context(), fenceKey, newer, redisfence.NewScript("#!lua\nreturn 1"), nil)
	require.ErrorContains(t, err, "OOM")
}

func TestCommandsAnswerOneReplyEach(t *testing.T) {
	t.Parallel()
	_, fences := onServer(t)
	key := redisfence.Key(totalKey)
	replies, err := fences.Do(t.Context(), fenceKey, newer,
		redisfence.Command{"GET", key},
		redisfence.Command{"SET", key, 41},
		redisfence.Command{"INCR", key},
		redisfence.Command{"MGET", key, redisfence.Key("{order-7}:none")},
	)
	require.NoError(t, err)
	assert.Equal(t, []any{nil, "OK", int64(42), []any{"42", nil}}, replies)

	replies, err = fences.Do(t.Context(), fenceKey, newer)
	require.NoError(t, err)
	assert.Empty(t, replies)
}

func TestWhenACommandFailsThoseAfterItDoNotRun(t *testing.T) {
	t.Parallel()
	client, fences := onServer(t)
	_, err := fences.Do(t.Context(), fenceKey, newer,
		set("{order-7}:first", "text"),
		redisfence.Command{"INCR", redisfence.Key("{order-7}:first")},
		set("{order-7}:last", 1),
	)
	require.ErrorContains(t, err, "not an integer")
	assert.NotErrorIs(t, err, streamlease.ErrDisowned)
	assert.EqualValues(t, 1, client.Exists(t.Context(), "{order-7}:first", "{order-7}:last").Val())
}

func TestKeysAndValuesOfAnyCharactersStayWhatTheyAre(t *testing.T) {
	t.Parallel()
	client, fences := onServer(t)
	for _, name := range []string{
		`'] redis.call('FLUSHALL') --`, `"`, `]]`, "\x00\xff\r\n", "{", "}", "{}", "ä 世界", "\\", "KEYS[1]", "%s%d",
	} {
		_, err := fences.Do(t.Context(), "fence:"+name, newer, set("data:"+name, name))
		require.NoError(t, err, "%q", name)
		assert.Equal(t, name, client.Get(t.Context(), "data:"+name).Val())
		_, err = fences.Do(t.Context(), "fence:"+name, older, set("data:"+name, "zombie"))
		require.ErrorIs(t, err, streamlease.ErrDisowned, "%q", name)
	}
}

func TestAServerThatForgotTheScriptsIsToldThemAgain(t *testing.T) {
	t.Parallel()
	client, fences := onServer(t)
	require.NoError(t, fences.Raise(t.Context(), fenceKey, newer))
	require.NoError(t, client.ScriptFlush(t.Context()).Err())
	assert.NoError(t, fences.Raise(t.Context(), fenceKey, newer))
}

func TestAFenceRemembersForAsLongAsItShould(t *testing.T) {
	t.Parallel()
	client := redistest.Start(t).Client(t)
	require.NoError(t, fencesOf(t, redisfence.Config{Client: client, Keep: time.Hour}).Raise(t.Context(), fenceKey, older))
	left := client.PTTL(t.Context(), fenceKey).Val()
	assert.Greater(t, left, 30*time.Minute)
	assert.LessOrEqual(t, left, time.Hour)

	require.NoError(t, fencesOf(t, redisfence.Config{Client: client}).Raise(t.Context(), fenceKey, older))
	assert.EqualValues(t, -1, client.PTTL(t.Context(), fenceKey).Val(), "for ever")
}
