package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
)

// tell tells the story twice, and says whether it went as it should.
func tell(ctx context.Context, rdb *redis.Client, url string) error {
	began := time.Now()
	fmt.Printf("A data stream has %d deposits of %d. Two processes can own it. The owner is frozen between reading\n"+
		"the balance and writing it, for longer than its lease lasts (%v).\n", deposits, amount, ttl)
	const want = deposits * amount
	for _, fenced := range []bool{false, true} {
		balance, err := playOnce(ctx, rdb, arguments{url: url, fenced: fenced, service: "zombie-" + rand.Text()})
		switch {
		case ctx.Err() != nil:
			return errors.New("interrupted; the members have ended and the keys are removed")
		case err != nil:
			return err
		case balance == want:
			fmt.Printf("  The balance is %d of %d: correct.\n", balance, want)
		default:
			fmt.Printf("  The balance is %d of %d: CORRUPTED, %d are lost.\n", balance, want, want-balance)
		}
		if corrupted := balance != want; corrupted == fenced {
			return fmt.Errorf("fenced: %t, corrupted: %t; that should not be", fenced, corrupted)
		}
	}
	fmt.Printf("\nIt took %.1f s.\n", time.Since(began).Seconds())
	return nil
}

// playOnce lets the story happen, and returns the balance at its end.
func playOnce(ctx context.Context, rdb *redis.Client, given arguments) (balance int64, err error) {
	title := "Without a fence"
	if given.fenced {
		title = "With a fence"
	}
	fmt.Printf("\n%s\n", title)
	r := &round{account: account{rdb, given.service}, hear: make(chan heard, 1_000)}
	defer func() {
		r.end()
		err = errors.Join(err, removeKeys(rdb, given.service))
	}()
	if err := r.begin(ctx, given); err != nil {
		return 0, err
	}
	if err := r.freezeTheOwner(ctx); err != nil {
		return 0, err
	}
	if err := r.letTheOtherFinish(ctx); err != nil {
		return 0, err
	}
	if err := r.wakeTheZombie(ctx); err != nil {
		return 0, err
	}
	end, err := r.account.read(ctx)
	return end.balance, err
}

// round is one telling.
type round struct {
	account   account
	processes []*process
	hear      chan heard
	victim    *process
	frozen    time.Time
}

// begin starts the members and announces the stream.
func (r *round) begin(ctx context.Context, given arguments) error {
	if err := r.account.fill(ctx); err != nil {
		return err
	}
	for _, given.member = range []string{"A", "B"} {
		process, err := startProcess(given, r.hear)
		if err != nil {
			return err
		}
		r.processes = append(r.processes, process)
	}
	for range r.processes {
		if _, err := r.await(ctx, func(h heard) bool { return h.Kind == joined }); err != nil {
			return fmt.Errorf("waiting for the members to join: %w", err)
		}
	}
	source, err := goredis.NewSource(r.account.rdb, given.service)
	if err != nil {
		return err
	}
	publisher := streamlease.NewPublisher(source)
	defer func() { _ = publisher.Close() }()
	_, err = publisher.Announce(ctx, streamlease.Assignment{Ref: streamlease.StreamRef{Name: given.service}})
	return err
}

// freezeTheOwner freezes whoever comes to the pause first.
func (r *round) freezeTheOwner(ctx context.Context) error {
	owner, err := r.await(ctx, func(h heard) bool { return h.Kind == pauses })
	if err != nil {
		return fmt.Errorf("waiting for an owner: %w", err)
	}
	r.victim, r.frozen = owner.from, time.Now()
	fmt.Printf("  %s has read %d and is about to write %d: kill -STOP %d\n", r.victim.id, owner.Balance-amount, owner.Balance, r.victim.pid())
	return r.victim.freeze()
}

// letTheOtherFinish waits until the other member has done all the work. On a
// slow machine it may need more than one tenure for it.
func (r *round) letTheOtherFinish(ctx context.Context) error {
	for {
		said, err := r.await(ctx, func(h heard) bool { return h.from != r.victim && h.Kind != refusal })
		if err != nil {
			return fmt.Errorf("waiting for the other member to finish: %w", err)
		}
		switch said.Kind {
		case pauses:
			if err := said.from.goOn(); err != nil {
				return err
			}
		case done:
			end, err := r.account.read(ctx)
			fmt.Printf("  %s has taken over and finished, %.1f s later. The balance is %d\n", said.from.id, time.Since(r.frozen).Seconds(), end.balance)
			return err
		}
	}
}

// wakeTheZombie lets the victim write what it was about to write.
func (r *round) wakeTheZombie(ctx context.Context) error {
	fmt.Printf("  kill -CONT %d: %s writes, with its old token\n", r.victim.pid(), r.victim.id)
	if err := errors.Join(r.victim.goOn(), r.victim.thaw()); err != nil {
		return err
	}
	answer, err := r.await(ctx, func(h heard) bool { return h.from == r.victim && (h.Kind == wrote || h.Kind == refusal) })
	switch {
	case err != nil:
		return fmt.Errorf("waiting for the zombie to write: %w", err)
	case answer.Kind == wrote:
		fmt.Printf("  Nobody stops it: it has written %d.\n", answer.Balance)
	default:
		fmt.Printf("  It is refused: %s\n", answer.Text)
	}
	return nil
}

var errTooLong = errors.New("it takes too long; is this machine very busy, or Redis gone?")

// await waits for what is wanted, but not for ever, and not when a member has
// failed.
func (r *round) await(ctx context.Context, wanted func(heard) bool) (heard, error) {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errTooLong)
	defer cancel()
	for {
		select {
		case said := <-r.hear:
			switch {
			case said.Kind == failed:
				return heard{}, fmt.Errorf("%s failed: %s", said.from.id, said.Text)
			case wanted(said):
				return said, nil
			}
		case <-ctx.Done():
			return heard{}, context.Cause(ctx)
		}
	}
}

func (r *round) end() {
	for _, process := range r.processes {
		process.end()
	}
}

// removeKeys removes the keys whose names contain the random name.
func removeKeys(rdb *redis.Client, service string) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	keys := rdb.Scan(ctx, 0, "*"+service+"*", 1000).Iterator()
	for keys.Next(ctx) {
		if err := rdb.Unlink(ctx, keys.Val()).Err(); err != nil {
			return fmt.Errorf("remove the keys of %s: %w", service, err)
		}
	}
	if err := keys.Err(); err != nil {
		return fmt.Errorf("remove the keys of %s: %w", service, err)
	}
	return nil
}
