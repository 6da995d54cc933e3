// Package reading_test is the code of docs/reading.md.
package reading_test

import (
	"context"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
)

var reader *goredis.Reader

// Open makes the reader.
func Open(rdb redis.UniversalClient) (streamlease.Handler, error) {
	reader, err := goredis.NewReader(rdb, goredis.ReaderConfig{}) // one for the process
	use(reader)
	return handle, err
}

func use(opened *goredis.Reader) { reader = opened }

func handle(ctx context.Context, s *streamlease.Stream) error {
	for message, err := range reader.Messages(ctx, s) {
		if err != nil {
			return err // the tenure is over, or the stream cannot be read
		}
		if err := process(message); err != nil { // with s.Token(), where it has effects
			return err
		}
	}
	return nil // the producer has ended the stream: it is done
}

func process(goredis.Message) error { return nil }
