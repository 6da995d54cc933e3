package reading

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// feed is a stream that a poller reads. The poller's mutex guards it.
type feed struct {
	poller *Poller
	key    string
	// idle is told of each read that found nothing.
	idle func()
	// got has what was read, or the error. It is of one: nothing is read
	// before that was received.
	got chan got

	last   string // the ID of the last message that was read
	wanted bool   // somebody waits for more
	left   bool   // nobody ever will
	wait   time.Duration
	due    time.Time
	place  int // in the agenda; negative: it is not there
	// node has the key, as far as is known; nil: it is not.
	node *redis.Client
}

type got struct {
	messages []redis.XMessage
	err      error
}

// Next implements Stream.
func (f *feed) Next(ctx context.Context, patience time.Duration) ([]redis.XMessage, error) {
	f.poller.want(f)
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case got := <-f.got:
		return got.messages, got.err
	case <-timer.C:
		return nil, nil
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	case <-f.poller.ctx.Done():
		return nil, ErrClosed
	}
}

// Close implements Stream.
func (f *feed) Close() { f.poller.leave(f) }
