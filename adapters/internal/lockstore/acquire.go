package lockstore

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/ports"
)

// Acquire leases names to member. See ports.LeaseStore.
func (s *Store) Acquire(ctx context.Context, member ports.Member, requests []ports.AcquireRequest, ttl time.Duration) ([]ports.AcquireResult, error) {
	if err := checkTTL(ttl); err != nil {
		return nil, invalid("Acquire", err)
	}
	results := make([]ports.AcquireResult, len(requests))
	var all []*acquisition
	for i, request := range requests {
		if err := ports.ValidateName(request.Ref.Name); err != nil {
			results[i].Err = invalid("Acquire", err)
			continue
		}
		all = append(all, &acquisition{AcquireRequest: request, result: &results[i]})
	}
	for len(all) > 0 {
		b := &acquisitions{store: s, member: member, ttl: ttl}
		b.going, all = firsts(all)
		b.run(ctx)
	}
	return results, nil
}

// acquisitions is a batch on its way through the steps of Acquire.
type acquisitions struct {
	store  *Store
	member ports.Member
	ttl    time.Duration
	// going has those that no step has ended yet.
	going []*acquisition
	// undoing has those that are to leave nothing behind, held those that met
	// somebody else's lock.
	undoing, held []*acquisition
}

type acquisition struct {
	ports.AcquireRequest
	result *ports.AcquireResult
	token  ports.Token
}

func (a *acquisition) name() string { return a.Ref.Name }

func (b *acquisitions) run(ctx context.Context) {
	b.open(ctx)
	b.obtain(ctx)
	b.draw(ctx)
	b.writeBack(ctx)
	b.verify(ctx)
	b.undo(ctx)
	b.sayWhoHolds(ctx)
}

// next keeps those that are to go on.
func (b *acquisitions) next(goesOn func(i int, a *acquisition) bool) {
	var going []*acquisition
	for i, a := range b.going {
		if goesOn(i, a) {
			going = append(going, a)
		}
	}
	b.going = going
}

// failed ends an acquisition with the error of a step. If the error says that
// the step did nothing, what the steps before it did is undone.
func (b *acquisitions) failed(a *acquisition, err error) bool {
	a.result.Err = fmt.Errorf("acquire %.100q: %w", a.Ref.Name, err)
	if errors.Is(err, ports.ErrRefused) {
		b.undoing = append(b.undoing, a)
	}
	return false
}

func (b *acquisitions) requests() []ports.AcquireRequest {
	requests := make([]ports.AcquireRequest, len(b.going))
	for i, a := range b.going {
		requests[i] = a.AcquireRequest
	}
	return requests
}

func (b *acquisitions) locks(of []*acquisition) []Lock {
	locks := make([]Lock, len(of))
	for i, a := range of {
		locks[i] = b.store.lock(a.Grant, a.Ref.Name, b.ttl)
	}
	return locks
}

// open notes the grants, so that they are found if a later reply is lost.
func (b *acquisitions) open(ctx context.Context) {
	requests := b.requests()
	ballots := askAll(b.store.servers, len(requests), func(index *lockindex.Index) []lockindex.Answer[lockindex.Opened] {
		return index.Open(ctx, b.member, requests, b.ttl)
	})
	b.next(func(i int, a *acquisition) bool {
		if err := ballots[i].err(); err != nil {
			a.result.Err = fmt.Errorf("acquire %.100q: %w", a.Ref.Name, err)
			return false
		}
		return b.opened(a, ballots[i].values)
	})
}

func (b *acquisitions) opened(a *acquisition, answers []lockindex.Opened) bool {
	for _, answer := range answers {
		switch answer {
		case lockindex.OpenedExpired:
			a.result.Err = fmt.Errorf("%w: grant %v, for %.100q", ports.ErrExpired, a.Grant, a.Ref.Name)
		case lockindex.OpenedHeld:
			b.held = append(b.held, a)
		case lockindex.OpenedAnother:
			a.result.Err = invalid("Acquire", fmt.Errorf("%w: grant %v has a lease on another name than %.100q; a grant of this store is one lease", ports.ErrInvalid, a.Grant, a.Ref.Name))
		default:
			continue
		}
		return false
	}
	return true
}

func (b *acquisitions) obtain(ctx context.Context) {
	errs := inTrips(ctx, b.locks(b.going), b.store.locks.Obtain)
	b.next(func(i int, a *acquisition) bool {
		switch {
		case errs[i] == nil:
			return true
		case errors.Is(errs[i], ErrTaken):
			b.held = append(b.held, a)
			return false
		case errors.Is(errs[i], ErrGone):
			return b.tookTooLong(a)
		default:
			return b.failed(a, errs[i])
		}
	})
}

// tookTooLong ends an acquisition whose lock was lost before it was leased.
func (b *acquisitions) tookTooLong(a *acquisition) bool {
	a.result.Err = fmt.Errorf("%w: grant %v, before %.100q was leased", ports.ErrExpired, a.Grant, a.Ref.Name)
	b.undoing = append(b.undoing, a)
	return false
}

func (b *acquisitions) draw(ctx context.Context) {
	requests := b.requests()
	final := len(b.store.servers) == 1
	ballots := askAll(b.store.servers, len(requests), func(index *lockindex.Index) []lockindex.Answer[ports.Token] {
		return index.Draw(ctx, b.member, requests, b.ttl, final)
	})
	b.next(func(i int, a *acquisition) bool {
		if err := ballots[i].err(); err != nil {
			return b.failed(a, err)
		}
		for _, token := range ballots[i].values {
			if token == 0 {
				return b.failed(a, invalid("draw.lua", fmt.Errorf("no token is left above the floor %d: somebody has written far too high a token", a.Floor)))
			}
			a.token = max(a.token, token)
		}
		return true
	})
}

// writeBack lets every later draw, on whatever majority, meet the token.
func (b *acquisitions) writeBack(ctx context.Context) {
	if len(b.store.servers) == 1 {
		return
	}
	leases := make([]ports.Lease, len(b.going))
	for i, a := range b.going {
		leases[i] = ports.Lease{Ref: a.Ref, Grant: a.Grant, Token: a.token}
	}
	ballots := askAll(b.store.servers, len(leases), func(index *lockindex.Index) []lockindex.Answer[struct{}] {
		return index.Raise(ctx, b.member, leases, b.ttl)
	})
	b.next(func(i int, a *acquisition) bool {
		if err := ballots[i].err(); err != nil {
			return b.failed(a, err)
		}
		return true
	})
}

// verify asks the library whether the token was drawn inside the hold.
func (b *acquisitions) verify(ctx context.Context) {
	errs := inTrips(ctx, b.locks(b.going), b.store.locks.Extend)
	b.next(func(i int, a *acquisition) bool {
		switch {
		case errs[i] == nil:
			a.result.Token, a.result.Tally = a.token, whole
			return true
		case errors.Is(errs[i], ErrGone):
			return b.tookTooLong(a)
		default:
			return b.failed(a, errs[i])
		}
	})
}
