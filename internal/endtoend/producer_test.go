package endtoend_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
)

// numberField is the field of a message that has its number, from 1.
const numberField = "number"

func announce(t *testing.T, rdb *redis.Client, names []string) {
	t.Helper()
	source, err := goredis.NewSource(rdb, serviceName)
	require.NoError(t, err)
	publisher := streamlease.NewPublisher(source)
	assignments := make([]streamlease.Assignment, len(names))
	for i, name := range names {
		assignments[i].Ref.Name = name
	}
	_, err = publisher.Announce(t.Context(), assignments...)
	require.NoError(t, err)
	require.NoError(t, publisher.Close())
}

// production adds messages to streams, and ends them.
type production struct {
	rdb      *redis.Client
	names    []string
	messages int // of each stream
	tick     time.Duration
	produced atomic.Int64
}

// run adds one message to each stream at each tick.
func (p *production) run(ctx context.Context) error {
	ticker := time.NewTicker(p.tick)
	defer ticker.Stop()
	for number := 1; number <= p.messages; number++ {
		if err := p.add(ctx, numberField, number); err != nil {
			return fmt.Errorf("produce message %d: %w", number, err)
		}
		p.produced.Store(int64(number))
		<-ticker.C
	}
	return nil
}

// end adds the message after which there is none.
func (p *production) end(ctx context.Context) error { return p.add(ctx, goredis.EndField, 1) }

// add adds one message to each stream.
func (p *production) add(ctx context.Context, field string, value int) error {
	_, err := p.rdb.Pipelined(ctx, func(pipe redis.Pipeliner) error {
		for _, name := range p.names {
			pipe.XAdd(ctx, &redis.XAddArgs{Stream: name, Values: []any{field, value}})
		}
		return nil
	})
	return err
}

func streamNames(count int) []string {
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprintf("order-%03d", i)
	}
	return names
}
