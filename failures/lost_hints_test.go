package failures_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestFailure01NotificationsThatAreLostWhileLeasesExpireOrphanNothing(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second})
	s.startMembers(4)
	refs := s.announce(streamNames(testsize.Pick(400, 10_000))...)
	s.awaitOwned(refs)

	stop := s.cutPubSub()
	victim, orphans := s.largestOwner()
	killed := victim.kill9()
	s.awaitOwned(refs)
	cuts := stop()
	assert.Positive(t, cuts, "no connection was killed; nothing was shown")

	owners := s.books.owners()
	var recovery times
	for ref := range orphans {
		recovery = append(recovery, owners[ref][0].began-killed)
	}
	t.Logf("killed the owner of %d streams and %d pub/sub connections; TTL %v; owned again: %v",
		len(orphans), cuts, s.settings.TTL, recovery)
	s.finish()
}

// cutPubSub kills every connection that subscribes, again and again, until the
// returned function is called, which says how many there were.
func (s *scenario) cutPubSub() (stop func() (cuts int)) {
	ctx, cancel := context.WithCancel(s.t.Context())
	var cutting sync.WaitGroup
	cuts := 0
	cutting.Go(func() {
		every := time.NewTicker(5 * time.Millisecond)
		defer every.Stop()
		for ctx.Err() == nil {
			killed, err := s.keys.client.ClientKillByFilter(ctx, "TYPE", "pubsub").Result()
			if err == nil {
				cuts += int(killed)
			}
			select {
			case <-every.C:
			case <-ctx.Done():
			}
		}
	})
	once := sync.OnceValue(func() int {
		cancel()
		cutting.Wait()
		return cuts
	})
	s.t.Cleanup(func() { once() })
	return once
}
