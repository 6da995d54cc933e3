package lockstest

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func (s Suite) testRemovedKeys(t *testing.T) {
	f := s.start(t)
	keys := append(slices.Clone(s.IndexKeys), s.LockKey("a"), "{orders-input}:token")
	last := ports.Token(0)
	for _, key := range keys {
		lease := f.acquire(alice, "a", short)
		require.Greater(t, lease.Token, last, key)
		last = lease.Token
		f.everywhere(func(raw *redis.Client) { require.NoError(t, raw.Del(f.ctx(), key).Err()) })
		// Either it goes on whole, or its member learns that it is over, and it
		// is over for all within a TTL.
		if err := f.renew(lease.Grant, short).Err; err != nil {
			require.ErrorIs(t, err, ports.ErrExpired, key)
			f.awaitFree("a")
			continue
		}
		require.ErrorIs(t, f.try(bob, opening("a"), short).Err, ports.ErrHeld, key)
		require.True(t, f.release(lease).Changed, key)
	}
}

func (s Suite) testForgottenScripts(t *testing.T) {
	f := s.start(t)
	flush := func() {
		f.everywhere(func(raw *redis.Client) { require.NoError(t, raw.ScriptFlush(f.ctx()).Err()) })
	}
	requests := make([]ports.AcquireRequest, 300)
	var grants []ports.GrantID
	for i := range requests {
		requests[i] = opening(fmt.Sprint(i))
		grants = append(grants, requests[i].Grant)
	}
	flush()
	acquired, err := f.store.Acquire(f.ctx(), alice, requests, long)
	require.NoError(t, err)
	flush()
	renewed, err := f.store.Renew(f.ctx(), grants, long)
	require.NoError(t, err)
	var releases []ports.ReleaseRequest
	for i := range requests {
		require.NoError(t, acquired[i].Err)
		require.NoError(t, renewed[i].Err)
		releases = append(releases, ports.ReleaseRequest{Lease: ports.Lease{Ref: requests[i].Ref, Grant: grants[i], Token: acquired[i].Token}})
	}
	flush()
	released, err := f.store.Release(f.ctx(), releases)
	require.NoError(t, err)
	for _, result := range released {
		require.NoError(t, result.Err)
		require.True(t, result.Changed)
	}
}

func (s Suite) testOutOfMemory(t *testing.T) {
	f := s.start(t)
	lease := f.acquire(alice, "a", long)
	other := f.acquire(alice, "b", long)
	f.everywhere(func(raw *redis.Client) { require.NoError(t, raw.ConfigSet(f.ctx(), "maxmemory", "1").Err()) })
	result := f.try(bob, opening("c"), long)
	var refused *ports.RefusedError
	require.ErrorAs(t, result.Err, &refused)
	require.False(t, refused.Lasting)
	require.NotEmpty(t, refused.Advice)
	require.NoError(t, f.renew(lease.Grant, long).Err)
	require.True(t, f.release(other).Changed)
	require.False(t, f.inspect("b").Held)
}

func (s Suite) testRefusals(t *testing.T) {
	f := s.start(t)
	lease := f.acquire(alice, "a", long)
	f.everywhere(func(raw *redis.Client) {
		require.NoError(t, raw.Do(f.ctx(), "REPLICAOF", "127.0.0.1", "1").Err())
	})
	requireRefused := func(err error) {
		t.Helper()
		var refused *ports.RefusedError
		require.ErrorAs(t, err, &refused)
		require.NotEmpty(t, refused.Server)
		require.NotEmpty(t, refused.Advice)
	}
	requireRefused(f.try(bob, opening("b"), long).Err)
	requireRefused(f.renew(lease.Grant, long).Err)
	_, err := f.store.Check(f.ctx())
	requireRefused(err)
	f.everywhere(func(raw *redis.Client) { require.NoError(t, raw.Do(f.ctx(), "REPLICAOF", "NO", "ONE").Err()) })
	require.NoError(t, f.renew(lease.Grant, long).Err)
	require.False(t, f.inspect("b").Held)
	for _, ttl := range []time.Duration{0, -1} {
		_, err := f.store.Acquire(f.ctx(), alice, []ports.AcquireRequest{opening("c")}, ttl)
		require.ErrorIs(t, err, ports.ErrRefused)
		_, err = f.store.Renew(f.ctx(), []ports.GrantID{lease.Grant}, ttl)
		require.ErrorIs(t, err, ports.ErrRefused)
	}
}

func (s Suite) testDeadlines(t *testing.T) {
	f := s.start(t)
	lease := f.acquire(alice, "a", long)
	for _, server := range f.servers {
		server.Freeze()
	}
	defer func() {
		for _, server := range f.servers {
			server.Thaw()
		}
	}()
	calls := map[string]func(ctx context.Context) error{
		"Acquire": func(ctx context.Context) error {
			results, err := f.store.Acquire(ctx, bob, []ports.AcquireRequest{opening("b")}, long)
			return firstError(err, func() error { return results[0].Err })
		},
		"Renew": func(ctx context.Context) error {
			results, err := f.store.Renew(ctx, []ports.GrantID{lease.Grant}, long)
			return firstError(err, func() error { return results[0].Err })
		},
		"Release": func(ctx context.Context) error {
			results, err := f.store.Release(ctx, []ports.ReleaseRequest{{Lease: lease}})
			return firstError(err, func() error { return results[0].Err })
		},
		"Leases": func(ctx context.Context) error {
			_, err := f.store.Leases(ctx, lease.Grant, "", 10)
			return err
		},
		"Inspect": func(ctx context.Context) error {
			results, err := f.store.Inspect(ctx, []string{"a"})
			return firstError(err, func() error { return results[0].Err })
		},
	}
	for name, call := range calls {
		ctx, cancel := context.WithTimeout(f.ctx(), 100*time.Millisecond)
		err := call(ctx)
		require.Error(t, err, name)
		require.NotErrorIs(t, err, ports.ErrRefused, name)
		require.NotErrorIs(t, err, ports.ErrExpired, name)
		cancel()
	}
}

func firstError(whole error, first func() error) error {
	if whole != nil {
		return whole
	}
	return first()
}

func (s Suite) testCheck(t *testing.T) {
	f := s.start(t)
	require.Eventually(t, func() bool {
		warnings, err := f.store.Check(f.ctx())
		require.NoError(t, err)
		if len(warnings) > 0 { // on a busy machine one of several servers may be late
			t.Log(warnings)
		}
		return len(warnings) == 0
	}, patience, pause)

	f.everywhere(func(raw *redis.Client) {
		require.NoError(t, raw.Set(f.ctx(), s.IndexKeys[0], "somebody else's", 0).Err())
	})
	_, err := f.store.Check(f.ctx())
	var refused *ports.RefusedError
	require.ErrorAs(t, err, &refused)
	require.True(t, refused.Lasting)
	require.Contains(t, refused.Error(), s.IndexKeys[0])
}
