package redistest

import (
	"fmt"
	"testing"
)

// StartReplica runs a server that copies the master, and waits until it has the
// master's data. The directives are its own.
func StartReplica(t testing.TB, master *Server, directives ...string) *Server {
	t.Helper()
	replica := Start(t, append([]string{fmt.Sprintf("replicaof 127.0.0.1 %d", master.Port())}, directives...)...)
	if err := awaitReplication(t.Context(), replica.Client(t)); err != nil {
		t.Fatalf("copy the Redis server on %s: %v", master.Addr(), err)
	}
	return replica
}
