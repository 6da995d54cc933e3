package main

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
)

// feed is the data streams themselves: what a producer writes and the stream's
// owner reads. Each is a Redis stream of its own.
type feed struct {
	rdb     *redis.Client
	service string

	mu      sync.Mutex
	streams []string // which this process writes to
	ended   bool
}

// record is an entry of a data stream.
type record struct {
	id   string
	last bool // no more will come
}

// feedEvery is the time between two records of a stream.
const feedEvery = 150 * time.Millisecond

func newFeed(rdb *redis.Client, service string) *feed { return &feed{rdb: rdb, service: service} }

func (f *feed) key(stream string) string { return f.service + ":data:" + stream }

// open lets the producer write to the stream from now on.
func (f *feed) open(stream string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.streams = append(f.streams, stream)
}

func (f *feed) names() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return slices.Clone(f.streams)
}

// grow adds a record to each stream a few times a second. A round that fails is
// left out.
func (f *feed) grow(ctx context.Context) {
	ticker := time.NewTicker(feedEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			_ = f.add(ctx, false)
		case <-ctx.Done():
			return
		}
	}
}

// end adds the last record to each stream.
func (f *feed) end(ctx context.Context) error { return f.add(ctx, true) }

func (f *feed) add(ctx context.Context, last bool) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ended {
		return nil
	}
	f.ended = last
	_, err := f.rdb.Pipelined(ctx, func(pipeline redis.Pipeliner) error {
		for _, stream := range f.streams {
			pipeline.XAdd(ctx, &redis.XAddArgs{Stream: f.key(stream), Values: []any{"last", last}})
		}
		return nil
	})
	return err
}

// next waits for the records after the position. It returns soon after ctx has
// ended.
func (f *feed) next(ctx context.Context, stream, position string) ([]record, error) {
	for {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		streams, err := f.rdb.XRead(ctx, &redis.XReadArgs{
			Streams: []string{f.key(stream), position},
			// go-redis does not end a read that waits when ctx ends.
			Block: 300 * time.Millisecond,
		}).Result()
		switch {
		case errors.Is(err, redis.Nil): // none has come
		case err != nil:
			return nil, err
		default:
			return records(streams[0].Messages), nil
		}
	}
}

// all lists every record of the stream.
func (f *feed) all(ctx context.Context, stream string) ([]record, error) {
	messages, err := f.rdb.XRange(ctx, f.key(stream), "-", "+").Result()
	return records(messages), err
}

func records(messages []redis.XMessage) []record {
	found := make([]record, len(messages))
	for i, message := range messages {
		found[i] = record{id: message.ID, last: message.Values["last"] == "1"}
	}
	return found
}
