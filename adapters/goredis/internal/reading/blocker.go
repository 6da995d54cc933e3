package reading

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
)

// Blocker reads each stream over a connection of its own, by reads that wait in
// the server. Its methods may be called concurrently.
type Blocker struct {
	config Config
	lane   func(until context.Context) *conn.Lane
	ctx    context.Context // ends with Close
	cancel context.CancelFunc
}

// NewBlocker makes a blocker.
func NewBlocker(lane func(until context.Context) *conn.Lane, config Config) *Blocker {
	b := &Blocker{config: config, lane: lane}
	b.ctx, b.cancel = context.WithCancel(context.Background())
	return b
}

// Open is that of a Poller.
func (b *Blocker) Open(key, after string, idle func()) Stream {
	return &blocked{blocker: b, key: key, last: after, idle: idle}
}

// Close ends all reads; whoever waits in Next gets ErrClosed.
func (b *Blocker) Close() error {
	b.cancel()
	return nil
}

// blocked is a stream that a blocker reads.
type blocked struct {
	blocker *Blocker
	key     string
	last    string
	idle    func()
	wait    time.Duration

	lane *conn.Lane // nil: not connected
	cut  context.CancelFunc
}

// block is how long one read waits in the server at most.
const block = time.Second

// Next implements Stream.
func (s *blocked) Next(ctx context.Context, patience time.Duration) ([]redis.XMessage, error) {
	end := time.Now().Add(patience)
	for {
		left := time.Until(end)
		if left <= 0 {
			return nil, nil
		}
		o := s.read(ctx, min(left, block))
		switch {
		case s.blocker.ctx.Err() != nil:
			return nil, ErrClosed
		case o.err != nil:
			return nil, o.err
		case len(o.messages) > 0:
			s.wait = 0
			s.last = o.messages[len(o.messages)-1].ID
			return o.messages, nil
		case ctx.Err() != nil:
			return nil, context.Cause(ctx)
		case o.answered:
			s.wait = 0
			s.idle()
		default:
			s.pause(ctx)
		}
	}
}

// read reads once. A read that waits is ended by cutting its connection.
func (s *blocked) read(ctx context.Context, wait time.Duration) outcome {
	if s.lane == nil {
		until, cut := context.WithCancel(s.blocker.ctx)
		s.lane, s.cut = s.blocker.lane(until), cut
	}
	stop := context.AfterFunc(ctx, s.cut)
	defer func() {
		if !stop() {
			s.Close()
		}
	}()
	bounded, cancel := context.WithTimeout(ctx, wait+callTimeout)
	defer cancel()
	node, err := s.lane.NodeOf(bounded, s.key)
	if err != nil {
		return outcome{}
	}
	return outcomeOf(bounded, s.lane, s.key, node.XRead(bounded, &redis.XReadArgs{
		Streams: []string{s.key, s.last}, Count: int64(s.blocker.config.Batch), Block: max(wait, time.Millisecond),
	}))
}

// pause waits before a read is tried again that failed.
func (s *blocked) pause(ctx context.Context) {
	s.wait = s.blocker.config.longer(s.wait)
	timer := time.NewTimer(s.wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-s.blocker.ctx.Done():
	}
}

// Close implements Stream.
func (s *blocked) Close() {
	if s.lane == nil {
		return
	}
	s.cut()
	// Its connection is cut already, and there is nothing to say of it.
	_ = s.lane.Close()
	s.lane = nil
}
