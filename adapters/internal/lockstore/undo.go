package lockstore

import (
	"context"
	"errors"
	"fmt"

	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/ports"
)

// undo makes a definite no true: nothing is left of these acquisitions. Where
// that fails their outcome is unknown.
func (b *acquisitions) undo(ctx context.Context) {
	if len(b.undoing) == 0 {
		return
	}
	errs := inTrips(ctx, b.locks(b.undoing), b.store.locks.Release)
	ballots := b.withdraw(ctx, b.undoing)
	for i, a := range b.undoing {
		if errs[i] == nil || errors.Is(errs[i], ErrGone) {
			errs[i] = ballots[i].err()
		}
		if errs[i] != nil {
			// Not %w: these are no definite answers any more.
			a.result.Err = fmt.Errorf("%v; giving it up again: %v", a.result.Err, errs[i])
		}
	}
}

// sayWhoHolds fills in the answers to those who met somebody else's lock, and
// forgets that they ever tried.
func (b *acquisitions) sayWhoHolds(ctx context.Context) {
	ballots := b.withdraw(ctx, b.held)
	for i, a := range b.held {
		holder := decideHeld(ballots[i])
		switch {
		case holder.by != nil && holder.by.Opening:
			// It has no lease yet, but the lock that it needs.
			a.result.Err = fmt.Errorf("%w: %.100q, which is about to be leased", ports.ErrHeld, a.Ref.Name)
		case holder.by != nil:
			a.result.Holder = holder.by.Holder
			a.result.Err = fmt.Errorf("%w: %.100q by %v", ports.ErrHeld, a.Ref.Name, holder.by.Holder.Member)
		case len(b.store.servers) == 1:
			a.result.Err = fmt.Errorf("%w: %.100q", ports.ErrHeld, a.Ref.Name)
		default:
			// Several tried at once, or what is left of a lease is about to
			// expire. Nobody will say that the name is free, so this is no
			// ErrHeld, which waits for that, but to be tried again.
			a.result.Err = fmt.Errorf("acquire %.100q: somebody has its locks, but nobody a majority of them", a.Ref.Name)
		}
	}
}

func (b *acquisitions) withdraw(ctx context.Context, given []*acquisition) []ballot[lockindex.Holding] {
	withdrawals := make([]lockindex.Withdrawal, len(given))
	for i, a := range given {
		withdrawals[i] = lockindex.Withdrawal{Grant: a.Grant, Name: a.Ref.Name, Leased: true}
	}
	return askWhoHolds(ctx, b.store.servers, len(withdrawals), func(index *lockindex.Index) []lockindex.Answer[lockindex.Holding] {
		return index.Withdraw(ctx, withdrawals)
	})
}
