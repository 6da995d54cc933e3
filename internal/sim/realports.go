package sim

import (
	"context"
	"fmt"
	"net"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/adapters/redislock"
	"github.com/streamlease/streamlease/adapters/redsync"
	"github.com/streamlease/streamlease/internal/simnet"
	"github.com/streamlease/streamlease/ports"
)

// realService is the name under which everything stands on the servers.
const realService = "sim"

// What a client is for.
const (
	forSource = "source"
	forLeases = "leases"
	forHints  = "hints"
)

// open makes the ports that users make, each with clients of its own, so that
// the network knows what a connection is for.
func (r *reality) open(p *process, m *realMember) ports.Set {
	w := r.world
	source, err := goredis.NewSource(r.client(p, m, forSource, 0), realService)
	must(err)
	set := ports.Set{Source: source}
	switch {
	case w.setup.Lease == Session:
		set.Leases = made(goredis.NewLeases(r.client(p, m, forLeases, 0), realService, goredis.LeaseConfig{}))
		set.Notifier = made(goredis.NewNotifier(r.client(p, m, forHints, 0), realService, goredis.NotifierConfig{}))
	case w.setup.Lease == Quorum || r.locks == Redsync:
		config := redsync.NotifierConfig{KeyEvents: w.setup.Notifier == Keyspace}
		set.Leases = made(redsync.NewLeases(realService, r.clients(p, m, forLeases)...))
		set.Notifier = made(redsync.NewNotifier(realService, config, r.clients(p, m, forHints)...))
	default:
		config := redislock.NotifierConfig{KeyEvents: w.setup.Notifier == Keyspace}
		set.Leases = made(redislock.NewLeases(r.client(p, m, forLeases, 1), realService))
		set.Notifier = made(redislock.NewNotifier(r.client(p, m, forHints, 1), realService, config))
	}
	if w.setup.Notifier == Silent {
		set.Notifier = nil
	}
	return set
}

func made[T any](port T, err error) T {
	must(err)
	return port
}

// must: the simulator itself is wrong.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

func (r *reality) clients(p *process, m *realMember, role string) (clients []redis.UniversalClient) {
	for i := range r.world.leaseHosts() {
		clients = append(clients, r.client(p, m, role, i+1))
	}
	return clients
}

// client is what a user would hand in.
func (r *reality) client(p *process, m *realMember, role string, server int) *redis.Client {
	place := simnet.Place{Process: p.index, Role: role, Server: server}
	client := redis.NewClient(&redis.Options{
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
		Addr:                     fmt.Sprintf("127.0.0.1:%d", server+1),
		Dialer: func(ctx context.Context, _, _ string) (net.Conn, error) {
			// Dialing always succeeds: go-redis would try again and again, in a
			// goroutine that nobody ends.
			conn := r.bus.Dial(place)
			r.bus.Say(simnet.News{Process: p.index, Tell: func() { r.connected(m, conn) }})
			return conn, nil
		},
	})
	m.clients = append(m.clients, client)
	return client
}
