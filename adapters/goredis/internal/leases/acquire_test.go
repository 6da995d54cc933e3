package leases_test

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/goredis/internal/leases"
	"github.com/streamlease/streamlease/ports"
)

func TestOneGrantCoversAllLeasesOfAMember(t *testing.T) {
	f := start(t)
	require.Equal(t, ports.GrantPerMember, f.store.Shape())
}

func TestANameThatALiveLeaseHoldsIsHeldAlsoByTheCallersOwn(t *testing.T) {
	f := start(t)
	grant, first := f.open("s", long)

	again := f.acquire(grant, "s", long)
	require.ErrorIs(t, again.Err, ports.ErrHeld)
	require.Equal(t, ports.Tally{Change: 1, Count: 1}, again.Tally)

	other := newGrant()
	held := f.acquireAll(long, ports.AcquireRequest{Ref: ref("s"), Grant: other, Open: true})[0]
	require.ErrorIs(t, held.Err, ports.ErrHeld)
	require.Equal(t, ports.Tally{}, held.Tally, "the grant was opened, and is empty")
	require.Equal(t, alice, held.Holder.Member)
	require.Equal(t, lease("s", grant, first.Token), held.Holder.Lease)
	require.InDelta(t, long, held.Holder.ExpiresIn, float64(patience))
	require.Equal(t, ports.Tally{}, f.renew(other, long).Tally)
}

func TestTwoRequestsOfOneCallForOneNameGetOneLease(t *testing.T) {
	f := start(t)
	grant, _ := f.open("first", long)
	results := f.acquireAll(long, requestsFor(grant, []string{"s", "s"})...)
	require.NoError(t, results[0].Err)
	require.ErrorIs(t, results[1].Err, ports.ErrHeld)
	require.Equal(t, results[0].Token, results[1].Holder.Lease.Token)
}

func TestManyMembersNeverHoldOneNameTogether(t *testing.T) {
	f := start(t)
	const members, names, rounds = 8, 5, 20
	var holders [names]atomic.Int32
	var tokens [names]atomic.Int64
	var work sync.WaitGroup
	for member := range members {
		work.Go(func() {
			grant, _ := f.open(fmt.Sprintf("own-%d", member), long)
			for range rounds {
				results := f.acquireAll(long, requestsFor(grant, numbered("s", names))...)
				for i, result := range results {
					if result.Err != nil {
						continue
					}
					if n := holders[i].Add(1); n != 1 {
						t.Errorf("stream %d has %d holders", i, n)
					}
					if before := tokens[i].Swap(int64(result.Token)); before >= int64(result.Token) {
						t.Errorf("stream %d: token %d after %d", i, result.Token, before)
					}
					holders[i].Add(-1)
					f.release(ports.ReleaseRequest{Lease: lease(fmt.Sprintf("s-%d", i), grant, result.Token)})
				}
			}
		})
	}
	work.Wait()
	for i := range tokens {
		require.NotZero(t, tokens[i].Load(), "nobody ever held stream %d", i)
	}
}

func TestAcquireExtendsItsGrantAndNeverShortensIt(t *testing.T) {
	f := start(t)
	grant, _ := f.open("a", time.Minute)
	require.NoError(t, f.acquire(grant, "b", long).Err)
	require.Greater(t, f.inspect("a").Holder.ExpiresIn, 30*time.Minute)
	require.NoError(t, f.acquire(grant, "c", short).Err)
	require.Greater(t, f.inspect("c").Holder.ExpiresIn, 30*time.Minute)
}

func TestAnAcquireThatMeetsAHolderExtendsItsGrantToo(t *testing.T) {
	f := start(t)
	f.open("s", long)
	grant, _ := f.open("a", time.Minute)
	require.ErrorIs(t, f.acquire(grant, "s", long).Err, ports.ErrHeld)
	require.Greater(t, f.inspect("a").Holder.ExpiresIn, 30*time.Minute)
}

func TestWithoutOpenAnUnknownGrantIsExpiredAndNothingIsMade(t *testing.T) {
	f := start(t)
	result := f.acquire(newGrant(), "s", long)
	require.ErrorIs(t, result.Err, ports.ErrExpired)
	require.False(t, f.inspect("s").Held)
	require.Empty(t, f.keysLeft())
}

func TestAnExpiredGrantIsNeverBroughtBack(t *testing.T) {
	f := start(t)
	grant, _ := f.open("s", short)
	f.awaitExpiry("s")

	require.ErrorIs(t, f.acquire(grant, "other", long).Err, ports.ErrExpired)
	reopened := f.acquireAll(long, ports.AcquireRequest{Ref: ref("other"), Grant: grant, Open: true})[0]
	require.ErrorIs(t, reopened.Err, ports.ErrExpired)
	require.ErrorIs(t, f.renew(grant, long).Err, ports.ErrExpired)
	require.False(t, f.inspect("s").Held)
	require.False(t, f.inspect("other").Held)
}

func TestACollectedGrantIsNotBroughtBackByACallThatExecutesLate(t *testing.T) {
	f := start(t)
	grant, _ := f.open("s", short)
	f.awaitExpiry("s")
	_, taken := f.open("s", long)
	require.NoError(t, taken.Err)

	require.ErrorIs(t, f.renew(grant, long).Err, ports.ErrExpired)
	require.ErrorIs(t, f.acquire(grant, "late", long).Err, ports.ErrExpired)
	_, err := f.store.Leases(f.ctx(), grant, "", 10)
	require.ErrorIs(t, err, ports.ErrExpired)
}

func TestOpenForAGrantThatLivesJoinsIt(t *testing.T) {
	f := start(t)
	grant, _ := f.open("a", long)
	joined := f.acquireAll(long, ports.AcquireRequest{Ref: ref("b"), Grant: grant, Open: true})[0]
	require.NoError(t, joined.Err)
	require.Equal(t, ports.Tally{Change: 2, Count: 2}, joined.Tally)
}

func TestLeasesExpireByTheServersClockAndNotBefore(t *testing.T) {
	f := start(t)
	before := f.serverTime()
	f.open("s", short)
	f.awaitExpiry("s")
	require.GreaterOrEqual(t, f.serverTime().Sub(before), short)
}

func (f *fixture) serverTime() time.Time {
	f.t.Helper()
	now, err := f.raw.Time(f.ctx()).Result()
	require.NoError(f.t, err)
	return now
}

func TestTakingANameRaisesTheChangeNumberOfTheGrantThatLostIt(t *testing.T) {
	f := start(t)
	dead, _ := f.open("a", short)
	require.NoError(t, f.acquire(dead, "b", short).Err)
	f.awaitExpiry("a")

	_, taken := f.open("a", long)
	require.NoError(t, taken.Err)
	page := f.page(dead)
	require.True(t, page.Expired)
	require.Equal(t, ports.Tally{Change: 3, Count: 1}, page.Tally)
	require.Len(t, page.Leases, 1)
	require.Equal(t, ref("b"), page.Leases[0].Ref)
}

func TestTokensGrowWithEveryAcquisitionAndExceedClockAndFloor(t *testing.T) {
	f := start(t)
	now := f.serverTime().UnixMicro()
	grant, first := f.open("s", long)
	require.GreaterOrEqual(t, int64(first.Token), now)

	floor := first.Token + 1_000_000_000_000
	high := f.acquireAll(long, ports.AcquireRequest{Ref: ref("high"), Grant: grant, Floor: floor})[0]
	require.NoError(t, high.Err)
	require.Equal(t, floor+1, high.Token)

	f.release(ports.ReleaseRequest{Lease: lease("s", grant, first.Token)})
	again := f.acquire(grant, "s", long)
	require.Equal(t, high.Token+1, again.Token, "one counter serves all names")
}

func TestTokensGrowAlsoAfterAFlushARestartAndALossOfTheCounter(t *testing.T) {
	f := start(t)
	_, first := f.open("s", long)

	require.NoError(t, f.raw.FlushAll(f.ctx()).Err())
	_, second := f.open("s", long)
	require.Greater(t, second.Token, first.Token)

	f.server.RestartEmpty()
	_, third := f.open("s", long)
	require.Greater(t, third.Token, second.Token)

	require.NoError(t, f.raw.Del(f.ctx(), f.keys.TokenCounter()).Err())
	_, fourth := f.open("t", long)
	require.Greater(t, fourth.Token, third.Token)
}

func TestAFloorAboveEveryTokenIsRefused(t *testing.T) {
	f := start(t)
	grant, _ := f.open("s", long)
	for _, floor := range []ports.Token{1<<53 - 1, 1 << 53, math.MaxInt64} {
		results := f.acquireAll(long, ports.AcquireRequest{Ref: ref("t"), Grant: grant, Floor: floor},
			ports.AcquireRequest{Ref: ref(fmt.Sprint("u", floor)), Grant: grant})
		require.ErrorIs(t, results[0].Err, ports.ErrRefused)
		require.NoError(t, results[1].Err)
		require.Less(t, int64(results[1].Token), int64(1)<<52)
	}
}

func TestTheLargestTokenIsWrittenExactly(t *testing.T) {
	f := start(t)
	grant, _ := f.open("s", long)
	const largest = 1<<53 - 1
	result := f.acquireAll(long, ports.AcquireRequest{Ref: ref("t"), Grant: grant, Floor: largest - 1})[0]
	require.NoError(t, result.Err)
	require.EqualValues(t, largest, result.Token)
	require.Equal(t, lease("t", grant, largest), f.inspect("t").Holder.Lease)
	require.Equal(t, lease("t", grant, largest), f.page(grant).Leases[1])
	require.True(t, f.release(ports.ReleaseRequest{Lease: lease("t", grant, largest)}).Changed)
}

func TestNamesAreAnyValidUTF8(t *testing.T) {
	f := start(t)
	names := []string{
		"a:b", "a b", "\x00", "a\nb", "*", "?[x]", "{y}", "}", "'\"\\", "%s%d", "ключ",
		"0", "-1", "1e3", "nil", strings.Repeat("n", ports.MaxNameBytes),
	}
	grant, _ := f.open("first", long)
	results := f.acquireAll(long, requestsFor(grant, names)...)
	page := f.page(grant)
	for i, name := range names {
		require.NoError(t, results[i].Err, "%.20q", name)
		require.Equal(t, lease(name, grant, results[i].Token), f.inspect(name).Holder.Lease)
		require.Equal(t, lease(name, grant, results[i].Token), page.Leases[i+1])
		require.True(t, f.release(ports.ReleaseRequest{Lease: page.Leases[i+1]}).Changed)
	}
}

func TestANameThatBreaksTheRulesIsRefusedAloneInItsBatch(t *testing.T) {
	f := start(t)
	grant, _ := f.open("s", long)
	results := f.acquireAll(long, requestsFor(grant, []string{"", "a\xff", strings.Repeat("n", ports.MaxNameBytes+1), "good"})...)
	for _, result := range results[:3] {
		require.ErrorIs(t, result.Err, ports.ErrRefused)
		require.ErrorIs(t, result.Err, ports.ErrInvalid)
	}
	require.NoError(t, results[3].Err)
}

func TestATTLThatIsNotPositiveIsRefused(t *testing.T) {
	f := start(t)
	grant, _ := f.open("s", long)
	for _, ttl := range []time.Duration{0, -time.Second} {
		_, err := f.store.Acquire(f.ctx(), alice, requestsFor(grant, []string{"t"}), ttl)
		require.ErrorIs(t, err, ports.ErrRefused)
		_, err = f.store.Renew(f.ctx(), []ports.GrantID{grant}, ttl)
		require.ErrorIs(t, err, ports.ErrRefused)
	}
}

func TestBatchesMayBeEmptyMixedAndHuge(t *testing.T) {
	f := start(t)
	require.Empty(t, f.acquireAll(long))

	grant, _ := f.open("s-7", long)
	names := numbered("s", 5000)
	results := f.acquireAll(long, requestsFor(grant, names)...)
	var last ports.Token
	for i, result := range results {
		if i == 7 {
			require.ErrorIs(t, result.Err, ports.ErrHeld)
			continue
		}
		require.NoError(t, result.Err)
		require.Greater(t, result.Token, last)
		last = result.Token
	}
	require.Equal(t, ports.Tally{Change: 5000, Count: 5000}, f.renew(grant, long).Tally)
}

func TestOutOfMemoryRefusesAcquireAndLetsRenewAndReleaseWork(t *testing.T) {
	f := start(t, "maxmemory-policy noeviction")
	grant, first := f.open("s", long)
	require.NoError(t, f.raw.ConfigSet(f.ctx(), "maxmemory", "1").Err())

	_, err := f.store.Acquire(f.ctx(), alice, requestsFor(grant, []string{"t"}), long)
	var refused *ports.RefusedError
	require.ErrorAs(t, err, &refused)
	require.Equal(t, f.server.Addr(), refused.Server)
	require.Contains(t, refused.Error(), "acquire.lua")
	require.False(t, refused.Lasting)

	require.NoError(t, f.renew(grant, long).Err)
	require.Equal(t, ref("s"), f.page(grant).Leases[0].Ref)
	require.True(t, f.inspect("s").Held)
	require.True(t, f.release(ports.ReleaseRequest{Lease: lease("s", grant, first.Token), EndGrant: true}).Changed)
	require.ErrorIs(t, f.renew(grant, long).Err, ports.ErrExpired)
}

func TestAForgottenScriptIsSentAgain(t *testing.T) {
	f := start(t)
	grant, _ := f.open("s", long)
	require.NoError(t, f.raw.ScriptFlush(f.ctx()).Err())
	for _, result := range f.acquireAll(long, requestsFor(grant, numbered("t", 450))...) {
		require.NoError(t, result.Err)
	}
	require.NoError(t, f.raw.ScriptFlush(f.ctx()).Err())
	require.Equal(t, ports.Tally{Change: 451, Count: 451}, f.renew(grant, long).Tally)
}

func TestACallEndsByItsDeadlineWithAnUnknownOutcome(t *testing.T) {
	f := start(t)
	grant, _ := f.open("s", long)
	f.server.Freeze()
	defer f.server.Thaw()
	ctx, cancel := context.WithTimeout(f.t.Context(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	results, err := f.store.Renew(ctx, []ports.GrantID{grant}, long)
	t.Logf("a call with 50 ms returned after %v", time.Since(began))
	require.Less(t, time.Since(began), 5*time.Second)
	require.NoError(t, err)
	require.Error(t, results[0].Err)
	require.NotErrorIs(t, results[0].Err, ports.ErrRefused)
	require.NotErrorIs(t, results[0].Err, ports.ErrExpired)
}

func TestACallWithAnEndedContextChangesNothing(t *testing.T) {
	f := start(t)
	grant, _ := f.open("s", long)
	ctx, cancel := context.WithCancel(f.t.Context())
	cancel()
	results, err := f.store.Acquire(ctx, alice, requestsFor(grant, []string{"t"}), long)
	require.NoError(t, err)
	require.ErrorIs(t, results[0].Err, context.Canceled)
	require.NotErrorIs(t, results[0].Err, ports.ErrRefused)
	require.False(t, f.inspect("t").Held)
}

var _ ports.LeaseStore = (*leases.Store)(nil)
var _ ports.Checker = (*leases.Store)(nil)
