package goredis_test

import (
	"context"
	"fmt"
	"log"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
)

// A service that reads every stream it owns, from where the last owner stopped
// to the message with which the producer ended it.
func ExampleReader() {
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer client.Close()
	set, err := goredis.New(client, "orders")
	if err != nil {
		log.Fatal(err)
	}
	member, err := streamlease.New(streamlease.Config{Ports: set})
	if err != nil {
		log.Fatal(err)
	}
	reader, err := goredis.NewReader(client, goredis.ReaderConfig{})
	if err != nil {
		log.Fatal(err)
	}
	defer reader.Close()
	err = member.Run(context.Background(), func(ctx context.Context, s *streamlease.Stream) error {
		for message, err := range reader.Messages(ctx, s) {
			if err != nil {
				return err
			}
			fmt.Println(s.Ref().Name, message.ID, message.Values["amount"])
		}
		return nil // the stream has ended: it is done
	})
	if err != nil {
		log.Fatal(err)
	}
}
