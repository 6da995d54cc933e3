package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/fence/redisfence"
)

const (
	deposits = 10 // entries of the data stream
	amount   = 10 // of each
)

// account is what the owner of the data stream works on: it adds the deposits
// in the stream to the balance. The hash tag keeps all of it on one server of
// a cluster.
type account struct {
	rdb  *redis.Client
	name string
}

func (a account) deposits() string { return "{" + a.name + "}:deposits" }
func (a account) balance() string  { return "{" + a.name + "}:balance" }
func (a account) position() string { return "{" + a.name + "}:position" }
func (a account) fence() string    { return "{" + a.name + "}:fence" }

// fill writes the data stream.
func (a account) fill(ctx context.Context) error {
	for i := range deposits {
		entry := &redis.XAddArgs{Stream: a.deposits(), ID: fmt.Sprintf("%d-0", i+1), Values: []any{"amount", amount}}
		if err := a.rdb.XAdd(ctx, entry).Err(); err != nil {
			return err
		}
	}
	return nil
}

// state is how far the work on an account has come.
type state struct {
	balance  int64
	position string // of the last deposit that is in the balance
}

func (a account) read(ctx context.Context) (state, error) {
	values, err := a.rdb.MGet(ctx, a.balance(), a.position()).Result()
	if err != nil || values[0] == nil || values[1] == nil {
		return state{position: "0-0"}, err
	}
	balance, err := strconv.ParseInt(fmt.Sprint(values[0]), 10, 64)
	return state{balance: balance, position: fmt.Sprint(values[1])}, err
}

// next is the deposit after the position.
func (a account) next(ctx context.Context, position string) (deposit redis.XMessage, found bool, err error) {
	entries, err := a.rdb.XRangeN(ctx, a.deposits(), "("+position, "+", 1).Result()
	if err != nil || len(entries) == 0 {
		return redis.XMessage{}, false, err
	}
	return entries[0], true, nil
}

// writer is what differs: who may write.
type writer interface {
	// begin is called once in each tenure, before anything is read.
	begin(ctx context.Context, token streamlease.Token) error
	write(ctx context.Context, token streamlease.Token, new state) error
	// clear removes the deposits, all of which are in the balance.
	clear(ctx context.Context, token streamlease.Token) error
}

// unfenced lets anybody write.
type unfenced struct{ account }

func (unfenced) begin(context.Context, streamlease.Token) error { return nil }

func (w unfenced) write(ctx context.Context, _ streamlease.Token, new state) error {
	_, err := w.rdb.TxPipelined(ctx, func(tx redis.Pipeliner) error {
		tx.Set(ctx, w.balance(), new.balance, 0)
		tx.Set(ctx, w.position(), new.position, 0)
		return nil
	})
	return err
}

func (w unfenced) clear(ctx context.Context, _ streamlease.Token) error {
	return w.rdb.Del(ctx, w.deposits()).Err()
}

// fenced lets only the newest tenure write: this is what to copy.
type fenced struct {
	account
	fences *redisfence.Fences
}

func (w fenced) begin(ctx context.Context, token streamlease.Token) error {
	return w.fences.Raise(ctx, w.fence(), token)
}

func (w fenced) write(ctx context.Context, token streamlease.Token, new state) error {
	_, err := w.fences.Do(ctx, w.fence(), token,
		redisfence.Command{"SET", redisfence.Key(w.balance()), new.balance},
		redisfence.Command{"SET", redisfence.Key(w.position()), new.position})
	return err
}

func (w fenced) clear(ctx context.Context, token streamlease.Token) error {
	_, err := w.fences.Do(ctx, w.fence(), token, redisfence.Command{"DEL", redisfence.Key(w.deposits())})
	return err
}

// refused says whether a write came from an old owner.
func refused(err error) bool { return errors.Is(err, streamlease.ErrDisowned) }
