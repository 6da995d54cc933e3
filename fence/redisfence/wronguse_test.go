package redisfence_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/fence/redisfence"
	"github.com/streamlease/streamlease/internal/redistest"
)

func TestAConfigThatCannotWorkIsRefused(t *testing.T) {
	t.Parallel()
	client := redis.NewClient(&redis.Options{Addr: "localhost:1"})
	defer client.Close()
	for complaint, config := range map[string]redisfence.Config{
		"Client is missing": {},
		"Keep is -1s":       {Client: client, Keep: -time.Second},
		"Keep is 1µs":       {Client: client, Keep: time.Microsecond},
	} {
		_, err := redisfence.New(config)
		assert.ErrorIs(t, err, streamlease.ErrInvalid)
		assert.ErrorContains(t, err, complaint)
	}
}

func TestWhatMakesNoSenseIsRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	client, fences := onServer(t)
	total := redisfence.Key(totalKey)
	for complaint, call := range map[string]struct {
		key     string
		token   streamlease.Token
		command redisfence.Command
	}{
		"the key of the fence is empty":      {"", newer, set(totalKey, 1)},
		"0 is no fencing token":              {fenceKey, 0, set(totalKey, 1)},
		"-1 is no fencing token":             {fenceKey, -1, set(totalKey, 1)},
		"is the fence itself":                {fenceKey, newer, set(fenceKey, 1)},
		"command 1: it is empty":             {fenceKey, newer, redisfence.Command{}},
		`command 1: "SET" names no key`:      {fenceKey, newer, redisfence.Command{"SET", totalKey, 1}},
		`command 1: "RPUSH" has 4001 words`:  {fenceKey, newer, append(redisfence.Command{"RPUSH", total}, make([]any, 3_999)...)},
		`write its keys as redisfence.Key("`: {fenceKey, newer, redisfence.Command{"PING"}},
	} {
		_, err := fences.Do(t.Context(), call.key, call.token, call.command)
		assert.ErrorIs(t, err, streamlease.ErrInvalid, complaint)
		assert.ErrorContains(t, err, complaint)
	}
	assert.Zero(t, client.DBSize(t.Context()).Val())
}

func TestAScriptThatNobodyMadeIsRefused(t *testing.T) {
	t.Parallel()
	_, fences := onServer(t)
	for _, script := range []*redisfence.Script{nil, {}} {
		_, err := fences.Run(t.Context(), fenceKey, newer, script, nil)
		assert.ErrorIs(t, err, streamlease.ErrInvalid)
		assert.ErrorContains(t, err, "make it with NewScript")
	}
}

func TestACommandMayHaveAsManyWordsAsItSays(t *testing.T) {
	t.Parallel()
	client, fences := onServer(t)
	push := redisfence.Command{"RPUSH", redisfence.Key(totalKey)}
	for len(push) < 4_000 {
		push = append(push, "x")
	}
	_, err := fences.Do(t.Context(), fenceKey, newer, push, push)
	require.NoError(t, err)
	assert.EqualValues(t, 2*3_998, client.LLen(t.Context(), totalKey).Val())
}

func TestAFenceKeyThatHoldsSomethingElseRefusesEverybodyAndSaysWhy(t *testing.T) {
	t.Parallel()
	client, fences := onServer(t)
	for _, content := range []string{"", "abc", "-5", "007", "1.5", " 1", "1\n2"} {
		require.NoError(t, client.Set(t.Context(), fenceKey, content, 0).Err())
		_, err := fences.Do(t.Context(), fenceKey, newer, set(totalKey, 1))
		require.ErrorContains(t, err, "is the key used for something else?", "%q", content)
		assert.NotErrorIs(t, err, streamlease.ErrDisowned, "%q", content)
	}
	require.NoError(t, client.Del(t.Context(), fenceKey).Err())
	require.NoError(t, client.RPush(t.Context(), fenceKey, "a list").Err())
	_, err := fences.Do(t.Context(), fenceKey, newer, set(totalKey, 1))
	require.ErrorContains(t, err, "WRONGTYPE")
	assert.Zero(t, client.Exists(t.Context(), totalKey).Val())
}

func TestATokenThatIsTooLargeForUsStillRefuses(t *testing.T) {
	t.Parallel()
	client, fences := onServer(t)
	require.NoError(t, client.Set(t.Context(), fenceKey, "9999999999999999999999", 0).Err())
	assert.ErrorIs(t, fences.Raise(t.Context(), fenceKey, newer), streamlease.ErrDisowned)
}

func TestADeadServerIsNotTakenForARefusal(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	client := server.Client(t, func(options *redis.Options) { options.MaxRetries, options.DialerRetries = -1, 1 })
	fences := fencesOf(t, redisfence.Config{Client: client})
	require.NoError(t, fences.Raise(t.Context(), fenceKey, newer))
	server.Kill9()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	_, err := fences.Do(ctx, fenceKey, newer, set(totalKey, 1))
	require.ErrorContains(t, err, "behind the fence \""+fenceKey+"\"")
	assert.NotErrorIs(t, err, streamlease.ErrDisowned)
	assert.NotErrorIs(t, err, streamlease.ErrInvalid)
}

func TestAContextThatHasEndedIsNotTakenForARefusal(t *testing.T) {
	t.Parallel()
	_, fences := onServer(t)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	err := fences.Raise(ctx, fenceKey, newer)
	assert.ErrorIs(t, err, context.Canceled)
}
