package main

import (
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

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

func TestACallGoesOnInAnotherProcessUntilItEnds(t *testing.T) {
	server := redistest.Start(t)
	rdb := server.Client(t)
	t.Setenv("REDIS_ADDR", server.Addr())

	old := proctest.StartMember(t, "service")
	announcement := &redis.XAddArgs{Stream: "calls-input", Values: []string{"lbs-input", `{"DataStreamName": "call-7"}`}}
	require.NoError(t, rdb.XAdd(t.Context(), announcement).Err())
	old.Expect("began call-7")

	next := proctest.StartMember(t, "service")
	require.NoError(t, old.Terminate())
	<-old.Exited()
	require.Equal(t, 0, old.State().ExitCode())
	next.Expect("began call-7")
	require.NoError(t, rdb.Set(t.Context(), "call-7", "ended", 0).Err())
	next.Expect("done call-7")
	require.NoError(t, next.Terminate())
	<-next.Exited()
	require.Equal(t, 0, next.State().ExitCode())
}
