package source

import (
	"context"
)

// malformed is an entry that Go could not read, and why.
type malformed struct {
	id      string
	problem error
}

// quarantineMalformed moves entries out of everybody's way. They are delivered
// already, so one whose move fails is met again by the sweep.
func (s *Source) quarantineMalformed(ctx context.Context, entries []malformed) error {
	for from := 0; from < len(entries); {
		end := batchEnd(from, len(entries), func(int) int { return 0 })
		var args []any
		for _, entry := range entries[from:end] {
			args = append(args, entry.id, entry.problem.Error())
		}
		raw, err := s.run(ctx, s.conn.Rest, malformedScript, args...)
		if err != nil {
			return err
		}
		if _, ok := raw.(int64); !ok {
			return malformedScript.BadReply(raw)
		}
		from = end
	}
	return nil
}
