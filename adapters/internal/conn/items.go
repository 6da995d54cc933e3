package conn

import (
	"context"
	"errors"

	"github.com/streamlease/streamlease/core"
)

// RunItems runs the script for a list of items, in as many runs of perRun items
// as their number asks for, all in one round trip, and returns one answer for
// each item, in order: an element of its run's reply, which is a list, or the
// error of its run. head stands before the arguments of each run's items.
func (s *Script) RunItems(ctx context.Context, lane *Lane, keys []string, perRun int, head []any, items [][]any) []Answer {
	var calls []Call
	for start := 0; start < len(items); start += perRun {
		args := append([]any{}, head...)
		for _, item := range items[start:min(start+perRun, len(items))] {
			args = append(args, item...)
		}
		calls = append(calls, Call{Keys: keys, Args: args})
	}
	if len(calls) == 0 {
		return nil
	}
	return s.itemsOf(s.RunAll(ctx, lane, calls), perRun, len(items))
}

// itemsOf takes the runs' answers apart.
func (s *Script) itemsOf(runs []Answer, perRun, items int) []Answer {
	answers := make([]Answer, 0, items)
	for _, run := range runs {
		count := min(perRun, items-len(answers))
		replies, ok := run.Reply.([]any)
		if run.Err == nil && (!ok || len(replies) != count) {
			run.Err = s.BadReply(run.Reply)
		}
		for i := range count {
			if run.Err != nil {
				answers = append(answers, Answer{Err: run.Err})
				continue
			}
			answers = append(answers, Answer{Reply: replies[i]})
		}
	}
	return answers
}

// RefusedAll returns the refusal when every item was refused: then the whole
// call was.
func RefusedAll(answers []Answer) error {
	if len(answers) == 0 {
		return nil
	}
	for _, answer := range answers {
		if !errors.Is(answer.Err, core.ErrRefused) {
			return nil
		}
	}
	return answers[0].Err
}
