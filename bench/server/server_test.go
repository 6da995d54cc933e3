package server_test

import (
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/bench/server"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) *server.Server {
	s, err := server.Start(t.Context())
	require.NoError(t, err)
	t.Cleanup(s.Stop)
	return s
}

func TestUseCountsWhatWasExecutedInsideScriptsToo(t *testing.T) {
	s := start(t)
	before, err := s.Use(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Client().Eval(t.Context(), `for i = 1, 5 do redis.call("INCR", "n") end return 1`, nil).Err())
	after, err := s.Use(t.Context())
	require.NoError(t, err)

	used := after.Since(before)
	require.Equal(t, map[string]int64{"eval": 1, "incr": 5}, used.Calls)
	require.EqualValues(t, 6, used.Executed())
	require.Positive(t, after.CPU)
	require.Positive(t, after.Memory)
}

func TestNeighboursAreKeysWithATTL(t *testing.T) {
	s := start(t)
	require.NoError(t, s.AddNeighbours(t.Context(), 10_001))
	size, err := s.Client().DBSize(t.Context()).Result()
	require.NoError(t, err)
	require.EqualValues(t, 10_001, size)
	left, err := s.Client().TTL(t.Context(), "neighbour:10000").Result()
	require.NoError(t, err)
	require.Positive(t, left)
}

func TestTheSlowestCommandIsRemembered(t *testing.T) {
	s := start(t)
	longest, _, err := s.Slowest(t.Context())
	require.NoError(t, err)
	require.Zero(t, longest)

	require.NoError(t, s.Client().Do(t.Context(), "DEBUG", "SLEEP", "0.05").Err())
	longest, command, err := s.Slowest(t.Context())
	require.NoError(t, err)
	require.Positive(t, longest)
	require.Contains(t, command, "SLEEP")

	require.NoError(t, s.ForgetSlow(t.Context()))
	longest, _, err = s.Slowest(t.Context())
	require.NoError(t, err)
	require.Zero(t, longest)
}
