package goredis_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/internal/testsize"
)

// manyStreams makes streams that a member has taken.
const manyStreams = `
redis.call('XGROUP', 'CREATE', KEYS[1], 'orders-group', '0', 'MKSTREAM')
for i = 1, tonumber(ARGV[1]) do
  local id = redis.call('XADD', KEYS[1], '*', 'lbs-input', '{"DataStreamName":"order-' .. i .. '","Info":null}')
  redis.call('HSET', KEYS[2], id, i .. ' incarnation-a 1 . 0 0 0 - 1 order-' .. i)
end
redis.call('XGROUP', 'SETID', KEYS[1], 'orders-group', '$')
return 1`

// Whatever an operator looks at, the server serves everybody else meanwhile: no
// command holds it for long. The bound is ten times what was measured.
func TestLookingAtManyStreamsHoldsTheServerForMomentsOnly(t *testing.T) {
	const longest = 50 * time.Millisecond
	streams := testsize.Pick(5_000, 1_000_000)
	server := redistest.Start(t)
	client := server.Client(t)
	require.NoError(t, client.WithTimeout(patience).Eval(t.Context(), manyStreams, []string{"orders-input", "{orders-input}:records"}, streams).Err())
	require.NoError(t, client.ConfigSet(t.Context(), "slowlog-log-slower-than", "500").Err())
	require.NoError(t, client.ConfigSet(t.Context(), "slowlog-max-len", "100000").Err())

	require.NoError(t, client.Do(t.Context(), "SLOWLOG", "RESET").Err())

	admin := newAdmin(t, client)
	began, seen, pages := time.Now(), 0, 0
	for page, err := range admin.Pages(t.Context(), goredis.AdminFilter{}) {
		require.NoError(t, err)
		seen += len(page.Streams)
		pages++
	}
	require.Equal(t, streams, seen)
	took := time.Since(began)
	_, err := admin.Find(within(t, patience), fmt.Sprintf("order-%d", streams), nil)
	require.NoError(t, err)
	_, err = admin.Summary(within(t, patience))
	require.NoError(t, err)
	_, err = admin.Purge(within(t, patience), nil)
	require.NoError(t, err)

	var slowest time.Duration
	var command string
	for _, one := range client.SlowLogGet(t.Context(), -1).Val() {
		if one.Duration > slowest {
			slowest, command = one.Duration, fmt.Sprintf("%.40q", one.Args[0])
		}
	}
	t.Logf("%d streams in %d pages: %v; the slowest command took %v (%s)", seen, pages, took, slowest, command)
	require.Less(t, slowest, longest)
}
