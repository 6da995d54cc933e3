package redsync_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"runtime"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/redsync"
	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/ports"
)

const (
	patience = time.Minute
	long     = time.Hour
)

var alice = ports.Member{ID: "alice", Incarnation: "a"}

// three is a store on a quorum of three servers.
type three struct {
	*testing.T
	servers []*redistest.Server
	raw     []*redis.Client
	leases  *redsync.Leases
}

func startThree(t *testing.T) *three {
	q := &three{T: t}
	var clients []redis.UniversalClient
	for range 3 {
		server := redistest.Start(t)
		q.servers = append(q.servers, server)
		q.raw = append(q.raw, server.Client(t))
		clients = append(clients, server.Client(t))
	}
	leases, err := redsync.NewLeases("orders", clients...)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, leases.Close()) })
	q.leases = leases
	return q
}

func (q *three) ctx() context.Context {
	ctx, cancel := context.WithTimeout(q.Context(), patience)
	q.Cleanup(cancel)
	return ctx
}

func (q *three) try(name string) (ports.Lease, ports.AcquireResult) {
	q.Helper()
	request := ports.AcquireRequest{Ref: ports.StreamRef{Name: name, MessageID: "1-1"}, Open: true}
	_, _ = rand.Read(request.Grant[:])
	results, err := q.leases.Acquire(q.ctx(), alice, []ports.AcquireRequest{request}, long)
	require.NoError(q, err)
	return ports.Lease{Ref: request.Ref, Grant: request.Grant, Token: results[0].Token}, results[0]
}

func (q *three) acquire(name string) ports.Lease {
	q.Helper()
	lease, result := q.try(name)
	require.NoError(q, result.Err)
	return lease
}

func (q *three) renew(lease ports.Lease) error {
	q.Helper()
	results, err := q.leases.Renew(q.ctx(), []ports.GrantID{lease.Grant}, long)
	require.NoError(q, err)
	return results[0].Err
}

func (q *three) release(lease ports.Lease) error {
	q.Helper()
	results, err := q.leases.Release(q.ctx(), []ports.ReleaseRequest{{Lease: lease}})
	require.NoError(q, err)
	return results[0].Err
}

// worksWithTwo leases, renews, inspects, lists and releases.
func (q *three) worksWithTwo(before ports.Lease) {
	q.Helper()
	require.NoError(q, q.renew(before))
	_, result := q.try(before.Ref.Name)
	require.ErrorIs(q, result.Err, ports.ErrHeld)
	require.Equal(q, before, result.Holder.Lease)
	held, err := q.leases.Inspect(q.ctx(), []string{before.Ref.Name})
	require.NoError(q, err)
	require.True(q, held[0].Held)
	page, err := q.leases.Leases(q.ctx(), before.Grant, "", 10)
	require.NoError(q, err)
	require.Equal(q, []ports.Lease{before}, page.Leases)
	require.NoError(q, q.release(before))
	after := q.acquire(before.Ref.Name)
	require.Greater(q, after.Token, before.Token)
	require.NoError(q, q.release(after))
	warnings, err := q.leases.Check(q.ctx())
	require.NoError(q, err)
	require.Len(q, warnings, 1)
}

func TestWithOneServerOfThreeDownAllGoesOn(t *testing.T) {
	q := startThree(t)
	lease := q.acquire("a")
	q.servers[1].Kill9()
	q.worksWithTwo(lease)
}

func TestWithOneServerOfThreeFrozenAllGoesOnAndNobodyWaitsForIt(t *testing.T) {
	q := startThree(t)
	lease := q.acquire("a")
	q.servers[0].Freeze()
	defer q.servers[0].Thaw()
	q.worksWithTwo(lease)
}

// What is left of a lock on one server makes two answers too few.
func TestWhatIsLeftOfALockOnOneServerMakesTheOthersWorthWaitingFor(t *testing.T) {
	q := startThree(t)
	left := "{orders-input}:redsync:lock:a"
	require.NoError(t, q.raw[0].Set(q.ctx(), left, "somebody's", long).Err())
	q.servers[2].Freeze()
	thawed := make(chan struct{})
	go func() {
		defer close(thawed)
		for q.raw[1].Exists(q.ctx(), left).Val() == 0 {
			runtime.Gosched()
		}
		q.servers[2].Thaw()
	}()
	_, result := q.try("a")
	require.NoError(t, result.Err)
	<-thawed
}

// The servers that hold a lock, and those that have noted its token, may be two
// different majorities, which have one server in common; that one may be late.
func TestALockWhoseTokenOnlyALateServerHasNotedIsReleasedAllTheSame(t *testing.T) {
	q := startThree(t)
	lease := q.acquire("a")
	lock, noted := "{orders-input}:redsync:lock:a", "{orders-input}:redsync:grants"
	require.NoError(t, q.raw[0].Set(q.ctx(), lock, "somebody's", long).Err())
	for _, raw := range q.raw[:2] {
		require.NoError(t, raw.HDel(q.ctx(), noted, lease.Grant.String()).Err())
	}
	q.servers[2].Freeze()
	ended := make(chan struct{})
	thawed := make(chan struct{})
	go func() {
		defer close(thawed)
		defer q.servers[2].Thaw()
		for q.raw[1].Exists(q.Context(), lock).Val() == 1 {
			select {
			case <-ended:
				return
			default:
				runtime.Gosched()
			}
		}
	}()
	require.NoError(t, q.release(lease))
	close(ended)
	<-thawed
	require.Zero(t, q.raw[1].Exists(q.ctx(), lock).Val(), "the lease was said to be gone, and a majority had its lock")
}

func TestWithTwoServersOfThreeDownNothingIsKnown(t *testing.T) {
	q := startThree(t)
	lease := q.acquire("a")
	q.servers[0].Kill9()
	q.servers[2].Kill9()
	requireUnknown := func(err error) {
		t.Helper()
		require.Error(t, err)
		for _, definite := range []error{ports.ErrExpired, ports.ErrHeld, ports.ErrRefused} {
			require.NotErrorIs(t, err, definite)
		}
	}
	_, result := q.try("b")
	requireUnknown(result.Err)
	requireUnknown(q.renew(lease))
	requireUnknown(q.release(lease))
	_, err := q.leases.Leases(q.ctx(), lease.Grant, "", 10)
	requireUnknown(err)
	held, err := q.leases.Inspect(q.ctx(), []string{"a"})
	require.NoError(t, err)
	requireUnknown(held[0].Err)
	_, err = q.leases.Check(q.ctx())
	require.Error(t, err)
}

func TestTokensIncreaseWhateverServerIsFlushedOrDown(t *testing.T) {
	q := startThree(t)
	last := ports.Token(0)
	for round := range 9 {
		flushed := round % 3
		require.NoError(t, q.raw[flushed].FlushAll(q.ctx()).Err())
		lease := q.acquire("a")
		require.Greater(t, lease.Token, last, "round %d", round)
		last = lease.Token
		require.NoError(t, q.release(lease))
	}
}

// A counter ahead of every clock shows that the token is written back: each
// majority that draws has a server that knows the highest one.
func TestATokenIsWrittenBackToAMajority(t *testing.T) {
	q := startThree(t)
	ahead := ports.Token(time.Now().Add(1000 * time.Hour).UnixMicro())
	require.NoError(t, q.raw[0].Set(q.ctx(), "{orders-input}:token", int64(ahead), 0).Err())
	first := q.acquire("a")
	require.Greater(t, first.Token, ahead)
	for i, raw := range q.raw {
		counter, err := raw.Get(q.ctx(), "{orders-input}:token").Int64()
		require.NoError(t, err)
		require.GreaterOrEqual(t, counter, int64(first.Token), fmt.Sprint("server ", i))
	}
	require.NoError(t, q.release(first))
	q.servers[0].Kill9()
	require.Greater(t, q.acquire("a").Token, first.Token)
}
