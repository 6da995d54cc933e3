package redislock_test

import (
	"log"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/adapters/redislock"
	"github.com/streamlease/streamlease/ports"
)

func Example() {
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer client.Close()
	source, err := goredis.NewSource(client, "orders")
	if err != nil {
		log.Fatal(err)
	}
	leases, err := redislock.NewLeases(client, "orders")
	if err != nil {
		log.Fatal(err)
	}
	notifier, err := redislock.NewNotifier(client, "orders", redislock.NotifierConfig{})
	if err != nil {
		log.Fatal(err)
	}
	checkpoints, err := goredis.NewCheckpoints(client, "orders")
	if err != nil {
		log.Fatal(err)
	}
	member, err := streamlease.New(streamlease.Config{
		Ports: ports.Set{Source: source, Leases: leases, Notifier: notifier, Checkpoints: checkpoints},
	})
	if err != nil {
		log.Fatal(err)
	}
	_ = member // Init or Run it.
}
