package main

import (
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// free is an address on which nobody listens.
func free(t *testing.T) string {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func TestPrometheusSeesAServiceThatWorks(t *testing.T) {
	address := free(t)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- run(ctx, address, "") }()
	require.Eventually(t, func() bool {
		page := fetch("http://" + address + "/metrics")
		return strings.Contains(page, `streamlease_settlements_total{`) && strings.Contains(page, `streamlease_outcome="done"`)
	}, time.Minute, 50*time.Millisecond, "no stream was finished, or nobody shows it")
	stop()
	require.NoError(t, <-ended)
}

// fetch is the page, or nothing.
func fetch(url string) string {
	response, err := http.Get(url)
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	page, _ := io.ReadAll(response.Body)
	return string(page)
}
