package lockstest

import (
	"context"
	"fmt"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

// tapped makes a view of the store whose connections to a majority of the
// servers have mishaps, and one wire for each of these. The servers know the
// scripts, so each step is one request.
func (f *fixture) tapped() (store Store, wires []*wire) {
	f.Helper()
	lease := f.acquire(alice, "warm up", long)
	require.NoError(f, f.renew(lease.Grant, long).Err)
	require.NoError(f, f.release(lease).Err)
	clients := make([]redis.UniversalClient, len(f.servers))
	for i, server := range f.servers {
		if i <= len(f.servers)/2 {
			wires = append(wires, &wire{})
			clients[i] = server.Client(f.T, wires[i].tap)
			continue
		}
		clients[i] = server.Client(f.T)
	}
	store, err := f.suite.Open(clients...)
	require.NoError(f, err)
	f.Cleanup(func() { require.NoError(f, store.Close()) })
	// Connections are opened one by one, so that none is opened in between.
	_, err = store.Inspect(f.ctx(), []string{"warm up"})
	require.NoError(f, err)
	return store, wires
}

// eachStep lets a mishap happen to the first request of a call, then to the
// second, and so on, until the call is over before it would happen.
func eachStep(t *testing.T, wires []*wire, call func(step int, trouble trouble) (happened bool)) {
	for _, trouble := range []trouble{cutBefore, replyLost} {
		for step := 1; ; step++ {
			require.Less(t, step, 20, "a call has few steps")
			for _, wire := range wires {
				wire.arm(step, trouble)
			}
			if !call(step, trouble) {
				break
			}
		}
	}
}

func happened(wires []*wire) bool {
	any := false
	for _, wire := range wires {
		any = wire.disarm() || any
	}
	return any
}

func (s Suite) testAcquireMishaps(t *testing.T) {
	f := s.start(t)
	store, wires := f.tapped()
	last := ports.Token(0)
	eachStep(t, wires, func(step int, trouble trouble) bool {
		about := fmt.Sprintf("mishap %d at request %d", trouble, step)
		name := fmt.Sprintf("%d-%d", trouble, step)
		request := opening(name)
		results, err := store.Acquire(f.ctx(), alice, []ports.AcquireRequest{request}, long)
		mishapHappened := happened(wires)
		require.NoError(t, err, about)
		if !mishapHappened {
			require.NoError(t, results[0].Err, about)
			return false
		}
		if s.Servers == 1 {
			require.Error(t, results[0].Err, about)
		}
		if results[0].Err == nil {
			last = max(last, results[0].Token)
		}
		f.giveUp(request, about)
		lease := f.acquire(bob, name, long)
		require.Greater(t, lease.Token, last, about)
		last = lease.Token
		return true
	})
}

// giveUp does what the core does with a grant whose opening has an unknown
// outcome.
func (f *fixture) giveUp(request ports.AcquireRequest, about string) {
	f.Helper()
	page, err := f.leases(request.Grant)
	if err != nil {
		require.ErrorIs(f, err, ports.ErrExpired, about)
	}
	for _, lease := range page.Leases {
		require.Equal(f, request.Ref, lease.Ref, about)
		require.Equal(f, request.Grant, lease.Grant, about)
		require.Equal(f, alice, f.inspectOrNobody(request.Ref.Name, alice), about)
		require.NoError(f, f.release(lease).Err, about)
	}
	result := f.inspect(request.Ref.Name)
	require.NoError(f, result.Err, about)
	require.False(f, result.Held, "%s: %v is still held by %v", about, request.Ref, result.Holder)
}

// inspectOrNobody: a lock without a majority has no holder.
func (f *fixture) inspectOrNobody(name string, nobody ports.Member) ports.Member {
	f.Helper()
	if result := f.inspect(name); result.Held {
		return result.Holder.Member
	}
	return nobody
}

func (s Suite) testReleaseMishaps(t *testing.T) {
	f := s.start(t)
	store, wires := f.tapped()
	eachStep(t, wires, func(step int, trouble trouble) bool {
		about := fmt.Sprintf("mishap %d at request %d", trouble, step)
		lease := f.acquire(alice, about, long)
		results, err := store.Release(f.ctx(), []ports.ReleaseRequest{{Lease: lease}})
		mishapHappened := happened(wires)
		require.NoError(t, err, about)
		if !mishapHappened {
			require.NoError(t, results[0].Err, about)
			return false
		}
		if s.Servers == 1 {
			require.Error(t, results[0].Err, about)
			require.NotErrorIs(t, results[0].Err, ports.ErrRefused, about)
		}
		require.NoError(t, f.release(lease).Err, about)
		require.False(t, f.inspect(about).Held, about)
		_, err = f.leases(lease.Grant)
		require.ErrorIs(t, err, ports.ErrExpired, about)
		return true
	})
}

// testHalfRelease: of the servers that had the lock all but one are late when
// it is removed, and so many never had it that their word alone decides nothing.
func (s Suite) testHalfRelease(t *testing.T) {
	f := s.start(t)
	lease := f.acquire(alice, "a", long)
	if s.Servers == 1 {
		require.True(t, f.release(lease).Changed)
		return
	}
	store, wires := f.tapped()
	for _, raw := range f.raw[len(wires):] {
		require.NoError(t, raw.Del(f.ctx(), f.suite.LockKey("a")).Err())
	}
	answered := make(chan ports.ReleaseResult, 1)
	goOn := f.stopAt(2, wires[:1], func() { // 1: what the index knows, 2: the lock
		results, _ := store.Release(f.ctx(), []ports.ReleaseRequest{{Lease: lease}})
		answered <- results[0]
	})
	result := <-answered
	require.Error(t, result.Err, "it was this call that ended the lease")
	require.NotErrorIs(t, result.Err, ports.ErrRefused)
	goOn()
	require.NoError(t, f.release(lease).Err, "it can be repeated")
	require.False(t, f.inspect("a").Held)
}

func (s Suite) testRenewMishaps(t *testing.T) {
	f := s.start(t)
	store, wires := f.tapped()
	lease := f.acquire(alice, "a", long)
	eachStep(t, wires, func(step int, trouble trouble) bool {
		about := fmt.Sprintf("mishap %d at request %d", trouble, step)
		results, err := store.Renew(f.ctx(), []ports.GrantID{lease.Grant}, long)
		mishapHappened := happened(wires)
		require.NoError(t, err, about)
		if !mishapHappened {
			require.NoError(t, results[0].Err, about)
			return false
		}
		if s.Servers == 1 {
			require.Error(t, results[0].Err, about)
		}
		require.NotErrorIs(t, results[0].Err, ports.ErrExpired, about)
		require.NotErrorIs(t, results[0].Err, ports.ErrRefused, about)
		require.NoError(t, f.renew(lease.Grant, long).Err, about)
		return true
	})
}

// testOpeningHolds stops an Acquire when it has the lock and no token yet.
func (s Suite) testOpeningHolds(t *testing.T) {
	f := s.start(t)
	store, wires := f.tapped()
	request := opening("a")
	answered := make(chan ports.AcquireResult, 1)
	goOn := f.stopAt(3, wires, func() {
		results, _ := store.Acquire(f.ctx(), alice, []ports.AcquireRequest{request}, long)
		answered <- results[0]
	})
	require.ErrorIs(t, f.try(bob, opening("a"), long).Err, ports.ErrHeld)
	held := f.inspect("a")
	require.NoError(t, held.Err)
	require.True(t, held.Held, "Acquire answers ErrHeld, and Inspect that the name is free")
	require.Equal(t, ports.Holder{Member: alice}, held.Holder)
	goOn()
	result := <-answered
	require.NoError(t, result.Err)
	require.Equal(t, result.Token, f.inspect("a").Holder.Lease.Token)
}

// stopAt begins a call and returns when its nth request has been stopped on each
// wire; goOn lets the call go on and returns when it has ended.
func (f *fixture) stopAt(step int, wires []*wire, call func()) (goOn func()) {
	f.Helper()
	reached := make(chan struct{}, len(wires))
	for _, wire := range wires {
		wire.reached = func() { reached <- struct{}{} }
		wire.arm(step, stopped)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		call()
	}()
	for range wires {
		select {
		case <-reached:
		case <-ended:
			require.Fail(f, "the call ended before its request was stopped")
		}
	}
	return func() {
		for _, wire := range wires {
			close(wire.goOn)
		}
		<-ended
		happened(wires)
	}
}

// testSlowAcquire stops the requests of an Acquire until its lock has expired
// and somebody else has leased the name.
func (s Suite) testSlowAcquire(t *testing.T) {
	f := s.start(t)
	for step := 3; step <= 3+min(s.Servers-1, 1)+1; step++ { // draw, on a quorum write back, verify
		// A wire of its own, which no request of an earlier step is late on.
		store, wires := f.tapped()
		name := fmt.Sprint("slow at ", step)
		request := opening(name)
		answered := make(chan ports.AcquireResult, 1)
		goOn := f.stopAt(step, wires, func() {
			results, _ := store.Acquire(f.ctx(), alice, []ports.AcquireRequest{request}, short)
			answered <- results[0]
		})
		f.awaitFree(name)
		lease := f.acquire(bob, name, long)
		goOn()
		result := <-answered
		require.ErrorIs(t, result.Err, ports.ErrExpired, name)
		require.NoError(t, f.renew(lease.Grant, long).Err, "%s: the new holder's lease is whole", name)
		held := f.inspect(name)
		require.True(t, held.Held, name)
		require.Equal(t, lease, held.Holder.Lease, name)
		_, err := f.leases(request.Grant)
		require.ErrorIs(t, err, ports.ErrExpired, name)
	}
}

// testLateExecution lets each request of an Acquire arrive after its caller has
// given the grant up.
func (s Suite) testLateExecution(t *testing.T) {
	f := s.start(t)
	for step := 1; step <= 4; step++ {
		store, wires := f.tapped()
		name := fmt.Sprint("late at ", step)
		request := opening(name)
		ctx, cancel := context.WithTimeout(f.ctx(), patience)
		goOn := f.stopAt(step, wires, func() {
			_, _ = store.Acquire(ctx, alice, []ports.AcquireRequest{request}, short)
		})
		page, err := f.leases(request.Grant)
		if err != nil {
			require.ErrorIs(t, err, ports.ErrExpired, name)
		}
		for _, lease := range page.Leases {
			require.NoError(t, f.release(lease).Err, name)
		}
		cancel()
		goOn()
		require.ErrorIs(t, f.renew(request.Grant, long).Err, ports.ErrExpired, name)
		// Nobody renews what came late: it ends by itself.
		f.awaitFree(name)
		f.acquire(bob, name, long)
	}
}
