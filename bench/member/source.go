package member

import (
	"context"
	"io"
	"sync/atomic"

	"github.com/streamlease/streamlease/ports"
)

// sourceCounts is what the sources of a process answer.
type sourceCounts struct{ swept atomic.Int64 }

// count makes a source that is the same, and is counted.
func (c *sourceCounts) count(source ports.StreamSource) ports.StreamSource {
	return countedSource{StreamSource: source, Checker: source.(ports.Checker), Closer: source.(io.Closer), counts: c}
}

type countedSource struct {
	ports.StreamSource
	ports.Checker
	io.Closer
	counts *sourceCounts
}

func (s countedSource) Sweep(ctx context.Context, member ports.Member, request ports.SweepRequest) (ports.SweepPage, error) {
	page, err := s.StreamSource.Sweep(ctx, member, request)
	s.counts.swept.Add(int64(len(page.Round)))
	return page, err
}
