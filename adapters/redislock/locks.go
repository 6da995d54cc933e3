package redislock

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/bsm/redislock"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/gather"
	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/adapters/internal/lockstore"
)

// locks are redislock's, many at once.
type locks struct{ index *lockindex.Index }

var _ lockstore.Locks = locks{}

// Obtain tries each once: redislock retries only if it is told to.
func (l locks) Obtain(ctx context.Context, wanted []lockstore.Lock) []error {
	return each(ctx, l.index.Rest, wanted, func(client *redislock.Client, lock lockstore.Lock) error {
		_, err := client.Obtain(ctx, lock.Key, lock.TTL, &redislock.Options{Token: lock.Value})
		if errors.Is(err, redislock.ErrNotObtained) {
			return lockstore.ErrTaken
		}
		return err
	})
}

func (l locks) Extend(ctx context.Context, extended []lockstore.Lock) []error {
	return each(ctx, l.index.Renewals, extended, func(client *redislock.Client, lock lockstore.Lock) error {
		handle, err := handleOf(ctx, client, lock)
		if err != nil {
			return err
		}
		err = handle.Refresh(ctx, lock.TTL, nil)
		if errors.Is(err, redislock.ErrNotObtained) {
			return lockstore.ErrGone
		}
		return err
	})
}

func (l locks) Release(ctx context.Context, released []lockstore.Lock) []error {
	return each(ctx, l.index.Rest, released, func(client *redislock.Client, lock lockstore.Lock) error {
		handle, err := handleOf(ctx, client, lock)
		if err != nil {
			return err
		}
		err = handle.Release(ctx)
		if errors.Is(err, redislock.ErrLockNotHeld) {
			return lockstore.ErrGone
		}
		return err
	})
}

// each does one thing with every lock, in as many round trips as one of them
// takes.
func each(ctx context.Context, lane *conn.Lane, all []lockstore.Lock, do func(*redislock.Client, lockstore.Lock) error) []error {
	errs := make([]error, len(all))
	send := func(commands []conn.Command) []conn.Answer { return lane.Send(ctx, commands) }
	gather.Run(len(all), 1, send, func(i int, ask func(conn.Command) conn.Answer) {
		errs[i] = do(redislock.New(scripter{ask}), all[i])
	})
	return errs
}

// handleOf makes the library's handle on a lock that was obtained by another
// call, perhaps one whose reply was lost. The library makes handles only in
// Obtain; so that is asked of a client which knows no server and says yes, and
// the handle is given the real client.
func handleOf(ctx context.Context, client *redislock.Client, lock lockstore.Lock) (*redislock.Lock, error) {
	handle, err := yesSayer.Obtain(ctx, lock.Key, time.Minute, &redislock.Options{Token: lock.Value})
	if err != nil {
		return nil, fmt.Errorf("make a handle on the lock %.100q: %w", lock.Key, err)
	}
	handle.Client = client
	return handle, nil
}

var yesSayer = redislock.New(scripter{func(conn.Command) conn.Answer { return conn.Answer{Reply: "OK"} }})
