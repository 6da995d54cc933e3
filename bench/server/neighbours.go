package server

import (
	"context"
	"fmt"
)

// neighbourBatch is how many keys one script makes.
const neighbourBatch = 10_000

const makeNeighbours = `
for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do
	redis.call("SET", "neighbour:" .. i, "x", "EX", 86400 + i % 3600)
end
return 1`

// AddNeighbours puts so many keys of somebody else on the server, with TTLs of
// about a day.
func (s *Server) AddNeighbours(ctx context.Context, keys int) error {
	for from := 0; from < keys; from += neighbourBatch {
		to := min(from+neighbourBatch, keys)
		if err := s.client.Eval(ctx, makeNeighbours, nil, from, to-1).Err(); err != nil {
			return fmt.Errorf("make keys that have nothing to do with the service: %w", err)
		}
	}
	return nil
}
