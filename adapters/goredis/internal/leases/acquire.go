package leases

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// Acquire leases names to member. See ports.LeaseStore.
func (s *Store) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	ttlMicros, err := micros(ttl)
	if err != nil {
		return nil, invalid("Acquire", err)
	}
	results := make([]ports.AcquireResult, len(requests))
	var items [][]any
	var asked []int
	for i, request := range requests {
		if err := ports.ValidateName(request.Ref.Name); err != nil {
			results[i].Err = invalid("Acquire", err)
			continue
		}
		open := ""
		if request.Open {
			open = "open"
		}
		items = append(items, []any{request.Grant.String(), open, int64(request.Floor), request.Ref.Name, request.Ref.MessageID})
		asked = append(asked, i)
	}
	keys := append(append([]string{}, s.keys...), s.conn.TokenCounter())
	head := []any{ttlMicros, member.Incarnation, member.ID}
	err = s.run(ctx, s.acquires, acquireScript, keys, requestsPerRun, head, items,
		func(item int, reply any, err error) {
			i := asked[item]
			if err != nil {
				results[i].Err = fmt.Errorf("acquire %.100q: %w", requests[i].Ref.Name, err)
				return
			}
			results[i] = readAcquired(requests[i], reply)
		})
	if err != nil {
		return nil, err
	}
	return results, nil
}

func readAcquired(request ports.AcquireRequest, reply any) ports.AcquireResult {
	name := request.Ref.Name
	var result ports.AcquireResult
	read := newReader(reply)
	switch read.Word("acquired", "held", "expired", "exhausted") {
	case "acquired":
		result.Token = read.Token()
		read.Require(result.Token > request.Floor)
		result.Tally = read.tally()
	case "held":
		result.Tally = read.tally()
		result.Holder = read.holder(name)
		result.Err = fmt.Errorf("%w: %.100q by %v", ports.ErrHeld, name, result.Holder.Member)
	case "expired":
		result.Err = fmt.Errorf("%w: grant %v, for %.100q", ports.ErrExpired, request.Grant, name)
	case "exhausted":
		result.Err = invalid("acquire.lua", fmt.Errorf("no token is left above the floor %d of %.100q: somebody has written far too high a token", request.Floor, name))
	}
	if !read.Done() {
		return ports.AcquireResult{Err: fmt.Errorf("acquire %.100q: %w", name, acquireScript.BadReply(reply))}
	}
	return result
}
