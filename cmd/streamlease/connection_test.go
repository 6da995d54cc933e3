package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

func TestTheToolWorksOnAClusterAndBehindSentinel(t *testing.T) {
	t.Setenv("STREAMLEASE_SERVICE", "orders")
	t.Run("cluster", func(t *testing.T) {
		cluster := redistest.StartCluster(t, 3, 0)
		t.Setenv("STREAMLEASE_URL", cluster.Masters[0].URL())
		t.Setenv("STREAMLEASE_CLUSTER", "true")
		ok(t, "announce", "a")
		require.Contains(t, ok(t, "ls"), "waiting")
		require.Equal(t, "ok", verdict(t, call("doctor").out, "cluster"))
		ok(t, "purge", "orders", "--yes")
		require.Empty(t, ok(t, "ls"))
	})
	t.Run("sentinel", func(t *testing.T) {
		sentinel := redistest.StartSentinel(t)
		flags := []string{"--sentinel", sentinel.Watcher.Addr(), "--master", sentinel.MasterName}
		ok(t, append([]string{"announce", "a"}, flags...)...)
		require.Contains(t, ok(t, append([]string{"ls"}, flags...)...), "waiting")
		report := call(append([]string{"doctor"}, flags...)...).out
		require.Equal(t, "ok", verdict(t, report, "sentinel"))
		require.Equal(t, "MISSING", verdict(t, report, "replication"))
	})
}

func TestTheToolSeesLeasesOnAQuorumAlsoWhileOneServerIsDown(t *testing.T) {
	source, locks := redistest.Start(t), []*redistest.Server{redistest.Start(t), redistest.Start(t), redistest.Start(t)}
	operate(t, source.URL())
	t.Setenv("STREAMLEASE_LEASE", "redsync")
	var urls []string
	for _, server := range locks {
		urls = append(urls, server.URL())
	}
	t.Setenv("STREAMLEASE_LEASE_URL", strings.Join(urls, ","))
	startMember(t, "alice", "-lease", "redsync", "-url", strings.Join(append([]string{source.URL()}, urls...), ","))
	ok(t, "announce", "a")
	eventually(t, "1 stream: 1 owned", "ls")
	require.Contains(t, ok(t, "show", "a"), "alice")
	locks[0].Kill9()
	eventually(t, "1 stream: 1 owned", "ls")
	require.Equal(t, "MISSING", verdict(t, call("doctor").out, "connection"))
	locks[1].Kill9()
	got := call("ls")
	require.Equal(t, unwell, got.status, got)
}

func TestADeadServerAWrongPasswordAndAnUnknownNameAreSaidPlainly(t *testing.T) {
	server := redistest.Start(t, "requirepass hush-hush")
	operate(t, server.URL())
	got := call("ls")
	require.Equal(t, unwell, got.status)
	require.Contains(t, got.complaints, "unauthenticated")
	require.Contains(t, got.complaints, "set the user name and password of the client")

	file := filepath.Join(t.TempDir(), "password")
	require.NoError(t, os.WriteFile(file, []byte("hush-hush\n"), 0o600))
	ok(t, "ls", "--password-file", file)
	t.Setenv("STREAMLEASE_PASSWORD", "wrong-one")
	got = call("ls")
	require.Contains(t, got.complaints, "WRONGPASS")
	require.NotContains(t, got.complaints, "wrong-one")
	t.Setenv("STREAMLEASE_PASSWORD", "hush-hush")
	got = call("show", "nothing")
	require.Equal(t, unwell, got.status)
	require.Contains(t, got.complaints, `no stream nothing is announced to "orders"`)
	got = call("quarantine", "requeue", "nothing")
	require.Equal(t, unwell, got.status)
	require.Contains(t, got.complaints, "is not in the quarantine")

	server.Kill9()
	got = call("members")
	require.Equal(t, unwell, got.status)
	require.Contains(t, got.complaints, "connection refused")
	require.Contains(t, got.complaints, "check the client's address")
	require.Equal(t, "MISSING", verdict(t, call("doctor").out, "connection"))
}
