package failures_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/redistest"
)

// What nobody is to read in a log or in an error.
const (
	password = "pass-4711"
	card     = "card-4242"
)

// A log is read by more people than the data: neither the password in a server's
// URL nor what producers say of a stream stands there, also when the server is
// down, refuses, or the stream fails.
func TestNothingSecretIsLogged(t *testing.T) {
	server := redistest.Start(t)
	operator := server.Client(t)
	grant(t, operator, password)
	options, err := redis.ParseURL(fmt.Sprintf("redis://worker:%s@%s/0", password, server.Addr()))
	require.NoError(t, err)
	rdb := redis.NewClient(options)
	t.Cleanup(func() { require.NoError(t, rdb.Close()) })

	var log bytes.Buffer
	client := secretive(t, rdb, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug})))
	notifications, err := client.Init(t.Context())
	require.NoError(t, err)
	announceSecrets(t, operator)
	failOnce(t, notifications)

	// The password is another one now: every call is refused.
	grant(t, operator, "another")
	require.NoError(t, operator.Do(t.Context(), "CLIENT", "KILL", "USER", "worker").Err())
	require.Eventually(t, func() bool { return client.Status().LastError != nil }, time.Minute, 10*time.Millisecond)
	refusal := client.Status().LastError.Error()
	go func() {
		for range notifications {
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(t, client.Close(ctx))

	_, wrong := secretive(t, rdb, nil).Init(t.Context())
	require.Error(t, wrong)
	require.Contains(t, log.String(), "tenure began", "this test looks at no log")
	for where, text := range map[string]string{"the log": log.String(), "the last error": refusal, "the error of Init": wrong.Error()} {
		assert.NotContains(t, text, password, where)
		assert.NotContains(t, text, card, where)
	}
}

func grant(t *testing.T, operator *redis.Client, password string) {
	t.Helper()
	require.NoError(t, operator.Do(t.Context(), "ACL", "SETUSER", "worker", "reset", "on", ">"+password, "~*", "&*", "+@all").Err())
}

func secretive(t *testing.T, rdb *redis.Client, log *slog.Logger) *streamlease.Client {
	t.Helper()
	set, err := goredis.New(rdb, "secretive")
	require.NoError(t, err)
	client, err := streamlease.New(streamlease.Config{Ports: set, ID: "m1", TTL: time.Second, MaxFailures: 1, Logger: log})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, client.Close(context.Background())) })
	return client
}

// announceSecrets announces a stream with a card's number, and writes one entry
// with it that is none.
func announceSecrets(t *testing.T, operator *redis.Client) {
	t.Helper()
	for _, entry := range []string{`{"DataStreamName": "s1", "Info": {"card": "` + card + `"}}`, `{"card": "` + card} {
		require.NoError(t, operator.XAdd(t.Context(), &redis.XAddArgs{Stream: "secretive-input", Values: []string{"lbs-input", entry}}).Err())
	}
}

func failOnce(t *testing.T, notifications <-chan streamlease.Notification) {
	t.Helper()
	select {
	case n := <-notifications:
		require.Equal(t, streamlease.StreamAdded, n.Kind)
		require.Contains(t, string(n.Info), card)
		require.NoError(t, n.Stream.Fail(t.Context(), errors.New("no use")))
	case <-time.After(time.Minute):
		require.Fail(t, "the stream was not heard of in a minute")
	}
}
