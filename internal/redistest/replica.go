package redistest

import (
	"context"
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"
)

// StartReplica runs a server that copies the master, and waits until it has the
// master's data, and until the master knows. The directives are its own.
func StartReplica(t testing.TB, master *Server, directives ...string) *Server {
	t.Helper()
	replica := Start(t, append([]string{fmt.Sprintf("replicaof 127.0.0.1 %d", master.Port())}, directives...)...)
	if err := awaitReplication(t.Context(), replica.Client(t)); err != nil {
		t.Fatalf("copy the Redis server on %s: %v", master.Addr(), err)
	}
	if err := awaitWord(t.Context(), master.Client(t)); err != nil {
		t.Fatalf("copy the Redis server on %s: %v", master.Addr(), err)
	}
	return replica
}

// awaitWord waits until every replica has told the master what it has: before
// that it does not count for WAIT.
func awaitWord(ctx context.Context, master *redis.Client) error {
	err := eventually(func() (bool, error) {
		role, err := master.Do(ctx, "ROLE").Slice()
		if err != nil {
			return false, err
		}
		replicas, _ := role[2].([]any)
		const briefly = 100 // milliseconds
		have, err := master.Do(ctx, "WAIT", len(replicas), briefly).Int()
		return len(replicas) > 0 && have >= len(replicas), err
	})
	if err != nil {
		return fmt.Errorf("a replica tells its master what it has: %w", err)
	}
	return nil
}
