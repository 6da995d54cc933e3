package member

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/adapters/redislock"
	"github.com/streamlease/streamlease/adapters/redsync"
	"github.com/streamlease/streamlease/ports"
)

// member is a streamlease client with an application that does nothing.
type member struct {
	client      *streamlease.Client
	application application
	contexts    bool
}

func (p *process) newMember(settings Settings, rdb *redis.Client, id string, application application) (*member, error) {
	set, err := portsOf(settings.Store, rdb, settings.Service)
	if err != nil {
		return nil, err
	}
	set.Source, set.Leases = p.source.count(set.Source), p.leases.count(set.Leases)
	client, err := streamlease.New(streamlease.Config{
		Ports: set, ID: id, TTL: settings.TTL, SweepInterval: settings.SweepInterval,
	})
	return &member{client: client, application: application, contexts: settings.Contexts}, err
}

// portsOf makes what an application makes that chooses the lease store.
func portsOf(store string, rdb *redis.Client, service string) (ports.Set, error) {
	switch store {
	case Goredis:
		return goredis.New(rdb, service)
	case Redsync:
		source, err := goredis.NewSource(rdb, service)
		leases, errLeases := redsync.NewLeases(service, rdb)
		notifier, errNotifier := redsync.NewNotifier(service, redsync.NotifierConfig{}, rdb)
		return ports.Set{Source: source, Leases: leases, Notifier: notifier}, errors.Join(err, errLeases, errNotifier)
	case Redislock:
		source, err := goredis.NewSource(rdb, service)
		leases, errLeases := redislock.NewLeases(rdb, service)
		notifier, errNotifier := redislock.NewNotifier(rdb, service, redislock.NotifierConfig{})
		return ports.Set{Source: source, Leases: leases, Notifier: notifier}, errors.Join(err, errLeases, errNotifier)
	default:
		return ports.Set{}, fmt.Errorf("there is no lease store %q", store)
	}
}

// Join begins the member and its application.
func (m *member) Join(ctx context.Context) error {
	notifications, err := m.client.Init(ctx)
	if err != nil {
		return err
	}
	go m.listen(notifications)
	return nil
}

// listen ends with the process.
func (m *member) listen(notifications <-chan streamlease.Notification) {
	for n := range notifications {
		switch n.Kind {
		case streamlease.StreamAdded:
			if m.contexts {
				_ = n.Stream.Context()
			}
			m.application.Added(n.Ref.Name)
		case streamlease.StreamDisowned:
			m.application.Disowned()
		case streamlease.StreamTerminated:
			panic(fmt.Sprintf("the client has stopped: %v", n.Err))
		}
	}
}

// Fleet is 0 while the member's view is in doubt.
func (m *member) Fleet() int {
	status := m.client.Status()
	if status.Stale || status.ConnectedSince.IsZero() {
		return 0
	}
	return status.Fleet
}

// HandOff gives away the first of its streams.
func (m *member) HandOff(ctx context.Context) (string, error) {
	owned := m.client.Owned()
	if len(owned) == 0 {
		return "", errors.New("the member owns nothing")
	}
	if err := owned[0].HandOff(ctx); err != nil {
		return "", err
	}
	m.application.GaveAway()
	return owned[0].Ref().Name, nil
}
