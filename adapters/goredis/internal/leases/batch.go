package leases

import (
	"context"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

// run runs the script for the items as conn.Script.RunItems does, and calls
// read with each item's reply or error.
//
// The error is that of the whole call: the definite no of a server that
// refused every run. Any other is each item's own.
func (s *Store) run(ctx context.Context, lane *conn.Lane, script *conn.Script, keys []string, perRun int, head []any, items [][]any, read func(item int, reply any, err error)) error {
	answers := script.RunItems(ctx, lane, keys, perRun, head, items)
	if err := conn.RefusedAll(answers); err != nil {
		return err
	}
	for item, answer := range answers {
		read(item, answer.Reply, answer.Err)
	}
	return nil
}
