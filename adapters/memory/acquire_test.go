package memory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestANameHasOneLiveLease(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "s")
		s.clock.Advance(3 * time.Second)
		for _, member := range []ports.Member{alice, bob} {
			held := s.acquire(member, ports.AcquireRequest{Ref: ref("s"), Grant: s.newGrant(), Open: true})
			require.ErrorIs(s.t, held.Err, ports.ErrHeld)
			require.Zero(s.t, held.Token)
			require.Equal(s.t, ports.Holder{Member: alice, Lease: lease, ExpiresIn: 7 * time.Second}, held.Holder)
		}
	})
}

func TestTheLeaseIsOnTheNameWhateverTheMessageID(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		s.acquired(alice, "s")
		other := ports.StreamRef{Name: "s", MessageID: "2-0"}
		held := s.acquire(bob, ports.AcquireRequest{Ref: other, Grant: s.newGrant(), Open: true})
		require.ErrorIs(s.t, held.Err, ports.ErrHeld)
		require.Equal(s.t, ref("s"), held.Holder.Lease.Ref)
	})
}

func TestAcquireOfAHeldNameUnderTheSameGrantIsHeld(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "s")
		again := s.acquire(alice, ports.AcquireRequest{Ref: ref("s"), Grant: lease.Grant})
		require.ErrorIs(s.t, again.Err, ports.ErrHeld)
		require.Equal(s.t, ports.Tally{Change: 1, Count: 1}, again.Tally)
	})
}

func TestAcquireOnAGrantThatIsNotThereIsExpiredAndMakesNothing(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		unknown := s.newGrant()
		result := s.acquire(alice, ports.AcquireRequest{Ref: ref("s"), Grant: unknown})
		require.ErrorIs(s.t, result.Err, ports.ErrExpired)
		require.False(s.t, s.inspect("s").Held)
		require.ErrorIs(s.t, s.renew(unknown).Err, ports.ErrExpired)

		s.acquired(bob, "held")
		result = s.acquire(alice, ports.AcquireRequest{Ref: ref("held"), Grant: unknown})
		require.ErrorIs(s.t, result.Err, ports.ErrExpired, "even when the name is held")
	})
}

func TestAcquireOnAnExpiredGrantIsExpired(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "left behind")
		s.clock.Advance(ttl)
		for _, open := range []bool{false, true} {
			result := s.acquire(alice, ports.AcquireRequest{Ref: ref("s"), Grant: lease.Grant, Open: open})
			require.ErrorIs(s.t, result.Err, ports.ErrExpired)
		}
		require.False(s.t, s.inspect("s").Held)
	})
}

func TestAnExpiredGrantStaysExpiredWhenTheClockGoesBack(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		lease := s.acquired(alice, "s")
		s.clock.Advance(ttl)
		require.False(s.t, s.inspect("s").Held)
		s.clock.Advance(-ttl)
		require.False(s.t, s.inspect("s").Held)
		require.ErrorIs(s.t, s.renew(lease.Grant).Err, ports.ErrExpired)
	})
}

func TestALeaseExpiresAtItsDeadlineAndNotBefore(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		s.acquired(alice, "s")
		s.clock.Advance(ttl - 1)
		require.True(s.t, s.inspect("s").Held)
		s.clock.Advance(1)
		require.False(s.t, s.inspect("s").Held)
		s.acquired(bob, "s")
	})
}

func TestAcquireExtendsTheGrantItJoins(t *testing.T) {
	s := newLeaseStory(t, ports.GrantPerMember)
	first := s.acquired(alice, "first")
	s.clock.Advance(6 * time.Second)
	s.joined(alice, "second", first.Grant)
	require.Equal(t, ttl, s.inspect("first").Holder.ExpiresIn)
	s.clock.Advance(6 * time.Second)
	require.True(t, s.inspect("first").Held)
}

func TestNoCallShortensAGrant(t *testing.T) {
	s := newLeaseStory(t, ports.GrantPerMember)
	first := s.acquired(alice, "first")
	results, err := s.store.Acquire(t.Context(), alice, []ports.AcquireRequest{{Ref: ref("second"), Grant: first.Grant}}, time.Second)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
	_, err = s.store.Renew(t.Context(), []ports.GrantID{first.Grant}, time.Second)
	require.NoError(t, err)
	require.Equal(t, ttl, s.inspect("first").Holder.ExpiresIn)
}

func TestOpenForASessionThatLivesJoinsIt(t *testing.T) {
	s := newLeaseStory(t, ports.GrantPerMember)
	first := s.acquired(alice, "first")
	second := s.acquire(alice, ports.AcquireRequest{Ref: ref("second"), Grant: first.Grant, Open: true})
	require.NoError(t, second.Err)
	require.Equal(t, ports.Tally{Change: 2, Count: 2}, second.Tally)
}

func TestARequestThatOpensASessionMakesItThoughTheNameIsHeld(t *testing.T) {
	s := newLeaseStory(t, ports.GrantPerMember)
	s.acquired(alice, "s")
	grant := s.newGrant()
	held := s.acquire(bob, ports.AcquireRequest{Ref: ref("s"), Grant: grant, Open: true})
	require.ErrorIs(t, held.Err, ports.ErrHeld)
	require.Equal(t, ports.Tally{}, held.Tally, "a set that was just made, and is empty, has 0")
	s.joined(bob, "other", grant)
}

func TestTokensOfANameGrow(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		last := ports.Token(0)
		higher := func(story string, lease ports.Lease) {
			s.t.Helper()
			require.Greater(s.t, lease.Token, last, story)
			last = lease.Token
		}
		first := s.acquired(alice, "s")
		higher("first", first)
		s.release(ports.ReleaseRequest{Lease: first})
		higher("after a release", s.acquired(bob, "s"))
		s.clock.Advance(ttl)
		higher("after expiry", s.acquired(alice, "s"))
		s.clock.Advance(time.Millisecond)
		s.memory.Flush()
		higher("after a flush", s.acquired(bob, "s"))
		s.clock.Advance(-time.Hour)
		s.clock.Advance(ttl)
		higher("after the clock went back", s.acquired(bob, "t"))
	})
}

func TestATokenExceedsTheFloorTheCounterAndTheClock(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		micros := ports.Token(s.clock.Now().UnixMicro())
		require.Equal(s.t, micros, s.acquired(alice, "by the clock").Token)
		require.Equal(s.t, micros+1, s.acquired(alice, "by the counter").Token)
		floor := micros + 1000
		result := s.acquire(alice, ports.AcquireRequest{Ref: ref("by the floor"), Grant: s.newGrant(), Open: true, Floor: floor})
		require.Equal(s.t, floor+1, result.Token)
		require.Equal(s.t, floor+2, s.acquired(alice, "by the counter again").Token)
	})
}

func TestAcquireTakesANameFromWhatAnExpiredGrantLeftBehind(t *testing.T) {
	s := newLeaseStory(t, ports.GrantPerMember)
	first := s.acquired(alice, "first")
	second := s.joined(alice, "second", first.Grant)
	s.clock.Advance(ttl)
	s.acquired(bob, "first")
	page := s.page(first.Grant)
	require.True(t, page.Expired)
	require.Equal(t, []ports.Lease{second}, page.Leases)
	require.Equal(t, ports.Tally{Change: 3, Count: 1}, page.Tally, "whoever made the change")
	s.acquired(bob, "second")
	_, err := s.store.Leases(t.Context(), first.Grant, "", 10)
	require.ErrorIs(t, err, ports.ErrExpired, "a grant with nothing left is forgotten")
}

func TestAcquireRefusesANameThatIsNone(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		result := s.acquire(alice, ports.AcquireRequest{Ref: ports.StreamRef{Name: ""}, Grant: s.newGrant(), Open: true})
		require.ErrorIs(s.t, result.Err, ports.ErrRefused)
		require.ErrorIs(s.t, result.Err, ports.ErrInvalid)
	})
}

func TestAcquireOfABatchAnswersEachItemInOrder(t *testing.T) {
	forEachShape(t, func(s *leaseStory) {
		s.acquired(bob, "held")
		live := s.acquired(alice, "live").Grant
		open := s.newGrant()
		results, err := s.store.Acquire(s.t.Context(), alice, []ports.AcquireRequest{
			{Ref: ref("held"), Grant: live},
			{Ref: ref("a"), Grant: s.newGrant()},
			{Ref: ref("b"), Grant: open, Open: true},
			{Ref: ref("b"), Grant: live},
		}, ttl)
		require.NoError(s.t, err)
		require.Len(s.t, results, 4)
		require.ErrorIs(s.t, results[0].Err, ports.ErrHeld)
		require.ErrorIs(s.t, results[1].Err, ports.ErrExpired)
		require.NoError(s.t, results[2].Err)
		require.ErrorIs(s.t, results[3].Err, ports.ErrHeld)
		require.Equal(s.t, open, results[3].Holder.Lease.Grant)
	})
}
