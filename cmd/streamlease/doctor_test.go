package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

// verdict is what the doctor's report says of a check.
func verdict(t *testing.T, report, check string) string {
	t.Helper()
	for line := range strings.Lines(report) {
		if word, rest, _ := strings.Cut(line, " "); strings.HasPrefix(strings.TrimSpace(rest), check+": ") {
			return word
		}
	}
	require.Fail(t, "nothing is said of "+check, report)
	return ""
}

func TestTheDoctorIsContentWithAGoodServer(t *testing.T) {
	server := redistest.Start(t, "appendonly yes", "appendfsync always", "maxmemory-policy noeviction")
	operate(t, server.URL())
	startMember(t, "alice", "-url", server.URL())
	ok(t, "announce", "a")
	eventually(t, "1 stream: 1 owned", "ls")
	report := ok(t, "doctor")
	for _, check := range []string{"version", "role", "maxmemory-policy", "persistence", "disk", "layout", "keys", "rights", "lease store", "members", "consumer group", "quarantine"} {
		require.Equal(t, "ok", verdict(t, report, check), report)
	}
	require.Contains(t, ok(t, "doctor", "--json"), `"verdict":"ok"`)
}

// A server that evicts, saves nothing, and gives its members too few rights,
// while somebody else reads along: the doctor says so and mends what commands
// can mend.
func TestABadServerIsShownAndMendedWithTheToolAlone(t *testing.T) {
	server := redistest.Start(t, "maxmemory-policy allkeys-lru")
	operate(t, server.URL())
	root := server.Client(t)
	startMember(t, "alice", "-url", server.URL())
	ok(t, "announce", "a")
	eventually(t, "1 stream: 1 owned", "ls")
	require.NoError(t, root.XGroupCreateConsumer(t.Context(), "orders-input", "orders-group", "intruder").Err())
	require.NoError(t, root.Do(t.Context(), "ACL", "SETUSER", "worker", "on", ">secret", "~orders-input", "+@all", "-xclaim", "-zadd").Err())

	got := call("doctor", "--member", "worker")
	require.Equal(t, unwell, got.status)
	for _, check := range []string{"maxmemory-policy", "persistence", "rights", "consumer group"} {
		require.Equal(t, "MISSING", verdict(t, got.out, check), got.out)
	}
	require.Contains(t, got.out, "CONFIG SET maxmemory-policy noeviction\n")
	require.Contains(t, got.out, "CONFIG SET appendonly yes\n")
	require.Contains(t, got.out, "ACL SETUSER worker ")
	require.Contains(t, got.out, "intruder")
	require.Equal(t, "allkeys-lru", root.ConfigGet(t.Context(), "maxmemory-policy").Val()["maxmemory-policy"], "the doctor only looks")

	require.NoError(t, root.XGroupDelConsumer(t.Context(), "orders-input", "orders-group", "intruder").Err())
	mended := answer("yes\n", "doctor", "--member", "worker", "--mend")
	require.Equal(t, well, mended.status, mended.out+mended.complaints)
	require.Equal(t, "yes", root.ConfigGet(t.Context(), "appendonly").Val()["appendonly"])
	require.Equal(t, well, call("doctor", "--member", "worker").status)
}

func TestTheDoctorOnlyLooks(t *testing.T) {
	server := redistest.Start(t)
	operate(t, server.URL())
	root := server.Client(t)
	call("doctor")
	require.Zero(t, root.DBSize(t.Context()).Val())
	require.NoError(t, root.Do(t.Context(), "ACL", "SETUSER", "looker", "reset", "on", ">secret",
		"%R~orders-input", "%R~{orders-input}:*", "+@read", "+@connection", "+time", "+eval_ro", "+evalsha_ro").Err())
	t.Setenv("STREAMLEASE_URL", "redis://looker:secret@"+server.Addr())
	got := call("doctor")
	require.NotContains(t, got.out+got.complaints, "secret")
	require.Equal(t, "note", verdict(t, got.out, "persistence"), "INFO is forbidden")
	require.Equal(t, "note", verdict(t, got.out, "rights"))
}

func TestTheDoctorSeesLeasesOfAnotherStore(t *testing.T) {
	server := redistest.Start(t)
	operate(t, server.URL())
	startMember(t, "alice", "-url", server.URL(), "-lease", "redislock")
	ok(t, "announce", "a")
	eventually(t, "1 owned", "ls", "--lease", "redislock")
	got := call("doctor")
	require.Equal(t, "MISSING", verdict(t, got.out, "lease store"))
	require.Contains(t, got.out, "look with --lease redislock")
	require.Equal(t, "ok", verdict(t, call("doctor", "--lease", "redislock").out, "lease store"))
}

func TestReplicasThatAreNotWaitedForAreAMissingGuarantee(t *testing.T) {
	master := redistest.Start(t)
	replica := redistest.StartReplica(t, master)
	operate(t, master.URL())
	got := call("doctor")
	require.Equal(t, "MISSING", verdict(t, got.out, "replication"))
	require.Contains(t, got.out, "CONFIG SET min-replicas-to-write 1")
	operate(t, replica.URL())
	require.Equal(t, "MISSING", verdict(t, call("doctor").out, "role"))
}
