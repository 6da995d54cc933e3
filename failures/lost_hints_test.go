package failures_test

import (
	"context"
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
	return s.again(5*time.Millisecond, func(ctx context.Context) int {
		killed, err := s.keys.client.ClientKillByFilter(ctx, "TYPE", "pubsub").Result()
		if err != nil {
			return 0
		}
		return int(killed)
	})
}
