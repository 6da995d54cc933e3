package leases_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestRenewExtendsEveryLeaseAndNeverShortens(t *testing.T) {
	f := start(t)
	grant, _ := f.open("a", time.Minute)
	require.NoError(t, f.acquire(grant, "b", time.Minute).Err)
	require.Equal(t, ports.Tally{Change: 2, Count: 2}, f.renew(grant, long).Tally)
	require.Equal(t, ports.Tally{Change: 2, Count: 2}, f.renew(grant, short).Tally)
	for _, name := range []string{"a", "b"} {
		require.Greater(t, f.inspect(name).Holder.ExpiresIn, 30*time.Minute)
	}
}

func TestRenewAnswersEachGrantInOrder(t *testing.T) {
	f := start(t)
	live, _ := f.open("a", long)
	dead, _ := f.open("b", short)
	f.awaitExpiry("b")
	results, err := f.store.Renew(f.ctx(), []ports.GrantID{newGrant(), live, dead, live}, long)
	require.NoError(t, err)
	require.ErrorIs(t, results[0].Err, ports.ErrExpired)
	require.Equal(t, ports.RenewResult{Tally: ports.Tally{Change: 1, Count: 1}}, results[1])
	require.ErrorIs(t, results[2].Err, ports.ErrExpired)
	require.Equal(t, results[1], results[3])

	none, err := f.store.Renew(f.ctx(), nil, long)
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestEveryChangeRaisesTheChangeNumberByOne(t *testing.T) {
	f := start(t)
	grant, a := f.open("a", long)
	b := f.acquire(grant, "b", long)
	require.Equal(t, ports.Tally{Change: 2, Count: 2}, b.Tally)
	released := f.release(ports.ReleaseRequest{Lease: lease("a", grant, a.Token)})
	require.Equal(t, ports.ReleaseResult{Changed: true, Tally: ports.Tally{Change: 3, Count: 1}}, released)
	again := f.release(ports.ReleaseRequest{Lease: lease("a", grant, a.Token)})
	require.Equal(t, ports.ReleaseResult{Tally: ports.Tally{Change: 3, Count: 1}}, again)
	require.Equal(t, ports.Tally{Change: 3, Count: 1}, f.page(grant).Tally)
	require.Equal(t, ports.Tally{Change: 3, Count: 1}, f.renew(grant, long).Tally)
}

func TestReleaseNeedsTheExactTokenAndGrant(t *testing.T) {
	f := start(t)
	grant, result := f.open("s", long)
	for _, wrong := range []ports.Lease{
		lease("s", grant, result.Token-1), lease("s", grant, result.Token+1),
		lease("s", newGrant(), result.Token), lease("t", grant, result.Token),
	} {
		require.False(t, f.release(ports.ReleaseRequest{Lease: wrong}).Changed)
		require.Equal(t, lease("s", grant, result.Token), f.inspect("s").Holder.Lease)
	}
	require.True(t, f.release(ports.ReleaseRequest{Lease: lease("s", grant, result.Token)}).Changed)
	_, next := f.open("s", long)
	require.Greater(t, next.Token, result.Token, "the name is free at once")
}

func TestReleaseOfALeaseThatAnotherTookLeavesItAlone(t *testing.T) {
	f := start(t)
	dead, old := f.open("s", short)
	f.awaitExpiry("s")
	grant, taken := f.open("s", long)
	require.False(t, f.release(ports.ReleaseRequest{Lease: lease("s", dead, old.Token)}).Changed)
	require.Equal(t, lease("s", grant, taken.Token), f.inspect("s").Holder.Lease)
}

func TestEndGrantEndsAGrantInWhichNothingIsLeft(t *testing.T) {
	f := start(t)
	grant, a := f.open("a", long)
	b := f.acquire(grant, "b", long)
	f.release(ports.ReleaseRequest{Lease: lease("a", grant, a.Token), EndGrant: true})
	require.NoError(t, f.renew(grant, long).Err, "b is left in it")
	f.release(ports.ReleaseRequest{Lease: lease("b", grant, b.Token)})
	require.NoError(t, f.renew(grant, long).Err, "an empty grant lives on")
	f.release(ports.ReleaseRequest{Lease: ports.Lease{Grant: grant}, EndGrant: true})
	require.ErrorIs(t, f.renew(grant, long).Err, ports.ErrExpired, "a request without a name ends it")
	require.Empty(t, f.keysLeft())
}

func TestReleaseMayBeAHugeBatch(t *testing.T) {
	f := start(t)
	grant, _ := f.open("first", long)
	names := numbered("s", 1000)
	var requests []ports.ReleaseRequest
	for i, result := range f.acquireAll(long, requestsFor(grant, names)...) {
		requests = append(requests, ports.ReleaseRequest{Lease: lease(names[i], grant, result.Token)})
	}
	results, err := f.store.Release(f.ctx(), requests)
	require.NoError(t, err)
	for i, result := range results {
		require.Equal(t, ports.ReleaseResult{Changed: true, Tally: ports.Tally{Change: int64(1002 + i), Count: int64(1000 - i)}}, result)
	}
}

func TestLeasesPagesThroughALiveGrant(t *testing.T) {
	f := start(t)
	grant, _ := f.open("s-first", long)
	f.acquireAll(long, requestsFor(grant, numbered("s", 250))...)

	seen := map[string]int{}
	cursor, pages := "", 0
	for {
		page, err := f.store.Leases(f.ctx(), grant, cursor, 100)
		require.NoError(t, err)
		require.False(t, page.Expired)
		require.LessOrEqual(t, len(page.Leases), 100)
		require.Equal(t, int64(251), page.Tally.Count)
		for _, lease := range page.Leases {
			seen[lease.Ref.Name]++
			require.Equal(t, grant, lease.Grant)
			require.Equal(t, "1-1", lease.Ref.MessageID)
		}
		pages++
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	require.Equal(t, 3, pages)
	require.Len(t, seen, 251)
	for name, times := range seen {
		require.Equal(t, 1, times, name)
	}
}

func TestALeaseThatStaysIsListedWhateverChangesWhileOnePages(t *testing.T) {
	f := start(t)
	grant, _ := f.open("first", long)
	names := numbered("s", 60)
	results := f.acquireAll(long, requestsFor(grant, names)...)
	seen := map[string]bool{}
	cursor, removed := "", 0
	for page := 0; ; page++ {
		found, err := f.store.Leases(f.ctx(), grant, cursor, 7)
		require.NoError(t, err)
		for _, lease := range found.Leases {
			seen[lease.Ref.Name] = true
		}
		if cursor = found.Next; cursor == "" {
			break
		}
		for range 2 { // the odd ones go, from the front
			if at := 2*removed + 1; at < len(names) {
				f.release(ports.ReleaseRequest{Lease: lease(names[at], grant, results[at].Token)})
				removed++
			}
		}
		if page < 5 {
			require.NoError(t, f.acquire(grant, fmt.Sprint("new-", page), long).Err)
		}
	}
	for at := 0; at < len(names); at += 2 {
		require.True(t, seen[names[at]], names[at])
	}
}

func TestAPageOfLongNamesIsCutShort(t *testing.T) {
	f := start(t)
	grant, _ := f.open("first", long)
	names := make([]string, 40)
	for i := range names {
		names[i] = fmt.Sprint(i, strings.Repeat("x", 60_000))
	}
	f.acquireAll(long, requestsFor(grant, names)...)
	var listed []string
	cursor := ""
	for {
		page, err := f.store.Leases(f.ctx(), grant, cursor, 1000)
		require.NoError(t, err)
		require.Less(t, len(page.Leases), 20)
		for _, lease := range page.Leases {
			listed = append(listed, lease.Ref.Name)
		}
		if cursor = page.Next; cursor == "" {
			break
		}
	}
	require.Equal(t, append([]string{"first"}, names...), listed)
}

func TestAnExpiredGrantListsWhatItLeftBehindUntilItIsDrained(t *testing.T) {
	f := start(t)
	grant, a := f.open("a", short)
	b := f.acquire(grant, "b", short)
	f.awaitExpiry("a")

	page := f.page(grant)
	require.True(t, page.Expired)
	require.Equal(t, []ports.Lease{lease("a", grant, a.Token), lease("b", grant, b.Token)}, page.Leases)

	f.open("a", long)
	require.Equal(t, []ports.Lease{lease("b", grant, b.Token)}, f.page(grant).Leases)
	require.True(t, f.release(ports.ReleaseRequest{Lease: lease("b", grant, b.Token)}).Changed)
	_, err := f.store.Leases(f.ctx(), grant, "", 10)
	require.ErrorIs(t, err, ports.ErrExpired, "a grant with nothing left is forgotten")
}

func TestACursorThatIsNoneIsRefused(t *testing.T) {
	f := start(t)
	grant, _ := f.open("a", long)
	for _, cursor := range []string{"x", "-1", "+inf", "1 2", "("} {
		_, err := f.store.Leases(f.ctx(), grant, cursor, 10)
		require.ErrorIs(t, err, ports.ErrRefused, cursor)
	}
}

func TestInspectSaysWhoHoldsWhatAndChangesNothing(t *testing.T) {
	f := start(t)
	grant, result := f.open("a", long)
	dead, _ := f.open("dead", short)
	f.awaitExpiry("dead")
	results, err := f.store.Inspect(f.ctx(), []string{"nobody", "a", "dead", ""})
	require.NoError(t, err)
	require.Equal(t, ports.InspectResult{}, results[0])
	require.True(t, results[1].Held)
	require.Equal(t, alice, results[1].Holder.Member)
	require.Equal(t, lease("a", grant, result.Token), results[1].Holder.Lease)
	require.InDelta(t, long, results[1].Holder.ExpiresIn, float64(patience))
	require.Equal(t, ports.InspectResult{}, results[2])
	require.Equal(t, ports.InspectResult{}, results[3])
	require.Len(t, f.page(dead).Leases, 1)
}

// A removed key must not let a member believe in leases that are gone, nor
// keep a name leased for ever.
func TestAMemberLearnsWhenAKeyUnderItsLiveGrantIsRemoved(t *testing.T) {
	for _, removed := range []string{"sessions", "session-states", "leases", "session set"} {
		t.Run(removed, func(t *testing.T) {
			f := start(t)
			grant, _ := f.open("s", 2*time.Second)
			key := map[string]string{
				"sessions": f.keys.Sessions(), "session-states": f.keys.SessionStates(),
				"leases": f.keys.Leases(), "session set": f.keys.SessionPrefix() + grant.String(),
			}[removed]
			deleted, err := f.raw.Del(f.ctx(), key).Result()
			require.NoError(t, err)
			require.EqualValues(t, 1, deleted)

			require.ErrorIs(t, f.renew(grant, long).Err, ports.ErrExpired)
			require.ErrorIs(t, f.acquire(grant, "t", long).Err, ports.ErrExpired)
			reopened := f.acquireAll(long, ports.AcquireRequest{Ref: ref("t"), Grant: grant, Open: true})[0]
			require.ErrorIs(t, reopened.Err, ports.ErrExpired, "what is left of a grant is no new grant")
			f.awaitExpiry("s")
			f.open("s", long)
		})
	}
}

func TestAFlushEndsEveryGrant(t *testing.T) {
	f := start(t)
	grant, _ := f.open("s", long)
	require.NoError(t, f.raw.FlushAll(f.ctx()).Err())
	require.ErrorIs(t, f.renew(grant, long).Err, ports.ErrExpired)
	other, _ := f.open("s", long)
	require.ErrorIs(t, f.acquire(grant, "t", long).Err, ports.ErrExpired)
	require.NoError(t, f.renew(other, long).Err)
}

func TestStoresInTwoDatabasesAndTwoServicesDoNotMeet(t *testing.T) {
	f := start(t)
	f.open("s", long)
	third, _ := open(t, f.server.Client(t, func(options *redis.Options) { options.DB = 3 }))
	results, err := third.Acquire(f.ctx(), alice, []ports.AcquireRequest{{Ref: ref("s"), Grant: newGrant(), Open: true}}, long)
	require.NoError(t, err)
	require.NoError(t, results[0].Err)
}

func TestTheStoreWorksOverAUnixSocketAndRESP2(t *testing.T) {
	f := start(t)
	f.store, _ = open(t, f.server.Client(t, func(options *redis.Options) {
		options.Network, options.Addr, options.Protocol = "unix", f.server.Socket(), 2
	}))
	grant, _ := f.open("s", long)
	require.NoError(t, f.renew(grant, long).Err)
	require.Len(t, f.page(grant).Leases, 1)
}
