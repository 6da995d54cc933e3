package wire

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/internal/redistest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCommandsAreFoundHoweverTheyAreCut(t *testing.T) {
	text := []byte("*2\r\n$3\r\nGET\r\n$10\r\n*1\r\n$1\r\nxx\r\n*1\r\n$4\r\nPING\r\n*1\r\n$0\r\n\r\n")
	for size := 1; size <= len(text); size++ {
		var requests requests
		var found int64
		for from := 0; from < len(text); from += size {
			found += requests.see(text[from:min(from+size, len(text))])
		}
		require.EqualValues(t, 3, found, "in pieces of %d bytes", size)
	}
}

func TestAPipelineIsOneRoundTripAndWhatAScriptCallsIsNotCounted(t *testing.T) {
	server := redistest.Start(t)
	var counter Counter
	client := server.Client(t, func(o *redis.Options) {
		o.Dialer = counter.Dial
		o.PipelinePoolSize = -1 // else pipelines have a connection of their own
	})
	require.NoError(t, client.Ping(t.Context()).Err())
	before := counter.Counts()

	pipeline := client.Pipeline()
	for range 10 {
		pipeline.Set(t.Context(), "key", "value", 0)
	}
	_, err := pipeline.Exec(t.Context())
	require.NoError(t, err)
	require.NoError(t, client.Eval(t.Context(), `for i = 1, 100 do redis.call("INCR", "n") end return 1`, nil).Err())

	counted := counter.Counts().Minus(before)
	require.EqualValues(t, 11, counted.Commands)
	require.EqualValues(t, 2, counted.RoundTrips)
	require.Zero(t, counted.Connections)
	require.Positive(t, counted.BytesIn)
	require.Equal(t, counter.Counts(), before.Plus(counted))
}
