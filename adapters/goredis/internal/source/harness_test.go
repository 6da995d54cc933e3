package source

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// patience is how long a condition may take on a slow machine.
const patience = 30 * time.Second

// fixture is a source on a real server, and a plain client to look behind it.
type fixture struct {
	*Source
	t      *testing.T
	server *redistest.Server
	redis  redis.UniversalClient
	ctx    context.Context
}

// newFixture starts a server with the directives.
func newFixture(t *testing.T, directives ...string) *fixture {
	t.Helper()
	server := redistest.Start(t, directives...)
	return newFixtureOn(t, server)
}

// newFixtureOn makes a source that shares nothing with others on the server but
// the keys.
func newFixtureOn(t *testing.T, server *redistest.Server, change ...func(*redis.Options)) *fixture {
	t.Helper()
	f := newFixtureFor(t, server.Client(t, change...))
	f.server, f.redis = server, server.Client(t)
	return f
}

func newFixtureFor(t *testing.T, client redis.UniversalClient) *fixture {
	t.Helper()
	opened, err := conn.Open(client, "orders")
	require.NoError(t, err)
	source := New(opened)
	t.Cleanup(func() { require.NoError(t, source.Close()) })
	ctx, cancel := context.WithTimeout(context.Background(), 2*patience)
	t.Cleanup(cancel)
	return &fixture{Source: source, t: t, redis: client, ctx: ctx}
}

func member(name string) ports.Member {
	return ports.Member{ID: "pod " + name, Incarnation: name}
}

var (
	alice = member("alice")
	bob   = member("bob")
	carol = member("carol")
)

func (f *fixture) announce(names ...string) []ports.StreamRef {
	f.t.Helper()
	assignments := make([]ports.Assignment, len(names))
	for i, name := range names {
		assignments[i] = ports.Assignment{Ref: ports.StreamRef{Name: name}, Info: ports.Info(`{"n":1}`)}
	}
	results, err := f.Announce(f.ctx, assignments)
	require.NoError(f.t, err)
	refs := make([]ports.StreamRef, len(names))
	for i, result := range results {
		require.NoError(f.t, result.Err)
		refs[i] = result.Ref
	}
	return refs
}

// addRaw puts an entry on the stream that a producer of another kind wrote.
func (f *fixture) addRaw(fieldsAndValues ...string) string {
	f.t.Helper()
	id, err := f.redis.XAdd(f.ctx, &redis.XAddArgs{Stream: f.conn.Stream(), Values: fieldsAndValues}).Result()
	require.NoError(f.t, err)
	return id
}

// fetch asks for everything that is there, without waiting.
func (f *fixture) fetch(who ports.Member, most int) ports.Fetched {
	f.t.Helper()
	fetched, err := f.Fetch(f.ctx, who, most, 0)
	require.NoError(f.t, err)
	return fetched
}

// fetchAll fetches until nothing is left.
func (f *fixture) fetchAll(who ports.Member) []ports.Assignment {
	f.t.Helper()
	var all []ports.Assignment
	for {
		fetched := f.fetch(who, 10_000)
		all = append(all, fetched.Assignments...)
		if fetched.Left == 0 {
			return all
		}
	}
}

func refsOf(assignments []ports.Assignment) []ports.StreamRef {
	var refs []ports.StreamRef
	for _, assignment := range assignments {
		refs = append(refs, assignment.Ref)
	}
	return refs
}

func (f *fixture) take(who ports.Member, ref ports.StreamRef, token ports.Token) ports.TakeResult {
	f.t.Helper()
	results, err := f.Take(f.ctx, who, []ports.TakeRequest{{Ref: ref, Token: token}})
	require.NoError(f.t, err)
	require.Len(f.t, results, 1)
	return results[0]
}

// owned announces and fetches a stream, and lets who take it.
func (f *fixture) owned(who ports.Member, name string, token ports.Token) ports.StreamRef {
	f.t.Helper()
	ref := f.announce(name)[0]
	f.fetch(who, 10)
	require.NoError(f.t, f.take(who, ref, token).Err)
	return ref
}

func (f *fixture) settle(who ports.Member, settlement ports.Settlement) ports.SettleResult {
	f.t.Helper()
	results, err := f.Settle(f.ctx, who, []ports.Settlement{settlement})
	require.NoError(f.t, err)
	require.Len(f.t, results, 1)
	return results[0]
}

func (f *fixture) end(who ports.Member, ref ports.StreamRef, token ports.Token, outcome ports.Outcome) ports.SettleResult {
	f.t.Helper()
	return f.settle(who, ports.Settlement{Ref: ref, Token: token, Outcome: outcome, Reason: "because"})
}

func (f *fixture) beat(who ports.Member) ports.Fleet {
	f.t.Helper()
	return f.beatWith(ports.Beat{Member: who, HasRoom: true, Expiry: time.Minute})
}

func (f *fixture) beatWith(beat ports.Beat) ports.Fleet {
	f.t.Helper()
	fleet, err := f.Heartbeat(f.ctx, beat)
	require.NoError(f.t, err)
	return fleet
}

func (f *fixture) deliveries(who ports.Member) ports.DeliveryPage {
	f.t.Helper()
	page, err := f.Deliveries(f.ctx, who, "", 1000)
	require.NoError(f.t, err)
	require.Empty(f.t, page.Next)
	return page
}

var sweepAll = ports.SweepRequest{Limit: 1000}

func (f *fixture) sweep(request ports.SweepRequest) ports.SweepPage {
	f.t.Helper()
	page, err := f.Sweep(f.ctx, carol, request)
	require.NoError(f.t, err)
	return page
}

func sweptRefs(page []ports.Swept) []ports.StreamRef {
	var refs []ports.StreamRef
	for _, swept := range page {
		refs = append(refs, swept.Assignment.Ref)
	}
	return refs
}

// quarantined is what the quarantine says of a message ID.
func (f *fixture) quarantined(id string) (evidence, payload string) {
	f.t.Helper()
	text, err := f.redis.HGet(f.ctx, f.conn.Quarantine(), id).Result()
	require.NoError(f.t, err, "%s is not in the quarantine", id)
	evidence, payload, _ = strings.Cut(text, "\n")
	return evidence, payload
}

// eventually waits for a condition in the goroutine of the test.
func (f *fixture) eventually(condition func() bool, format string, args ...any) {
	f.t.Helper()
	pause := time.NewTicker(time.Millisecond)
	defer pause.Stop()
	for end := time.Now().Add(patience); !condition(); <-pause.C {
		if time.Now().After(end) {
			require.FailNow(f.t, "waited in vain", fmt.Sprintf(format, args...))
		}
	}
}

// serverNow is the clock that the source goes by.
func (f *fixture) serverNow() time.Time {
	f.t.Helper()
	now, err := f.redis.Time(f.ctx).Result()
	require.NoError(f.t, err)
	return now
}

func deliveredRefs(page ports.DeliveryPage) []ports.StreamRef {
	var refs []ports.StreamRef
	for _, delivery := range page.Deliveries {
		refs = append(refs, delivery.Assignment.Ref)
	}
	return refs
}

// fieldOf is a text in a JSON object.
func (f *fixture) fieldOf(object, field string) string {
	f.t.Helper()
	var fields map[string]any
	require.NoError(f.t, json.Unmarshal([]byte(object), &fields), object)
	text, _ := fields[field].(string)
	return text
}

// soon is a ctx of 100 ms.
func (f *fixture) soon() context.Context {
	ctx, cancel := context.WithTimeout(f.ctx, 100*time.Millisecond)
	f.t.Cleanup(cancel)
	return ctx
}
