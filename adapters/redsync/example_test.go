package redsync_test

import (
	"log"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/adapters/redsync"
	"github.com/streamlease/streamlease/ports"
)

// Assignments are on one server, leases on a quorum of three.
func Example() {
	client := redis.NewClient(&redis.Options{Addr: "localhost:6379"})
	defer client.Close()
	var quorum []redis.UniversalClient
	for _, address := range []string{"locks-1:6379", "locks-2:6379", "locks-3:6379"} {
		server := redis.NewClient(&redis.Options{Addr: address})
		defer server.Close()
		quorum = append(quorum, server)
	}
	source, err := goredis.NewSource(client, "orders")
	if err != nil {
		log.Fatal(err)
	}
	leases, err := redsync.NewLeases("orders", quorum...)
	if err != nil {
		log.Fatal(err)
	}
	notifier, err := redsync.NewNotifier("orders", redsync.NotifierConfig{}, quorum...)
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
