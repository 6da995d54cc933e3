package failures_test

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/redistest"
)

// serviceNameBytes is the longest name of a service, as goredis documents it.
const serviceNameBytes = 1 << 10

// hostileServices are names of services that goredis allows. Patterns among
// them match the others, and some begin others.
func hostileServices() []string {
	return []string{
		"a", "a-input", "a-input:leases", "*", "[a-z]", "{", "{a-input", "a\nb\x00c", `"\']]--%s`, " ", "😀:1-1",
		strings.Repeat("s", serviceNameBytes),
	}
}

func TestServicesOfAnyNameThatIsAllowedWorkSideBySideAndHearNothingOfEachOther(t *testing.T) {
	t.Parallel()
	server := redistest.Start(t)
	var services []*scenario
	for _, name := range hostileServices() {
		s := newScenarioAt(t, place{server, 0, name}, settings{TTL: 3 * time.Second, SweepInterval: time.Second})
		s.startMember()
		s.announce("a", "b:1-1", "{}")
		services = append(services, s)
	}
	for _, s := range services {
		s.awaitOwned(s.announced)
		left, err := s.keys.left(t.Context())
		require.NoError(t, err)
		assert.EqualValues(t, 1, left["members"], "members of %.100q", s.keys.service)
		s.awaitListeners(1)
	}
	loser := services[0]
	loser.members[0].kill9()
	loser.startMember()
	loser.awaitOwned(loser.announced)
	for _, s := range services {
		s.finish() // which looks for strangers
	}
}

// forbiddenServices are names whose keys would not be in one slot, or would not
// be theirs.
func forbiddenServices() map[string]string {
	return map[string]string{
		"no name":                         "",
		"an empty tag":                    "{}",
		"an empty tag before the name":    "{}orders",
		"a tag":                           "{orders}",
		"a foreign tag before the name":   "{other-input}:orders",
		"the end of a tag":                "orders}",
		"a brace that ends the tag early": "a}b",
		"invalid UTF-8":                   "a\xff",
		"half a surrogate":                "a\xed\xa0\x80",
		"too long a name":                 strings.Repeat("s", serviceNameBytes+1),
	}
}

func TestServicesThatCannotBeAreRefusedBeforeAnythingIsSent(t *testing.T) {
	t.Parallel()
	options := redistest.Start(t).Client(t).Options()
	var dialed atomic.Int64
	dial := redis.NewDialer(options)
	client := redis.NewClient(&redis.Options{
		Addr: options.Addr,
		Dialer: func(ctx context.Context, network, address string) (net.Conn, error) {
			dialed.Add(1)
			return dial(ctx, network, address)
		},
	})
	t.Cleanup(func() { assert.NoError(t, client.Close()) })
	for what, name := range forbiddenServices() {
		_, all := goredis.New(client, name)
		_, source := goredis.NewSource(client, name)
		_, leases := goredis.NewLeases(client, name, goredis.LeaseConfig{})
		_, notifier := goredis.NewNotifier(client, name, goredis.NotifierConfig{})
		for _, err := range []error{all, source, leases, notifier} {
			assert.ErrorIs(t, err, streamlease.ErrInvalid, what)
			assert.Less(t, len(err.Error()), 1<<10, what)
		}
	}
	assert.Zero(t, dialed.Load(), "connections for services that were refused")

	source, err := goredis.NewSource(client, "orders")
	require.NoError(t, err)
	_, err = source.Check(t.Context())
	require.NoError(t, err)
	require.NoError(t, source.Close())
	assert.Positive(t, dialed.Load(), "connections for a service that was not: without any nothing is shown")
}
