package reading

import (
	"context"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// Config is what reads are like.
type Config struct {
	// Batch is the largest number of messages that one read brings.
	Batch int
	// MinWait and MaxWait bound the time from a read that brought nothing to
	// the next: it doubles from one to the other.
	MinWait, MaxWait time.Duration
}

// callTimeout bounds each round trip.
const callTimeout = 5 * time.Second

// ErrClosed is what a reader ends with that was closed while somebody read.
var ErrClosed = errors.New("the reader is closed")

// Stream reads one Redis stream. Its methods are for one goroutine.
type Stream interface {
	// Next returns what comes next. It waits until there is something, but no
	// longer than patience, after which there is nothing; until ctx ends; or
	// until there is an error that trying again does not mend.
	Next(ctx context.Context, patience time.Duration) ([]redis.XMessage, error)
	// Close ends the reading of this stream.
	Close()
}

// longer is the time to wait after a read that brought nothing, or failed.
func (c Config) longer(wait time.Duration) time.Duration {
	return min(max(2*wait, c.MinWait), c.MaxWait)
}
