package checkpoints

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func open(t *testing.T, client redis.UniversalClient) *Store {
	t.Helper()
	c, err := conn.Open(client, "orders")
	require.NoError(t, err)
	store := New(c)
	t.Cleanup(func() { require.NoError(t, store.Close()) })
	return store
}

func within(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	return ctx
}

func ref(name string) ports.StreamRef { return ports.StreamRef{Name: name, MessageID: "7-1"} }

func save(t *testing.T, store *Store, requests ...ports.SaveRequest) []ports.SaveResult {
	t.Helper()
	results, err := store.Save(within(t), requests)
	require.NoError(t, err)
	return results
}

func load(t *testing.T, store *Store, name string, token ports.Token) ports.LoadResult {
	t.Helper()
	results, err := store.Load(within(t), []ports.LoadRequest{{Ref: ref(name), Token: token}})
	require.NoError(t, err)
	return results[0]
}

func finish(t *testing.T, store *Store, name string, token ports.Token) error {
	t.Helper()
	results, err := store.Finish(within(t), []ports.FinishRequest{{Ref: ref(name), Token: token}})
	require.NoError(t, err)
	return results[0].Err
}

func TestAFinishedCheckpointExpiresAfterAnHourAndAnOpenOneNever(t *testing.T) {
	client := redistest.Start(t).Client(t)
	store := open(t, client)
	save(t, store, ports.SaveRequest{Ref: ref("s"), Token: 1, Number: 1, Position: "1-1"})
	key := "{orders-input}:checkpoint:s:7-1"
	ttl := func() time.Duration { return client.PTTL(within(t), key).Val() }
	require.Equal(t, time.Duration(-1), ttl())

	require.NoError(t, finish(t, store, "s", 1))
	require.InDelta(t, time.Hour, ttl(), float64(10*time.Minute))
	require.NoError(t, client.PExpire(within(t), key, time.Minute).Err())
	require.NoError(t, finish(t, store, "s", 1), "again")
	require.LessOrEqual(t, ttl(), time.Minute, "from the Finish that closed it")

	require.Equal(t, ports.LoadResult{Position: "1-1"}, load(t, store, "s", 2))
	require.Equal(t, time.Duration(-1), ttl(), "a higher token has opened it")
}

func TestWhatIsNotOursInAKeyIsThatRefsTroubleAlone(t *testing.T) {
	client := redistest.Start(t).Client(t)
	store := open(t, client)
	require.NoError(t, client.HSet(within(t), "{orders-input}:checkpoint:hash:7-1", "a", "b").Err())
	require.NoError(t, client.Set(within(t), "{orders-input}:checkpoint:text:7-1", "hello\xff", 0).Err())

	results := save(t, store,
		ports.SaveRequest{Ref: ref("hash"), Token: 1, Number: 1, Position: "p"},
		ports.SaveRequest{Ref: ref("good"), Token: 1, Number: 1, Position: "p"},
		ports.SaveRequest{Ref: ref("text"), Token: 1, Number: 1, Position: "p"})
	require.ErrorContains(t, results[0].Err, "WRONGTYPE")
	require.NoError(t, results[1].Err)
	require.ErrorContains(t, results[2].Err, "somebody else's")
	require.Error(t, load(t, store, "hash", 1).Err)
	require.Error(t, load(t, store, "text", 1).Err)
	require.Error(t, finish(t, store, "text", 1))
	require.Equal(t, "p", load(t, store, "good", 1).Position)
}

func TestTokensAreComparedToTheLastDigit(t *testing.T) {
	store := open(t, redistest.Start(t).Client(t))
	const high = ports.Token(1<<63 - 1)
	for _, token := range []ports.Token{9, 10, high - 1, high} {
		require.NoError(t, load(t, store, "s", token).Err)
		require.ErrorIs(t, load(t, store, "s", token-1).Err, ports.ErrDisowned)
	}
	for _, number := range []int64{9, 10, 1<<63 - 1} {
		position := strings.Repeat("x", int(number%1000))
		save(t, store, ports.SaveRequest{Ref: ref("s"), Token: high, Number: number, Position: position})
		save(t, store, ports.SaveRequest{Ref: ref("s"), Token: high, Number: number - 1, Position: "late"})
		require.Equal(t, position, load(t, store, "s", high).Position)
	}
}

func TestABatchOfTheLongestPositionsArrives(t *testing.T) {
	store := open(t, redistest.Start(t).Client(t))
	longest := strings.Repeat("\x00\xff\n", ports.MaxPositionBytes/3)
	var requests []ports.SaveRequest
	for i := range requestsPerRun + 1 {
		requests = append(requests, ports.SaveRequest{Ref: ref(strings.Repeat("n", i+1)), Token: 1, Number: 1, Position: longest})
	}
	for _, result := range save(t, store, requests...) {
		require.NoError(t, result.Err)
	}
	require.Equal(t, longest, load(t, store, "nnn", 1).Position)
}

func TestCheckpointsAreOnOneNodeOfACluster(t *testing.T) {
	store := open(t, redistest.StartCluster(t, 3, 0).Client(t))
	for _, result := range save(t, store,
		ports.SaveRequest{Ref: ref("a"), Token: 1, Number: 1, Position: "pa"},
		ports.SaveRequest{Ref: ref("b{x}"), Token: 1, Number: 1, Position: "pb"}) {
		require.NoError(t, result.Err)
	}
	require.Equal(t, "pa", load(t, store, "a", 1).Position)
	require.Equal(t, "pb", load(t, store, "b{x}", 1).Position)
}
