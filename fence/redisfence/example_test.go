package redisfence_test

import (
	"context"
	"errors"
	"fmt"
	"log"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/fence/redisfence"
)

// exampleFences are on an embedded server; yours are on your own.
func exampleFences() (fences *redisfence.Fences, end func()) {
	server, err := miniredis.Run()
	if err != nil {
		log.Fatal(err)
	}
	rdb := redis.NewClient(&redis.Options{Addr: server.Addr()})
	fences, err = redisfence.New(redisfence.Config{Client: rdb})
	if err != nil {
		log.Fatal(err)
	}
	return fences, func() {
		_ = rdb.Close()
		server.Close()
	}
}

// Two tenures of one stream; the older one wakes up too late.
func Example() {
	fences, end := exampleFences()
	defer end()
	ctx := context.Background()
	const older, newer streamlease.Token = 41, 42 // Stream.Token() of each
	total := redisfence.Key("{order-7}:total")

	if err := fences.Raise(ctx, "{order-7}:fence", newer); err != nil {
		log.Fatal(err)
	}
	replies, err := fences.Do(ctx, "{order-7}:fence", newer,
		redisfence.Command{"SET", total, 7},
		redisfence.Command{"INCRBY", total, 3})
	fmt.Println(replies, err)

	_, err = fences.Do(ctx, "{order-7}:fence", older, redisfence.Command{"SET", total, 0})
	fmt.Println(errors.Is(err, streamlease.ErrDisowned))
	fmt.Println(err)
	// Output:
	// [OK 10] <nil>
	// true
	// the stream is no longer owned by this tenure: the fence "{order-7}:fence" refuses token 41, it has seen 42
}

// A script of your own, for what commands alone cannot say.
func ExampleFences_Run() {
	fences, end := exampleFences()
	defer end()

	withdraw := redisfence.NewScript(`
		local left = tonumber(redis.call('GET', KEYS[1]) or '0') - tonumber(ARGV[1])
		if left < 0 then
			return redis.error_reply('ERR not enough')
		end
		redis.call('SET', KEYS[1], left)
		return left`)
	reply, err := fences.Run(context.Background(), "{account-1}:fence", 42, withdraw, []string{"{account-1}:balance"}, 5)
	fmt.Println(reply, err)
	// Output:
	// <nil> behind the fence "{account-1}:fence": ERR not enough
}
