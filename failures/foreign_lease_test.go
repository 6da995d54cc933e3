package failures_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/testsize"
	"github.com/streamlease/streamlease/ports"
)

func TestFailure17ALeaseThatCannotBeTakenHoldsUpNothingBehindIt(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second, SweepInterval: time.Second})
	var names, held []string
	for _, name := range streamNames(testsize.Pick(100, 2_000)) {
		held = append(held, "held "+name)
		names = append(names, "held "+name, name)
	}
	release := s.holdForeignLeases(held)
	refs := s.announce(names...)
	s.startMembers(2)
	var free, waiting []streamlease.StreamRef
	for i := 0; i < len(refs); i += 2 {
		waiting, free = append(waiting, refs[i]), append(free, refs[i+1])
	}
	s.awaitOwned(free)
	s.awaitSweeps(2)
	for _, ref := range waiting {
		assert.Empty(t, s.books.history(ref.Name), "tenures of %v while somebody else had the lease", ref)
	}

	released := s.now()
	release()
	s.awaitOwned(refs)
	var waits times
	for _, ref := range waiting {
		began := s.books.history(ref.Name)[0]
		waits = append(waits, began.began-released)
		assert.Zero(t, began.failures+began.crashes, "the wait was counted against %v", ref)
	}
	t.Logf("owned after the leases were released: %v", waits)
	s.finish()
}

// holdForeignLeases takes the leases of the names, as a member would that is
// not in the fleet, until the returned function is called.
func (s *scenario) holdForeignLeases(names []string) (release func()) {
	s.t.Helper()
	ctx := s.t.Context()
	store, err := goredis.NewLeases(s.keys.client, s.keys.service, goredis.LeaseConfig{})
	require.NoError(s.t, err)
	s.t.Cleanup(func() { assert.NoError(s.t, store.Close()) })
	stranger := ports.Member{ID: "stranger", Incarnation: "stranger"}
	grant := ports.GrantID{1}
	var releases []ports.ReleaseRequest
	for i, name := range names {
		ref := streamlease.StreamRef{Name: name, MessageID: fmt.Sprintf("1-%d", i+1)}
		acquired, err := store.Acquire(ctx, stranger, []ports.AcquireRequest{{Ref: ref, Grant: grant, Open: i == 0}}, time.Hour)
		require.NoError(s.t, err)
		require.NoError(s.t, acquired[0].Err)
		lease := ports.Lease{Ref: ref, Grant: grant, Token: acquired[0].Token}
		releases = append(releases, ports.ReleaseRequest{Lease: lease, EndGrant: true})
	}
	return func() {
		released, err := store.Release(ctx, releases)
		require.NoError(s.t, err)
		for _, result := range released {
			require.NoError(s.t, result.Err)
		}
		s.publishNames(names)
	}
}

// publishNames tells the members that the names are free, as everybody does who
// releases.
func (s *scenario) publishNames(names []string) {
	s.t.Helper()
	notifier, err := goredis.NewNotifier(s.keys.client, s.keys.service, goredis.NotifierConfig{})
	require.NoError(s.t, err)
	defer notifier.Close()
	var hints []ports.Hint
	for _, name := range names {
		hints = append(hints, ports.Hint{Kind: ports.HintName, Ref: streamlease.StreamRef{Name: name}})
	}
	require.NoError(s.t, notifier.Publish(s.t.Context(), hints))
}
