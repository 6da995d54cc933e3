package lockstest

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

// names are what a data stream may be called.
var names = []string{"order-7", "a:b", "nul\x00inside", "{tag}", "line\nbreak", "*?[x]", "ünï", " ", "-1"}

func (s Suite) testLease(t *testing.T) {
	f := s.start(t)
	for _, name := range names {
		lease := f.acquire(alice, name, long)
		require.Positive(f, lease.Token)

		held := f.inspect(name)
		require.NoError(f, held.Err)
		require.True(f, held.Held)
		require.Equal(f, alice, held.Holder.Member)
		require.Equal(f, lease, held.Holder.Lease)
		require.InDelta(f, long, held.Holder.ExpiresIn, float64(time.Minute))

		page, err := f.leases(lease.Grant)
		require.NoError(f, err)
		require.Equal(f, ports.LeasePage{Leases: []ports.Lease{lease}, Tally: ports.Tally{Change: 1, Count: 1}}, page)

		refused := f.try(bob, opening(name), long)
		require.ErrorIs(f, refused.Err, ports.ErrHeld)
		require.Equal(f, alice, refused.Holder.Member)
		require.Equal(f, lease, refused.Holder.Lease)

		released := f.release(lease)
		require.Equal(f, ports.ReleaseResult{Changed: true, Tally: ports.Tally{Change: 2}}, released)
		require.Equal(f, ports.ReleaseResult{}, f.release(lease), "gone already is a success")
		require.False(f, f.inspect(name).Held)
		_, err = f.leases(lease.Grant)
		require.ErrorIs(f, err, ports.ErrExpired)
	}
	f.requireNothingLeft()
}

// requireNothingLeft: only the counter and the layout stay. On a quorum a server
// that was late may keep a grant that was opened until its TTL is over.
func (f *fixture) requireNothingLeft() {
	f.Helper()
	if f.suite.Servers > 1 {
		return
	}
	for _, key := range f.suite.IndexKeys {
		require.Zero(f, f.raw[0].Exists(f.ctx(), key).Val(), "%s is left", key)
	}
}

func (s Suite) testOwnLease(t *testing.T) {
	f := s.start(t)
	lease := f.acquire(alice, "a", long)
	require.ErrorIs(f, f.try(alice, opening("a"), long).Err, ports.ErrHeld)
	for _, open := range []bool{true, false} {
		same := f.try(alice, ports.AcquireRequest{Ref: lease.Ref, Grant: lease.Grant, Open: open}, long)
		require.ErrorIs(f, same.Err, ports.ErrHeld, "the same value must not obtain its lock again")
		another := f.try(alice, ports.AcquireRequest{Ref: ref("b"), Grant: lease.Grant, Open: open}, long)
		require.ErrorIs(f, another.Err, ports.ErrRefused)
	}
	require.False(f, f.inspect("b").Held)
	require.NoError(f, f.renew(lease.Grant, long).Err)
}

func (s Suite) testUnopened(t *testing.T) {
	f := s.start(t)
	request := opening("a")
	request.Open = false
	require.ErrorIs(f, f.try(alice, request, long).Err, ports.ErrExpired)
	require.ErrorIs(f, f.renew(newGrant(), long).Err, ports.ErrExpired)
	_, err := f.leases(newGrant())
	require.ErrorIs(f, err, ports.ErrExpired)
	require.Equal(f, ports.ReleaseResult{}, f.release(ports.Lease{Ref: ref("a"), Grant: newGrant(), Token: 1}))
	require.False(f, f.inspect("a").Held)
	f.requireNothingLeft()
}

func (s Suite) testExpiry(t *testing.T) {
	f := s.start(t)
	began := time.Now()
	lease := f.acquire(alice, "a", short)
	f.awaitFree("a")
	require.GreaterOrEqual(f, time.Since(began), short, "expiry is never early")

	require.ErrorIs(f, f.renew(lease.Grant, long).Err, ports.ErrExpired)
	require.ErrorIs(f, f.try(alice, ports.AcquireRequest{Ref: lease.Ref, Grant: lease.Grant, Open: true}, long).Err, ports.ErrExpired, "a grant that is over is never opened again")
	page, err := f.leases(lease.Grant)
	require.NoError(f, err)
	require.True(f, page.Expired)
	require.Equal(f, []ports.Lease{lease}, page.Leases, "what it left behind")

	taken := f.acquire(bob, "a", long)
	require.Greater(f, taken.Token, lease.Token)
	_, err = f.leases(lease.Grant)
	require.ErrorIs(f, err, ports.ErrExpired, "it was taken since")
	require.Equal(f, ports.ReleaseResult{}, f.release(lease))
	require.NoError(f, f.renew(taken.Grant, long).Err)
	require.True(f, f.release(taken).Changed)
	f.requireNothingLeft()
}

func (s Suite) testExpiredRelease(t *testing.T) {
	f := s.start(t)
	lease := f.acquire(alice, "a", short)
	f.awaitFree("a")
	require.True(f, f.release(lease).Changed, "what it left behind is released")
	f.requireNothingLeft()
}

func (s Suite) testExactRelease(t *testing.T) {
	f := s.start(t)
	lease := f.acquire(alice, "a", long)
	for _, wrong := range []ports.Lease{
		{Ref: lease.Ref, Grant: lease.Grant, Token: lease.Token - 1},
		{Ref: lease.Ref, Grant: lease.Grant, Token: 0},
		{Ref: lease.Ref, Grant: newGrant(), Token: lease.Token},
		{Ref: ref("b"), Grant: lease.Grant, Token: lease.Token},
	} {
		result := f.release(wrong)
		require.NoError(f, result.Err)
		require.False(f, result.Changed)
	}
	require.NoError(f, f.release(ports.Lease{Grant: lease.Grant}).Err, "only the grant, and it is not empty")
	require.NoError(f, f.renew(lease.Grant, long).Err)
	require.True(f, f.inspect("a").Held)
}

func (s Suite) testRenewal(t *testing.T) {
	f := s.start(t)
	lease := f.acquire(alice, "a", long)
	f.everywhere(func(raw *redis.Client) {
		require.NoError(f, raw.PExpire(f.ctx(), s.LockKey("a"), long/60).Err())
	})
	require.Less(f, f.inspect("a").Holder.ExpiresIn, long/2)
	result := f.renew(lease.Grant, long)
	require.Equal(f, ports.RenewResult{Tally: ports.Tally{Change: 1, Count: 1}}, result)
	require.Greater(f, f.inspect("a").Holder.ExpiresIn, long/2)
	require.NoError(f, f.renew(lease.Grant, short).Err)
	require.Greater(f, f.inspect("a").Holder.ExpiresIn, long/2, "a renewal never shortens")
}

func (s Suite) testTokens(t *testing.T) {
	f := s.start(t)
	last := ports.Token(0)
	check := func(token ports.Token) {
		f.Helper()
		require.Greater(f, token, last)
		last = token
	}
	for range 5 {
		lease := f.acquire(alice, "a", long)
		check(lease.Token)
		require.True(f, f.release(lease).Changed)
	}
	floor := ports.Token(time.Now().Add(1000 * time.Hour).UnixMicro())
	request := opening("a")
	request.Floor = floor
	result := f.try(alice, request, long)
	require.NoError(f, result.Err)
	require.Greater(f, result.Token, floor)
	last = result.Token
	require.True(f, f.release(ports.Lease{Ref: request.Ref, Grant: request.Grant, Token: result.Token}).Changed)
	check(f.acquire(alice, "a", long).Token)

	f.everywhere(func(raw *redis.Client) { require.NoError(f, raw.FlushAll(f.ctx()).Err()) })
	request = opening("a")
	request.Floor = last
	result = f.try(alice, request, long)
	require.NoError(f, result.Err)
	check(result.Token)

	request = opening("z")
	request.Floor = 1<<63 - 1
	require.ErrorIs(f, f.try(alice, request, long).Err, ports.ErrRefused)
	require.False(f, f.inspect("z").Held, "refused means that nothing was done")
}

func (s Suite) testContention(t *testing.T) {
	f := s.start(t)
	const rounds, contenders = 20, 6
	last := ports.Token(0)
	for round := range rounds {
		leases := make([]*ports.Lease, contenders)
		var running sync.WaitGroup
		for i := range contenders {
			running.Go(func() {
				request := opening("a")
				results, err := f.store.Acquire(f.ctx(), alice, []ports.AcquireRequest{request}, long)
				if err == nil && results[0].Err == nil {
					leases[i] = &ports.Lease{Ref: request.Ref, Grant: request.Grant, Token: results[0].Token}
				}
			})
		}
		running.Wait()
		winners := 0
		for _, lease := range leases {
			if lease == nil {
				continue
			}
			winners++
			require.Greater(f, lease.Token, last)
			last = lease.Token
			require.True(f, f.release(*lease).Changed)
		}
		require.LessOrEqual(f, winners, 1, "round %d", round)
		if s.Servers == 1 {
			require.Equal(f, 1, winners, "round %d", round)
		}
	}
	f.requireNothingLeft()
}

func (s Suite) testBatches(t *testing.T) {
	f := s.start(t)
	const size = 1000
	held := f.acquire(bob, "stream-500", long)
	requests := make([]ports.AcquireRequest, size)
	for i := range requests {
		requests[i] = opening(fmt.Sprint("stream-", i))
	}
	requests[3].Ref.Name = ""
	requests[4].Open = false
	results, err := f.store.Acquire(f.ctx(), alice, requests, long)
	require.NoError(f, err)
	var grants []ports.GrantID
	var releases []ports.ReleaseRequest
	for i, result := range results {
		switch i {
		case 3:
			require.ErrorIs(f, result.Err, ports.ErrRefused)
		case 4:
			require.ErrorIs(f, result.Err, ports.ErrExpired)
		case 500:
			require.ErrorIs(f, result.Err, ports.ErrHeld)
			require.Equal(f, held, result.Holder.Lease)
		default:
			require.NoError(f, result.Err)
			releases = append(releases, ports.ReleaseRequest{Lease: ports.Lease{Ref: requests[i].Ref, Grant: requests[i].Grant, Token: result.Token}})
		}
		grants = append(grants, requests[i].Grant)
	}
	wire := &wire{}
	watched := f.open(wire.tap)
	_, err = watched.Renew(f.ctx(), grants, long) // connects
	require.NoError(f, err)
	before := wire.count()
	renewed, err := watched.Renew(f.ctx(), grants, long)
	require.NoError(f, err)
	for i, result := range renewed {
		if i == 3 || i == 4 || i == 500 {
			require.ErrorIs(f, result.Err, ports.ErrExpired)
			continue
		}
		require.NoError(f, result.Err)
	}
	require.Less(f, wire.count()-before, 40*s.Servers, "a buffer of go-redis is written a few times for each pipeline")
	released, err := f.store.Release(f.ctx(), releases)
	require.NoError(f, err)
	for _, result := range released {
		require.NoError(f, result.Err)
		require.True(f, result.Changed)
	}
	require.True(f, f.release(held).Changed)
	f.requireNothingLeft()

	empty, err := f.store.Acquire(f.ctx(), alice, nil, long)
	require.NoError(f, err)
	require.Empty(f, empty)
}
