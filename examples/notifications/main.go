// Command notifications is a service that is told of its streams and does the
// rest by hand: for those to whom Client.Run, see ../service, does too much.
//
//	go run ./examples/notifications
//	redis-cli XADD calls-input '*' lbs-input '{"DataStreamName": "call-7"}'
//
// A call goes on until somebody ends it, with "redis-cli SET call-7 ended". Stop
// the process before, and another one goes on with it.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := serve(ctx, cmp.Or(os.Getenv("REDIS_ADDR"), "localhost:6379")); err != nil {
		log.Fatal(err)
	}
}

func serve(ctx context.Context, address string) error {
	rdb := redis.NewClient(&redis.Options{Addr: address})
	defer func() { _ = rdb.Close() }()
	set, err := goredis.New(rdb, "calls")
	if err != nil {
		return err
	}
	client, err := streamlease.New(streamlease.Config{Ports: set})
	if err != nil {
		return err
	}
	notifications, err := client.Init(ctx)
	if err != nil {
		return errors.Join(err, client.Close(context.Background()))
	}
	closed := make(chan error, 1)
	context.AfterFunc(ctx, func() { closed <- client.Close(context.Background()) })
	for n := range notifications { // until the client has ended
		switch n.Kind {
		case streamlease.StreamAdded:
			fmt.Println("began", n.Ref.Name)
			go follow(rdb, n.Stream)
		case streamlease.StreamDisowned:
			fmt.Println("lost", n.Ref.Name) // its context has ended, and follow with it
		case streamlease.StreamTerminated:
			if !errors.Is(n.Err, streamlease.ErrClosed) {
				return errors.Join(n.Err, client.Close(context.Background()))
			}
		}
	}
	return <-closed
}

// follow looks after a call until it ends, or is no longer this process's.
func follow(rdb *redis.Client, call *streamlease.Stream) {
	ctx, name := call.Context(), call.Ref().Name
	for rdb.Get(ctx, name).Val() != "ended" {
		select {
		case <-time.After(100 * time.Millisecond):
		case <-ctx.Done():
			return // the client hands the call on; others own it already
		}
	}
	if err := call.Done(ctx); err != nil {
		fmt.Println("not done:", err) // somebody else will
		return
	}
	fmt.Println("done", name)
}
