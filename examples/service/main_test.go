package main

import (
	"os"
	"regexp"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/proctest"
	"github.com/streamlease/streamlease/internal/redistest"
)

func TestMain(m *testing.M) {
	proctest.Dispatch(proctest.Programs{"service": func(*proctest.Parent) error {
		main()
		return nil
	}})
	goleak.VerifyTestMain(m)
}

func announce(t *testing.T, rdb *redis.Client, name string) {
	t.Helper()
	entry := &redis.XAddArgs{Stream: "orders-input", Values: []string{"lbs-input", `{"DataStreamName": "` + name + `"}`}}
	require.NoError(t, rdb.XAdd(t.Context(), entry).Err())
}

func add(t *testing.T, rdb *redis.Client, stream string, values ...string) {
	t.Helper()
	require.NoError(t, rdb.XAdd(t.Context(), &redis.XAddArgs{Stream: stream, Values: values}).Err())
}

func TestTheServiceReadsWhatIsAnnouncedAndAnotherProcessGoesOn(t *testing.T) {
	server := redistest.Start(t)
	rdb := server.Client(t)
	announce(t, rdb, "order-1")

	t.Setenv("REDIS_ADDR", server.Addr())
	service := proctest.StartMember(t, "service")
	add(t, rdb, "order-1", "state", "paid")
	service.Expect("order-1 map[state:paid]")
	add(t, rdb, "order-1", goredis.EndField, "1")

	announce(t, rdb, "order-2")
	add(t, rdb, "order-2", "state", "open")
	service.Expect("order-2 map[state:open]")
	require.NoError(t, service.Terminate())
	<-service.Exited()
	require.Equal(t, 0, service.State().ExitCode())

	next := proctest.StartMember(t, "service")
	add(t, rdb, "order-2", "state", "paid")
	next.Expect("order-2 map[state:paid]")
	add(t, rdb, "order-2", goredis.EndField, "1")
	require.Eventually(t, func() bool { return rdb.XLen(t.Context(), "orders-input").Val() == 0 }, time.Minute, 10*time.Millisecond)
	require.NoError(t, next.Terminate())
	<-next.Exited()
	require.Equal(t, 0, next.State().ExitCode())
}

// What the README shows first is this program.
func TestTheReadmeShowsThisProgram(t *testing.T) {
	readme, err := os.ReadFile("../../README.md")
	require.NoError(t, err)
	program, err := os.ReadFile("main.go")
	require.NoError(t, err)
	shown := regexp.MustCompile("(?s)```go\n(func main.*?)```").FindSubmatch(readme)
	require.NotNil(t, shown, "the README shows no func main")
	require.Contains(t, string(program), string(shown[1]))
}
