package failures_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/testsize"
	"github.com/streamlease/streamlease/ports"
)

func TestFailure10HintsForStreamsOneOwnsOneselfClaimNothingAndHoldUpNothing(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second})
	s.startMembers(3)
	refs := s.announce(streamNames(testsize.Pick(300, 5_000))...)
	s.awaitOwned(refs)
	owners := s.books.owners()

	stop := s.floodWithHints(refs)
	// A member that is well has read all hints that came before the last one.
	s.awaitOwned(s.announce("behind the first hints"))
	s.awaitRenewals(3)
	s.expectSameOwners(owners)
	for _, ref := range refs {
		assert.Len(t, s.books.history(ref.Name), 1, "tenures of %v", ref)
	}
	// All the hints that come while it sleeps wait for it when it wakes, before
	// it can hear of anything else.
	s.freezeTheLargestOwner(s.announced)
	t.Logf("%d wrong hints", stop())
	s.finish()
}

// floodWithHints says of each stream, again and again, that it is free, until
// the returned function is called, which answers how many hints there were.
func (s *scenario) floodWithHints(refs []streamlease.StreamRef) (stop func() (hints int)) {
	s.t.Helper()
	notifier, err := goredis.NewNotifier(s.keys.client, s.keys.service, goredis.NotifierConfig{})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { assert.NoError(s.t, notifier.Close()) })
	var flood []ports.Hint
	for _, ref := range refs {
		flood = append(flood, ports.Hint{Kind: ports.HintRef, Ref: ref}, ports.Hint{Kind: ports.HintName, Ref: ref})
	}
	return s.again(100*time.Millisecond, func(ctx context.Context) int {
		if notifier.Publish(ctx, flood) != nil {
			return 0
		}
		return len(flood)
	})
}

// again does something so often until the returned function is called, and adds
// up what it answers.
func (s *scenario) again(every time.Duration, do func(context.Context) int) (stop func() (sum int)) {
	ctx, cancel := context.WithCancel(s.t.Context())
	var doing sync.WaitGroup
	sum := 0
	doing.Go(func() {
		next := time.NewTicker(every)
		defer next.Stop()
		for ctx.Err() == nil {
			sum += do(ctx)
			select {
			case <-next.C:
			case <-ctx.Done():
			}
		}
	})
	once := sync.OnceValue(func() int {
		cancel()
		doing.Wait()
		return sum
	})
	s.t.Cleanup(func() { once() })
	return once
}
