package leases

import (
	"context"
	"errors"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// run sends the items to the script in as many runs as their number asks for,
// all in one round trip, and calls read with each item's reply, or with the
// error of its run. head stands before the arguments of each run's items.
//
// The error is that of the whole call: the definite no of a server that
// refused every run. Any other is each item's own.
func (s *Store) run(ctx context.Context, lane *conn.Lane, script *conn.Script, keys []string, perRun int, head []any, items [][]any, read func(item int, reply any, err error)) error {
	var calls []conn.Call
	for start := 0; start < len(items); start += perRun {
		args := append([]any{}, head...)
		for _, item := range items[start:min(start+perRun, len(items))] {
			args = append(args, item...)
		}
		calls = append(calls, conn.Call{Keys: keys, Args: args})
	}
	if len(calls) == 0 {
		return nil
	}
	answers := script.RunAll(ctx, lane, calls)
	if err := refusedAll(answers); err != nil {
		return err
	}
	deliver(script, answers, perRun, len(items), read)
	return nil
}

// deliver calls read once for each of so many items, with the reply to it or
// with the error of the run that it was in.
func deliver(script *conn.Script, answers []conn.Answer, perRun, items int, read func(item int, reply any, err error)) {
	for number, answer := range answers {
		start := number * perRun
		count := min(perRun, items-start)
		replies, ok := answer.Reply.([]any)
		if answer.Err == nil && (!ok || len(replies) != count) {
			answer.Err = script.BadReply(answer.Reply)
		}
		for i := range count {
			if answer.Err != nil {
				read(start+i, nil, answer.Err)
				continue
			}
			read(start+i, replies[i], nil)
		}
	}
}

// refusedAll returns the refusal when every run was refused.
func refusedAll(answers []conn.Answer) error {
	for _, answer := range answers {
		if !errors.Is(answer.Err, ports.ErrRefused) {
			return nil
		}
	}
	return answers[0].Err
}
