package failures_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/redistest"
)

// serviceName is not the simplest that there is, on purpose.
const serviceName = "orders of today"

// scenario is one service: its Redis, its members, a producer, and the test's
// own view of all of them.
type scenario struct {
	t        *testing.T
	settings settings // of the members that are started
	server   *redistest.Server
	keys     layout
	resource resource
	books    *books
	producer *streamlease.Publisher
	epoch    time.Time

	members   []*member
	announced []streamlease.StreamRef
	// quarantined are those announced streams that nobody finishes.
	quarantined []streamlease.StreamRef
}

// place is where a service lives.
type place struct {
	server   *redistest.Server
	database int
	service  string
}

// newScenario starts the servers. The given settings are completed.
func newScenario(t *testing.T, settings settings) *scenario {
	t.Helper()
	return newScenarioAt(t, place{redistest.Start(t), 0, serviceName}, settings)
}

// newScenarioAt is newScenario for a service on a server that may have others.
func newScenarioAt(t *testing.T, at place, settings settings) *scenario {
	t.Helper()
	s := &scenario{t: t, settings: settings, server: at.server, books: newBooks(), epoch: time.Now()}
	effects := redistest.Start(t)
	client := s.server.Client(t, func(options *redis.Options) { options.DB = at.database })
	s.resource = resource{effects.Client(t)}
	s.keys = layout{client, at.service}
	s.settings.Redis = fmt.Sprintf("redis://%s/%d", s.server.Addr(), at.database)
	s.settings.Resource = effects.URL()
	s.settings.Service, s.settings.Epoch = at.service, s.epoch.UnixNano()
	s.producer = newProducerFor(t, client, at.service)
	return s
}

func newProducer(t *testing.T, client *redis.Client) *streamlease.Publisher {
	t.Helper()
	return newProducerFor(t, client, serviceName)
}

func newProducerFor(t *testing.T, client *redis.Client, service string) *streamlease.Publisher {
	t.Helper()
	source, err := goredis.NewSource(client, service)
	require.NoError(t, err)
	producer := streamlease.NewPublisher(source)
	t.Cleanup(func() { assert.NoError(t, producer.Close()) })
	return producer
}

// now is the scenario's clock, which the members' reports share.
func (s *scenario) now() time.Duration { return time.Since(s.epoch) }

// startMembers starts so many members at once and waits until all have joined.
func (s *scenario) startMembers(count int) []*member {
	s.t.Helper()
	var started []*member
	for range count {
		started = append(started, s.startMember())
	}
	s.awaitJoined(started...)
	return started
}

func (s *scenario) awaitJoined(members ...*member) {
	s.t.Helper()
	s.await(fmt.Sprintf("%d members have joined", len(members)), func() error {
		for _, member := range members {
			if _, ready := s.books.readyAt(member); !ready {
				return fmt.Errorf("%v has not joined", member)
			}
		}
		return nil
	})
}

// startMember starts one more member and waits for nothing.
func (s *scenario) startMember() *member {
	s.t.Helper()
	return s.startMemberWith(s.settings)
}

// startMemberWith is startMember with settings of its own. Without an ID there
// it gets the next one.
func (s *scenario) startMemberWith(settings settings) *member {
	s.t.Helper()
	if settings.ID == "" {
		settings.ID = fmt.Sprint("member-", len(s.members)+1)
	}
	started := startMember(s.t, s.books, s.now, settings)
	s.members = append(s.members, started)
	return started
}

// living are the members that the test has not ended.
func (s *scenario) living() []*member {
	var living []*member
	for _, member := range s.members {
		if !member.isOver() {
			living = append(living, member)
		}
	}
	return living
}

// announce puts the streams on the LBS, in order.
func (s *scenario) announce(names ...string) []streamlease.StreamRef {
	s.t.Helper()
	var assignments []streamlease.Assignment
	for _, name := range names {
		assignments = append(assignments, streamlease.Assignment{Ref: streamlease.StreamRef{Name: name}})
	}
	refs, err := s.producer.Announce(s.t.Context(), assignments...)
	require.NoError(s.t, err)
	s.announced = append(s.announced, refs...)
	return refs
}

// streamNames makes so many names.
func streamNames(count int) []string {
	var names []string
	for i := range count {
		names = append(names, fmt.Sprint("stream-", i))
	}
	return names
}
