package redistest

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/redis/go-redis/v9"
)

// slots is how many slots the keys of a Redis Cluster are divided into.
const slots = 16384

// forming is a cluster on its way to be one.
type forming struct {
	ctx      context.Context
	masters  []*redis.Client
	replicas []*redis.Client
	servers  []*Server
	clients  []*redis.Client // of servers
}

func (c *Cluster) form(t testing.TB) error {
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	f := &forming{ctx: ctx, servers: c.Servers()}
	for _, server := range f.servers {
		f.clients = append(f.clients, server.Client(t))
	}
	f.masters, f.replicas = f.clients[:len(c.Masters)], f.clients[len(c.Masters):]
	for _, step := range []func() error{f.shareSlots, f.meet, f.replicate, f.agree} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

// shareSlots gives each master its part of the slots. Epochs that differ from
// the start save the masters from agreeing on them one by one.
func (f *forming) shareSlots() error {
	for i, master := range f.masters {
		if err := master.Do(f.ctx, "CLUSTER", "SET-CONFIG-EPOCH", i+1).Err(); err != nil {
			return err
		}
		first, last := i*slots/len(f.masters), (i+1)*slots/len(f.masters)-1
		if err := master.ClusterAddSlotsRange(f.ctx, first, last).Err(); err != nil {
			return err
		}
	}
	return nil
}

// meet introduces everybody to everybody: gossip would take longer.
func (f *forming) meet() error {
	for i, client := range f.clients {
		for _, other := range f.servers[:i] {
			if err := client.Do(f.ctx, "CLUSTER", "MEET", "127.0.0.1", other.port, other.clusterPort).Err(); err != nil {
				return err
			}
		}
	}
	return f.await("all servers know each other", func(nodes string) bool {
		return strings.Count(nodes, "\n") == len(f.servers) && strings.Count(nodes, " connected") == len(f.servers) &&
			!strings.Contains(nodes, "handshake")
	})
}

func (f *forming) replicate() error {
	for i, replica := range f.replicas {
		id, err := f.masters[i%len(f.masters)].ClusterMyID(f.ctx).Result()
		if err != nil {
			return err
		}
		if err := replica.ClusterReplicate(f.ctx, id).Err(); err != nil {
			return err
		}
	}
	return f.await("all servers know the replicas", func(nodes string) bool {
		return strings.Count(nodes, "slave ") == len(f.replicas)
	})
}

// agree waits until each server serves and each replica has its master's data.
func (f *forming) agree() error {
	for _, client := range f.clients {
		err := eventually(func() (bool, error) {
			info, err := client.ClusterInfo(f.ctx).Result()
			return strings.Contains(info, "cluster_state:ok"), err
		})
		if err != nil {
			return fmt.Errorf("every server serves: %w", err)
		}
	}
	for _, replica := range f.replicas {
		if err := awaitReplication(f.ctx, replica); err != nil {
			return err
		}
	}
	return nil
}

// await waits until what each server says of the others satisfies.
func (f *forming) await(what string, satisfies func(nodes string) bool) error {
	for _, client := range f.clients {
		err := eventually(func() (bool, error) {
			nodes, err := client.ClusterNodes(f.ctx).Result()
			return satisfies(nodes), err
		})
		if err != nil {
			return fmt.Errorf("%s: %w", what, err)
		}
	}
	return nil
}

// awaitReplication waits until the replica has its master's data.
func awaitReplication(ctx context.Context, replica *redis.Client) error {
	err := eventually(func() (bool, error) {
		info, err := replica.Info(ctx, "replication").Result()
		return strings.Contains(info, "master_link_status:up"), err
	})
	if err != nil {
		return fmt.Errorf("a replica has its master's data: %w", err)
	}
	return nil
}
