package leases

import (
	"context"
	"fmt"

	"github.com/streamlease/streamlease/ports"
)

// Inspect says who holds names. See ports.LeaseStore.
func (s *Store) Inspect(ctx context.Context, names []string) ([]ports.InspectResult, error) {
	items := make([][]any, len(names))
	for i, name := range names {
		items[i] = []any{name}
	}
	results := make([]ports.InspectResult, len(names))
	err := s.run(ctx, s.conn.Rest, inspectScript, s.keys, requestsPerRun, nil, items,
		func(i int, reply any, err error) {
			if err != nil {
				results[i].Err = fmt.Errorf("inspect %.100q: %w", names[i], err)
				return
			}
			results[i] = readInspected(names[i], reply)
		})
	if err != nil {
		return nil, err
	}
	return results, nil
}

func readInspected(name string, reply any) ports.InspectResult {
	read := newReader(reply)
	if read.Done() {
		return ports.InspectResult{}
	}
	result := ports.InspectResult{Held: true, Holder: read.holder(name)}
	if !read.Done() {
		return ports.InspectResult{Err: fmt.Errorf("inspect %.100q: %w", name, inspectScript.BadReply(reply))}
	}
	return result
}
