// Command service is a whole service, in as few lines as it takes. It reads
// every data stream that is announced to the service "orders" on the Redis of
// REDIS_ADDR, by default localhost:6379:
//
//	go run ./examples/service
//	redis-cli XADD orders-input '*' lbs-input '{"DataStreamName": "order-7"}'
//	redis-cli XADD order-7 '*' state paid
//	redis-cli XADD order-7 '*' streamlease-end 1
//
// Start it several times: each stream goes to one process. Stop one with Ctrl-C,
// or kill it: the others take over what it has not finished.
package main

import (
	"cmp"
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	rdb := redis.NewClient(&redis.Options{Addr: cmp.Or(os.Getenv("REDIS_ADDR"), "localhost:6379")})
	set, err := goredis.New(rdb, "orders")
	if err != nil {
		log.Fatal(err)
	}
	client, err := streamlease.New(streamlease.Config{Ports: set})
	if err != nil {
		log.Fatal(err)
	}
	reader, err := goredis.NewReader(rdb, goredis.ReaderConfig{})
	if err != nil {
		log.Fatal(err)
	}
	err = client.Run(ctx, func(ctx context.Context, s *streamlease.Stream) error {
		for message, err := range reader.Messages(ctx, s) { // from where the last owner stopped
			if err != nil {
				return err // this process has lost the stream; or it is tried again later
			}
			fmt.Println(s.Ref().Name, message.Values)
		}
		return nil // the producer has ended the stream: it is done
	})
	if err != nil {
		log.Fatal(err)
	}
}
