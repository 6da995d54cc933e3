package leases

import (
	"context"
	"errors"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// run runs the script for the items as conn.Script.RunItems does, and calls
// read with each item's reply or error.
//
// The error is that of the whole call: the definite no of a server that
// refused every run. Any other is each item's own.
func (s *Store) run(ctx context.Context, lane *conn.Lane, script *conn.Script, keys []string, perRun int, head []any, items [][]any, read func(item int, reply any, err error)) error {
	answers := script.RunItems(ctx, lane, keys, perRun, head, items)
	if err := refusedAll(answers); err != nil {
		return err
	}
	for item, answer := range answers {
		read(item, answer.Reply, answer.Err)
	}
	return nil
}

// refusedAll returns the refusal when every item was refused.
func refusedAll(answers []conn.Answer) error {
	if len(answers) == 0 {
		return nil
	}
	for _, answer := range answers {
		if !errors.Is(answer.Err, ports.ErrRefused) {
			return nil
		}
	}
	return answers[0].Err
}
