package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/memory"
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

func ask(client *streamlease.Client) int {
	answer := httptest.NewRecorder()
	probe(client).ServeHTTP(answer, httptest.NewRequest(http.MethodGet, readyPath, nil))
	return answer.Code
}

func TestAPodIsReadyFromWhenItHasJoinedUntilItHasLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		service, err := memory.New(memory.Config{})
		require.NoError(t, err)
		client, err := streamlease.New(streamlease.Config{Ports: service.Ports(), Grace: grace})
		require.NoError(t, err)
		require.Equal(t, http.StatusServiceUnavailable, ask(client))

		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan error, 1)
		go func() { ended <- client.Run(ctx, process) }()
		time.Sleep(time.Second)
		require.Equal(t, http.StatusOK, ask(client))
		stop()
		require.NoError(t, <-ended)
		require.Equal(t, http.StatusServiceUnavailable, ask(client))
	})
}

func get(t *testing.T, url string) (code int, body string) {
	t.Helper()
	defer http.DefaultClient.CloseIdleConnections()
	answer, err := http.Get(url)
	require.NoError(t, err)
	defer func() { _ = answer.Body.Close() }()
	text, err := io.ReadAll(answer.Body)
	require.NoError(t, err)
	return answer.StatusCode, string(text)
}

func TestTheProgramRunsAsAPodDoes(t *testing.T) {
	server := redistest.Start(t)
	rdb := server.Client(t)
	t.Setenv("REDIS_ADDR", server.Addr())
	t.Setenv("PROBE_PORT", "0") // any that is free
	t.Setenv("POD_NAME", "orders-7d4b9")
	pod := proctest.StartMember(t, "service")
	_, port, err := net.SplitHostPort(pod.Expect("orders-7d4b9 answers probes on "))
	require.NoError(t, err)
	announcement := &redis.XAddArgs{Stream: "orders-input", Values: []string{"lbs-input", `{"DataStreamName": "order-7"}`}}
	require.NoError(t, rdb.XAdd(t.Context(), announcement).Err())
	pod.Expect("processing order-7")
	code, body := get(t, "http://127.0.0.1:"+port+readyPath)
	require.Equal(t, http.StatusOK, code, body)
	require.Contains(t, body, "fleet of 1")
	require.NoError(t, pod.Terminate())
	<-pod.Exited()
	require.Equal(t, 0, pod.State().ExitCode())
}
