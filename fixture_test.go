package streamlease_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/memory"
	"github.com/streamlease/streamlease/ports"
)

// ttl is that of every client of these tests; their time is virtual.
const ttl = time.Second

// world is a service in a synctest bubble: time passes when everybody waits.
type world struct {
	t       *testing.T
	service *memory.Service
	faults  *faults
}

// inBubble runs the test in a world with one grant for each member, and in one
// with a grant for each lease.
func inBubble(t *testing.T, test func(w *world)) {
	t.Helper()
	for _, shape := range []ports.GrantShape{ports.GrantPerMember, ports.GrantPerLease} {
		t.Run(shape.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				service, err := memory.New(memory.Config{Shape: shape})
				require.NoError(t, err)
				test(&world{t: t, service: service, faults: newFaults()})
			})
		})
	}
}

// member is a client and its channel.
type member struct {
	*streamlease.Client
	t             *testing.T
	notifications <-chan streamlease.Notification
}

// client makes a client that has not joined. Its calls meet the world's faults.
func (w *world) client(id string, change ...func(*streamlease.Config)) *streamlease.Client {
	w.t.Helper()
	config := streamlease.Config{Ports: w.faults.wrap(w.service.Ports()), ID: id, TTL: ttl}
	for _, adjust := range change {
		adjust(&config)
	}
	client, err := streamlease.New(config)
	require.NoError(w.t, err)
	return client
}

// join makes a client that has joined; it is closed when the test ends.
func (w *world) join(id string, change ...func(*streamlease.Config)) *member {
	w.t.Helper()
	client := w.client(id, change...)
	notifications, err := client.Init(w.t.Context())
	require.NoError(w.t, err)
	m := &member{Client: client, t: w.t, notifications: notifications}
	w.t.Cleanup(m.end)
	return m
}

// end closes the client, whatever state the test has left it in.
func (m *member) end() {
	go func() {
		for range m.notifications {
		}
	}()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	require.NoError(m.t, m.Close(ctx))
}

func manual(config *streamlease.Config) { config.ManualClaim = true }

func names(count int) []string {
	list := make([]string, count)
	for i := range list {
		list[i] = fmt.Sprintf("s%04d", i)
	}
	return list
}

func (w *world) announce(names ...string) []streamlease.StreamRef {
	w.t.Helper()
	publisher := streamlease.NewPublisher(w.service.Source)
	var assignments []streamlease.Assignment
	for _, name := range names {
		assignments = append(assignments, streamlease.Assignment{
			Ref:  streamlease.StreamRef{Name: name},
			Info: streamlease.Info(`{"of":"` + name + `"}`),
		})
	}
	refs, err := publisher.Announce(w.t.Context(), assignments...)
	require.NoError(w.t, err)
	require.NoError(w.t, publisher.Close())
	return refs
}

// gone reports whether an assignment that was taken before is removed for good.
func (w *world) gone(ref streamlease.StreamRef) bool {
	w.t.Helper()
	observer := ports.Member{ID: "observer", Incarnation: "observer"}
	results, err := w.service.Source.Take(w.t.Context(), observer, []ports.TakeRequest{{Ref: ref, Token: 1}})
	require.NoError(w.t, err)
	require.Error(w.t, results[0].Err, "%v was never taken", ref)
	return errors.Is(results[0].Err, streamlease.ErrDone)
}

// holder is the token of the live lease on the name; 0: none.
func (w *world) holder(name string) streamlease.Token {
	w.t.Helper()
	results, err := w.service.Leases.Inspect(w.t.Context(), []string{name})
	require.NoError(w.t, err)
	require.NoError(w.t, results[0].Err)
	return results[0].Holder.Lease.Token
}

// next is the next notification. It waits for an hour of virtual time.
func (m *member) next() streamlease.Notification {
	m.t.Helper()
	select {
	case notification, open := <-m.notifications:
		require.True(m.t, open, "the channel is closed")
		return notification
	case <-time.After(time.Hour):
		require.Fail(m.t, "nothing was heard in an hour")
		return streamlease.Notification{}
	}
}

func (m *member) nextOf(kind streamlease.NotificationKind) streamlease.Notification {
	m.t.Helper()
	notification := m.next()
	require.Equal(m.t, kind, notification.Kind, "%+v", notification)
	return notification
}

// added reads so many StreamAdded and returns their streams by name.
func (m *member) added(count int) map[string]*streamlease.Stream {
	m.t.Helper()
	streams := make(map[string]*streamlease.Stream)
	for range count {
		stream := m.nextOf(streamlease.StreamAdded).Stream
		streams[stream.Ref().Name] = stream
	}
	require.Len(m.t, streams, count)
	return streams
}

// one announces a stream and waits until the member has it.
func (w *world) one(m *member, name string) *streamlease.Stream {
	w.t.Helper()
	w.announce(name)
	return m.added(1)[name]
}

func (m *member) hearsNothing(duration time.Duration) {
	m.t.Helper()
	select {
	case notification := <-m.notifications:
		require.Fail(m.t, "something was heard", "%+v", notification)
	case <-time.After(duration):
	}
}

func (w *world) cancelled() context.Context {
	ctx, cancel := context.WithCancel(w.t.Context())
	cancel()
	return ctx
}

func (w *world) within(duration time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(w.t.Context(), duration)
	w.t.Cleanup(cancel)
	return ctx
}
