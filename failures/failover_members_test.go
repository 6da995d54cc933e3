package failures_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/ports"
)

// failoverStreams are announced, and taken while the master dies.
const failoverStreams = 60

func TestMembersFinishEverythingAfterTheirMasterWasKilledWhileStreamsWereTaken(t *testing.T) {
	t.Parallel()
	for _, replicas := range []int{0, 1} {
		t.Run(fmt.Sprintf("leases wait for %d replicas", replicas), func(t *testing.T) {
			t.Parallel()
			crew := newCrew(t, goredis.LeaseConfig{Replicas: replicas})
			crew.announce(streamNames(failoverStreams))
			for id := range 3 {
				crew.join(fmt.Sprint("member-", id+1))
			}
			crew.await("streams are being taken", func() error { return crew.finishedAtLeast(failoverStreams / 4) })
			crew.killMaster()
			crew.await("everything is finished", func() error { return crew.finishedAtLeast(failoverStreams) })
			crew.leave()
			doubles := crew.doubles()
			t.Logf("by raw lease, as members believed, %d names had two owners at once", len(doubles))
			assert.Empty(t, crew.sharedTokens(), "tenures of two members with one token: nothing could tell their effects apart")
		})
	}
}

// crew is a few clients in this process that work for a service whose master
// dies.
type crew struct {
	*failover
	config   goredis.LeaseConfig
	clients  []*streamlease.Client
	left     context.Context // ends when the members are to work no more
	leaving  context.CancelFunc
	working  sync.WaitGroup
	producer *streamlease.Publisher

	mu      sync.Mutex
	tenures map[string][]belief
}

// belief is one tenure, as its member saw it.
type belief struct {
	member      string
	token       streamlease.Token
	began, over time.Time // over is zero while it lasts
}

func newCrew(t *testing.T, config goredis.LeaseConfig) *crew {
	c := &crew{failover: newFailover(t), config: config, tenures: map[string][]belief{}}
	c.left, c.leaving = context.WithCancel(t.Context())
	t.Cleanup(c.leaving)
	c.producer = newProducer(t, c.sentinel.Client(t))
	return c
}

// announce waits until the replica has the announcements: what becomes of those
// that were lost is the producer's to find out.
func (c *crew) announce(names []string) {
	c.t.Helper()
	for _, name := range names {
		_, err := c.producer.Announce(c.t.Context(), streamlease.Assignment{Ref: streamlease.StreamRef{Name: name}})
		require.NoError(c.t, err)
	}
	copied := c.sentinel.Replica.Client(c.t)
	c.await("the replica has the announcements", func() error {
		if have := copied.XLen(c.t.Context(), serviceName+"-input").Val(); have < int64(len(names)) {
			return fmt.Errorf("it has %d", have)
		}
		return nil
	})
}

func (c *crew) join(id string) {
	c.t.Helper()
	client, err := streamlease.New(streamlease.Config{Ports: c.ports(), ID: id, TTL: 3 * time.Second, SweepInterval: time.Second})
	require.NoError(c.t, err)
	notifications, err := client.Init(c.t.Context())
	require.NoError(c.t, err)
	c.clients = append(c.clients, client)
	c.working.Go(func() {
		for n := range notifications {
			if n.Kind == streamlease.StreamAdded {
				c.working.Go(func() { c.work(id, n.Stream) })
			}
		}
	})
}

func (c *crew) ports() ports.Set {
	c.t.Helper()
	client := c.sentinel.Client(c.t)
	source, err := goredis.NewSource(client, serviceName)
	require.NoError(c.t, err)
	leases, err := goredis.NewLeases(client, serviceName, c.config)
	require.NoError(c.t, err)
	notifier, err := goredis.NewNotifier(client, serviceName, goredis.NotifierConfig{})
	require.NoError(c.t, err)
	return ports.Set{Source: source, Leases: leases, Notifier: notifier}
}

// work holds the stream for a while, so that many are owned when the master
// dies.
func (c *crew) work(member string, stream *streamlease.Stream) {
	end := c.begin(member, stream)
	defer end()
	accepted, err := c.resource.write(c.left, stream.Ref(), stream.Token(), firstEffect)
	if err != nil || !accepted {
		return
	}
	select {
	case <-stream.Context().Done():
		return
	case <-c.left.Done():
		return
	case <-time.After(200 * time.Millisecond):
	}
	if accepted, err = c.resource.write(c.left, stream.Ref(), stream.Token(), lastEffect); err == nil && accepted {
		_ = stream.Done(c.left) // lost meanwhile: another tenure finishes it again
	}
}

// begin writes a tenure down; end says that the member gave it up.
func (c *crew) begin(member string, stream *streamlease.Stream) (end func()) {
	c.mu.Lock()
	defer c.mu.Unlock()
	name := stream.Ref().Name
	c.tenures[name] = append(c.tenures[name], belief{member: member, token: stream.Token(), began: time.Now()})
	number := len(c.tenures[name]) - 1
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.tenures[name][number].over = time.Now()
	}
}

func (c *crew) finishedAtLeast(count int) error {
	finished, err := c.resource.finished(c.t.Context())
	if err == nil && len(finished) < count {
		err = fmt.Errorf("%d of %d streams are finished", len(finished), count)
	}
	return err
}

func (c *crew) leave() {
	c.t.Helper()
	c.leaving()
	for _, client := range c.clients {
		assert.NoError(c.t, client.Close(c.t.Context()))
	}
	c.working.Wait()
}

// doubles are the names of which two members believed at once to be the owner.
func (c *crew) doubles() (names []string) {
	for _, name := range slices.Sorted(maps.Keys(c.tenures)) {
		for i, one := range c.tenures[name] {
			for _, other := range c.tenures[name][i+1:] {
				if one.member != other.member && one.began.Before(other.over) && other.began.Before(one.over) {
					names = append(names, name)
				}
			}
		}
	}
	return slices.Compact(names)
}

// sharedTokens are the tokens of a name that two members had.
func (c *crew) sharedTokens() (shared []string) {
	for name, tenures := range c.tenures {
		owner := map[streamlease.Token]string{}
		for _, tenure := range tenures {
			if before, known := owner[tenure.token]; known && before != tenure.member {
				shared = append(shared, fmt.Sprintf("%s: %s and %s have token %d", name, before, tenure.member, tenure.token))
			}
			owner[tenure.token] = tenure.member
		}
	}
	return shared
}
