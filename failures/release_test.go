package failures_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/testsize"
	"github.com/streamlease/streamlease/ports"
)

func TestFailure16AReleaseThatFailsSwallowsNoLaterDisowned(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: 2 * time.Second, SweepInterval: time.Second})
	victim := s.startMembers(1)[0]
	refs := s.announce(streamNames(testsize.Pick(40, 2_000))...)
	s.awaitOwned(refs)
	lost := s.books.ownedBy(victim)

	mend := s.spoil("leases")
	finished := refs[:len(refs)/2]
	victim.ask(actFinish, finished...)
	s.await("half of them are done", func() error {
		if done := s.books.doneCount(); done < len(finished) {
			return fmt.Errorf("%d are done", done)
		}
		return nil
	})
	for _, ref := range finished {
		delete(lost, ref)
	}
	victim.freeze()
	mend()
	// A release may have been on its way when the key was mended.
	require.Greater(t, len(s.leases()), len(lost), "every release got through; nothing was shown")
	s.startMembers(1)
	s.awaitOwned(refs[len(finished):])
	victim.thaw()
	s.await("the woken member has heard of every loss", func() error { return s.eachWasDisowned(lost, 0) })
	s.finish()
}

// spoil puts something else in the place of a key, so that each command on it
// is refused, until the returned function is called.
func (s *scenario) spoil(key string) (mend func()) {
	s.t.Helper()
	ctx, client, aside := s.t.Context(), s.keys.client, s.keys.key(key)+" aside"
	exchange := client.TxPipeline()
	exchange.Rename(ctx, s.keys.key(key), aside)
	exchange.Set(ctx, s.keys.key(key), "no hash", 0)
	_, err := exchange.Exec(ctx)
	require.NoError(s.t, err)
	return func() { require.NoError(s.t, client.Rename(ctx, aside, s.keys.key(key)).Err()) }
}

func TestFailure16DoneDoesNotStopAtItsFirstErrorAndLeavesNothingRunning(t *testing.T) {
	t.Parallel()
	s := newScenario(t, settings{TTL: time.Minute})
	member := s.startMembers(1)[0]
	refs := s.announce(streamNames(testsize.Pick(100, 5_000))...)
	s.awaitOwned(refs)

	stolen := s.books.owners()[refs[0]][0]
	s.steal(stolen)
	member.expected.Store(true)
	member.ask(actDone)
	member.awaitEnd() // which fails when a goroutine is left

	assert.Equal(t, errDisowned, s.books.closedWith(member), "what Done answered")
	entries, err := s.keys.client.XRange(t.Context(), s.keys.stream(), "-", "+").Result()
	require.NoError(t, err)
	require.Len(t, entries, 1, "assignments that Done has left")
	assert.Equal(t, stolen.ref.MessageID, entries[0].ID)
	left, err := s.keys.left(t.Context())
	require.NoError(t, err)
	assert.Zero(t, left["leases"], "leases that Done has left")
	assert.Zero(t, left["members"], "members that Done has left")
}

// steal takes a stream as a member would that had acquired it later, without
// the owner's hearing of it.
func (s *scenario) steal(owned tenure) {
	s.t.Helper()
	source, err := goredis.NewSource(s.keys.client, s.keys.service)
	require.NoError(s.t, err)
	defer source.Close()
	thief := ports.Member{ID: "thief", Incarnation: "thief"}
	taken, err := source.Take(s.t.Context(), thief, []ports.TakeRequest{
		{Ref: owned.ref, Token: owned.token + 1, StableAfter: time.Hour},
	})
	require.NoError(s.t, err)
	require.NoError(s.t, taken[0].Err)
}
