package redisfence_test

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/fence/redisfence"
	"github.com/streamlease/streamlease/internal/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	fenceKey = "{order-7}:fence"
	totalKey = "{order-7}:total"

	// Tokens as the stores draw them: microseconds since 1970.
	older streamlease.Token = 1_795_452_315_174_888
	newer streamlease.Token = 1_795_452_315_174_889
)

// onServer makes fences on a server of the test's own.
func onServer(t *testing.T) (*redis.Client, *redisfence.Fences) {
	t.Helper()
	client := redistest.Start(t).Client(t)
	return client, fencesOf(t, redisfence.Config{Client: client})
}

func fencesOf(t *testing.T, config redisfence.Config) *redisfence.Fences {
	t.Helper()
	fences, err := redisfence.New(config)
	require.NoError(t, err)
	return fences
}

func set(key string, value any) redisfence.Command {
	return redisfence.Command{"SET", redisfence.Key(key), value}
}
