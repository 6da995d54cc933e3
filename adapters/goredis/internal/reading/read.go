package reading

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/ports"
)

// outcome is what a read came to for one stream. Without messages and without an
// error there is nothing yet, or it could not be known.
type outcome struct {
	messages []redis.XMessage
	// answered: the server has said that there is nothing.
	answered bool
	// routed: the node was looked up, and nothing read.
	routed bool
	// err is what trying again does not mend.
	err error
	// node has the key; nil: look it up again.
	node *redis.Client
}

func (p *Poller) read(n *node, feeds []*feed) {
	ctx, cancel := context.WithTimeout(p.ctx, callTimeout)
	defer cancel()
	outcomes := make([]outcome, len(feeds))
	if n.client == nil {
		p.route(ctx, feeds, outcomes)
	} else {
		p.readAt(ctx, n.client, feeds, outcomes)
	}
	p.end(n, feeds, outcomes)
}

// route looks up which server has the keys.
func (p *Poller) route(ctx context.Context, feeds []*feed, outcomes []outcome) {
	for i, f := range feeds {
		client, err := p.lane.NodeOf(ctx, f.key)
		outcomes[i] = outcome{node: client, routed: err == nil}
	}
}

// readAt reads in one round trip.
func (p *Poller) readAt(ctx context.Context, client *redis.Client, feeds []*feed, outcomes []outcome) {
	pipeline := client.Pipeline()
	sent := make([]*redis.XStreamSliceCmd, len(feeds))
	for i, f := range feeds {
		sent[i] = pipeline.XRead(ctx, &redis.XReadArgs{Streams: []string{f.key, f.last}, Count: int64(p.config.Batch), Block: -1})
	}
	// Each command carries its own error.
	_, _ = pipeline.Exec(ctx)
	for i, f := range feeds {
		outcomes[i] = outcomeOf(ctx, p.lane, f.key, sent[i])
		if !outcomes[i].answered {
			continue
		}
		outcomes[i].node = client
		if len(outcomes[i].messages) == 0 {
			f.idle()
		}
	}
}

func outcomeOf(ctx context.Context, lane *conn.Lane, key string, read *redis.XStreamSliceCmd) outcome {
	streams, err := read.Result()
	switch {
	case errors.Is(err, redis.Nil):
		return outcome{answered: true}
	case err == nil && len(streams) == 1:
		return outcome{answered: true, messages: streams[0].Messages}
	case err == nil:
		return outcome{}
	case lane.Moved(ctx, err):
		return outcome{}
	}
	var refused *ports.RefusedError
	if err = lane.Explain("XREAD", err); errors.As(err, &refused) && refused.Lasting {
		return outcome{err: fmt.Errorf("read the data stream %.100q: %w", key, err)}
	}
	return outcome{}
}
