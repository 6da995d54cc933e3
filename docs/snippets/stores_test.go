//lint:file-ignore SA4006 what documents leave out is what is done with each error

package snippets_test

import (
	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/ports"
)

// WithReplicas is how docs/failure-semantics.md has leases wait for replicas.
func WithReplicas(client redis.UniversalClient) (*streamlease.Client, error) {
	source, err := goredis.NewSource(client, "orders")
	leases, err := goredis.NewLeases(client, "orders", goredis.LeaseConfig{Replicas: 1})
	notifier, err := goredis.NewNotifier(client, "orders", goredis.NotifierConfig{})
	member, err := streamlease.New(streamlease.Config{Ports: ports.Set{Source: source, Leases: leases, Notifier: notifier}})
	return member, err
}
