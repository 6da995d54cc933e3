package leases

import (
	"context"
	"fmt"

	"github.com/streamlease/streamlease/ports"
)

// Release gives leases back. See ports.LeaseStore.
func (s *Store) Release(ctx context.Context, requests []ports.ReleaseRequest) ([]ports.ReleaseResult, error) {
	items := make([][]any, len(requests))
	for i, request := range requests {
		end := ""
		if request.EndGrant {
			end = "end"
		}
		lease := request.Lease
		items[i] = []any{lease.Grant.String(), int64(lease.Token), lease.Ref.Name, end}
	}
	results := make([]ports.ReleaseResult, len(requests))
	err := s.run(ctx, s.conn.Rest, releaseScript, s.keys, requestsPerRun, nil, items,
		func(i int, reply any, err error) {
			if err != nil {
				results[i].Err = fmt.Errorf("release %.100q: %w", requests[i].Lease.Ref.Name, err)
				return
			}
			results[i] = readReleased(requests[i].Lease.Ref.Name, reply)
		})
	if err != nil {
		return nil, err
	}
	return results, nil
}

func readReleased(name string, reply any) ports.ReleaseResult {
	read := newReader(reply)
	result := ports.ReleaseResult{Changed: read.Word("0", "1") == "1", Tally: read.tally()}
	if !read.Done() {
		return ports.ReleaseResult{Err: fmt.Errorf("release %.100q: %w", name, releaseScript.BadReply(reply))}
	}
	return result
}
