package memory_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestTheShapeIsTheConfiguredOne(t *testing.T) {
	forEachShape(t, func(s *leaseStory) { require.Equal(s.t, s.shape, s.store.Shape()) })
}

func TestRenewExtendsTheGrant(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "s")
		for range 3 {
			s.clock.Advance(ttl - time.Second)
			renewed := s.renew(lease.Grant)
			require.NoError(s.t, renewed.Err)
			require.Equal(s.t, ports.Tally{Change: 1, Count: 1}, renewed.Tally)
			require.Equal(s.t, ttl, s.inspect("s").Holder.ExpiresIn)
		}
	})
}

func TestRenewOfAGrantThatIsOverIsExpired(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "s")
		live := s.acquired(bob, "live")
		s.clock.Advance(ttl / 2)
		require.NoError(s.t, s.renew(live.Grant).Err)
		s.clock.Advance(ttl / 2)
		results, err := s.store.Renew(s.t.Context(), []ports.GrantID{lease.Grant, live.Grant, s.newGrant()}, ttl)
		require.NoError(s.t, err)
		require.ErrorIs(s.t, results[0].Err, ports.ErrExpired)
		require.NoError(s.t, results[1].Err)
		require.ErrorIs(s.t, results[2].Err, ports.ErrExpired)
		require.False(s.t, s.inspect("s").Held, "no call brings it back")
		s.acquired(bob, "s")
		require.ErrorIs(s.t, s.renew(lease.Grant).Err, ports.ErrExpired)
	})
}

func TestReleaseFreesTheNameAtOnce(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "s")
		released := s.release(ports.ReleaseRequest{Lease: lease})
		require.True(s.t, released.Changed)
		require.Equal(s.t, ports.Tally{Change: 2, Count: 0}, released.Tally)
		require.False(s.t, s.inspect("s").Held)
		s.acquired(bob, "s")
	})
}

func TestReleaseNeedsTheExactTokenAndGrant(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "s")
		oldToken, otherGrant, otherName := lease, lease, lease
		oldToken.Token--
		otherGrant.Grant = s.newGrant()
		otherName.Ref.Name = "t"
		for _, wrong := range []ports.Lease{oldToken, otherGrant, otherName} {
			require.False(s.t, s.release(ports.ReleaseRequest{Lease: wrong, EndGrant: true}).Changed)
		}
		require.Equal(s.t, lease, s.inspect("s").Holder.Lease)
		require.Equal(s.t, ports.Tally{Change: 1, Count: 1}, s.renew(lease.Grant).Tally)
	})
}

func TestReleaseAgainIsASuccess(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "s")
		s.release(ports.ReleaseRequest{Lease: lease})
		s.acquired(bob, "s")
		require.False(s.t, s.release(ports.ReleaseRequest{Lease: lease}).Changed)
		require.Equal(s.t, bob, s.inspect("s").Holder.Member)
	})
}

func TestEndGrantEndsASessionInWhichNothingIsLeft(t *testing.T) {
	s := newLeaseStory(t, ports.GrantPerMember)
	first := s.acquired(alice, "first")
	second := s.joined(alice, "second", first.Grant)
	s.release(ports.ReleaseRequest{Lease: first, EndGrant: true})
	require.NoError(t, s.renew(first.Grant).Err, "something is left")
	s.release(ports.ReleaseRequest{Lease: second})
	require.NoError(t, s.renew(first.Grant).Err, "an empty session lives")
	s.release(ports.ReleaseRequest{Lease: ports.Lease{Grant: first.Grant}, EndGrant: true})
	require.ErrorIs(t, s.renew(first.Grant).Err, ports.ErrExpired, "a request without a name ends it")
}

func TestASingleGrantEndsWithItsLease(t *testing.T) {
	s := newLeaseStory(t, ports.GrantPerLease)
	lease := s.acquired(alice, "s")
	s.release(ports.ReleaseRequest{Lease: lease})
	require.ErrorIs(t, s.renew(lease.Grant).Err, ports.ErrExpired)
}

func TestASingleGrantOfAHeldNameIsNeverMade(t *testing.T) {
	s := newLeaseStory(t, ports.GrantPerLease)
	s.acquired(alice, "s")
	grant := s.newGrant()
	s.acquire(bob, ports.AcquireRequest{Ref: ref("s"), Grant: grant, Open: true})
	require.ErrorIs(t, s.renew(grant).Err, ports.ErrExpired)
}

func TestLeasesPagesThroughAGrant(t *testing.T) {
	s := newLeaseStory(t, ports.GrantPerMember)
	held := []ports.Lease{s.acquired(alice, "0")}
	for i := 1; i < 7; i++ {
		held = append(held, s.joined(alice, fmt.Sprint(i), held[0].Grant))
	}
	var listed []ports.Lease
	for cursor := ""; ; {
		page, err := s.store.Leases(t.Context(), held[0].Grant, cursor, 3)
		require.NoError(t, err)
		require.False(t, page.Expired)
		require.LessOrEqual(t, len(page.Leases), 3)
		listed = append(listed, page.Leases...)
		if cursor == "" {
			require.Equal(t, ports.Tally{Change: 7, Count: 7}, page.Tally)
			s.release(ports.ReleaseRequest{Lease: held[0]})
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	require.Equal(t, held, listed, "a lease that is there from the first page to the last is listed")
}

func TestLeasesOfAnUnknownGrantIsExpired(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		_, err := s.store.Leases(s.t.Context(), s.newGrant(), "", 10)
		require.ErrorIs(s.t, err, ports.ErrExpired)
	})
}

func TestLeasesListsWhatAnExpiredGrantLeftBehindUntilItIsReleased(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "s")
		s.clock.Advance(24 * time.Hour)
		page := s.page(lease.Grant)
		require.True(s.t, page.Expired)
		require.Equal(s.t, []ports.Lease{lease}, page.Leases)
		released := s.release(ports.ReleaseRequest{Lease: lease})
		require.True(s.t, released.Changed)
		_, err := s.store.Leases(s.t.Context(), lease.Grant, "", 10)
		require.ErrorIs(s.t, err, ports.ErrExpired)
	})
}

func TestAnExpiredSessionWithNothingInItIsForgotten(t *testing.T) {
	s := newLeaseStory(t, ports.GrantPerMember)
	lease := s.acquired(alice, "s")
	s.release(ports.ReleaseRequest{Lease: lease})
	s.clock.Advance(ttl)
	_, err := s.store.Leases(t.Context(), lease.Grant, "", 10)
	require.ErrorIs(t, err, ports.ErrExpired)
}

func TestLeasesRefusesACursorThatIsNone(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "s")
		_, err := s.store.Leases(s.t.Context(), lease.Grant, "junk", 10)
		require.ErrorIs(s.t, err, ports.ErrRefused)
	})
}

func TestInspectSaysWhoHoldsWhatAndChangesNothing(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "s: \x00\n*")
		s.clock.Advance(time.Second)
		results, err := s.store.Inspect(s.t.Context(), []string{"free", lease.Ref.Name})
		require.NoError(s.t, err)
		require.Equal(s.t, []ports.InspectResult{
			{},
			{Held: true, Holder: ports.Holder{Member: alice, Lease: lease, ExpiresIn: ttl - time.Second}},
		}, results)
	})
}

func TestAFlushedStoreKnowsNoGrant(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "s")
		s.memory.Flush()
		require.ErrorIs(s.t, s.renew(lease.Grant).Err, ports.ErrExpired)
		require.False(s.t, s.release(ports.ReleaseRequest{Lease: lease}).Changed)
		s.acquired(bob, "s")
	})
}
