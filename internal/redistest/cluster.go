package redistest

import (
	"strconv"
	"testing"

	"github.com/redis/go-redis/v9"
)

// Cluster is a Redis Cluster of a test.
type Cluster struct {
	// Masters and Replicas are what the servers were when the cluster was
	// formed. Replica i copies master i modulo the number of masters.
	Masters, Replicas []*Server
}

// StartCluster forms a Redis Cluster of so many masters, each with so many
// replicas, and waits until all agree that it works. A failover comes about a
// second after a master is gone. The directives go to every server.
func StartCluster(t testing.TB, masters, replicasOfEach int, directives ...string) *Cluster {
	t.Helper()
	cluster := &Cluster{}
	for range masters {
		cluster.Masters = append(cluster.Masters, startClusterServer(t, directives))
	}
	for range masters * replicasOfEach {
		cluster.Replicas = append(cluster.Replicas, startClusterServer(t, directives))
	}
	if err := cluster.form(t); err != nil {
		t.Fatalf("form a Redis Cluster: %v", err)
	}
	return cluster
}

func startClusterServer(t testing.TB, directives []string) *Server {
	t.Helper()
	var bus int
	server := start(t, nil, func(int) []string {
		bus = freePort(t)
		return append([]string{
			"cluster-enabled yes",
			"cluster-port " + strconv.Itoa(bus),
			"cluster-node-timeout 1000",
			"cluster-replica-validity-factor 0",
		}, directives...)
	})
	server.clusterPort = bus
	return server
}

// Servers are the masters, then the replicas.
func (c *Cluster) Servers() []*Server {
	return append(append([]*Server(nil), c.Masters...), c.Replicas...)
}

// Addrs are the addresses of Servers.
func (c *Cluster) Addrs() []string {
	var addrs []string
	for _, server := range c.Servers() {
		addrs = append(addrs, server.Addr())
	}
	return addrs
}

// Client returns a client for the cluster, with what change makes of its
// options. It is closed when t ends.
func (c *Cluster) Client(t testing.TB, change ...func(*redis.ClusterOptions)) *redis.ClusterClient {
	options := &redis.ClusterOptions{Addrs: c.Addrs()}
	for _, apply := range change {
		apply(options)
	}
	client := redis.NewClusterClient(options)
	t.Cleanup(func() { _ = client.Close() })
	return client
}
