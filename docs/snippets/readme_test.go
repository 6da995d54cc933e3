//lint:file-ignore SA4006 what documents leave out is what is done with each error

package snippets_test

import (
	"context"
	"log"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
)

// ByHand is what the README shows as the use of Init.
func ByHand(ctx context.Context) error {
	rdb := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	set, err := goredis.New(rdb, "orders") // or memory.New, or ports of your choice
	if err != nil {
		return err
	}
	client, err := streamlease.New(streamlease.Config{Ports: set})
	if err != nil {
		return err
	}
	notifications, err := client.Init(ctx) // ctx bounds Init only
	if err != nil {
		return err
	}
	for n := range notifications {
		switch n.Kind {
		case streamlease.StreamAdded: // this process owns n.Stream now
			go process(n.Stream)
		case streamlease.StreamDisowned: // not any more: its Context has ended
		case streamlease.StreamTerminated: // the client has stopped; n.Err says why
		}
	}
	return nil
}

func process(s *streamlease.Stream) {
	ctx := s.Context() // ends at the moment ownership ends
	// … read the data stream s.Ref().Name, write with s.Token() …
	if err := s.Done(ctx); err != nil {
		log.Print(err) // ErrDisowned: another member owns the stream, and nothing happened
	}
}

// Announce is what the README shows to producers.
func Announce(ctx context.Context, rdb redis.UniversalClient) ([]streamlease.StreamRef, error) {
	source, err := goredis.NewSource(rdb, "orders")
	publisher := streamlease.NewPublisher(source)
	refs, err := publisher.Announce(ctx, streamlease.Assignment{Ref: streamlease.StreamRef{Name: "order-7"}})
	return refs, err
}
