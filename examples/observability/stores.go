package main

import (
	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

const service = "orders"

// stores is where a service lives.
type stores struct {
	ports     func() (ports.Set, error)
	announcer func() (ports.Announcer, error)
}

// openStores reaches the Redis at the URL, or makes a service in this process.
func openStores(url string) (stores, error) {
	if url == "" {
		return embedded()
	}
	options, err := redis.ParseURL(url)
	if err != nil {
		return stores{}, err
	}
	rdb := redis.NewClient(options)
	return stores{
		ports:     func() (ports.Set, error) { return goredis.New(rdb, service) },
		announcer: func() (ports.Announcer, error) { return goredis.NewSource(rdb, service) },
	}, nil
}

func embedded() (stores, error) {
	inProcess, err := memory.New(memory.Config{})
	if err != nil {
		return stores{}, err
	}
	return stores{
		ports:     func() (ports.Set, error) { return inProcess.Ports(), nil },
		announcer: func() (ports.Announcer, error) { return inProcess.Source, nil },
	}, nil
}
