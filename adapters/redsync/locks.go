package redsync

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/go-redsync/redsync/v4"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/gather"
	"github.com/streamlease/streamlease/adapters/internal/lockindex"
	"github.com/streamlease/streamlease/adapters/internal/lockstore"
	"github.com/streamlease/streamlease/adapters/internal/quorum"
	"github.com/streamlease/streamlease/ports"
)

// locks are redsync's mutexes, many at once.
type locks struct{ servers []*lockindex.Index }

var _ lockstore.Locks = locks{}

func rest(index *lockindex.Index) *conn.Lane     { return index.Rest }
func renewals(index *lockindex.Index) *conn.Lane { return index.Renewals }

// Obtain tries each once. Where that brings no majority redsync takes back what
// it got.
func (l locks) Obtain(ctx context.Context, wanted []lockstore.Lock) []error {
	return l.each(ctx, rest, wanted, func(mutex *redsync.Mutex, trouble *trouble) error {
		err := mutex.LockContext(ctx)
		var taken *redsync.ErrTaken
		switch {
		case err == nil:
			return nil
		case errors.As(err, &taken):
			return lockstore.ErrTaken
		case trouble.isEmpty():
			// Every server said yes, but that took longer than the lock lasts.
			return lockstore.ErrGone
		default:
			return trouble.err(len(l.servers))
		}
	})
}

func (l locks) Extend(ctx context.Context, extended []lockstore.Lock) []error {
	return l.each(ctx, renewals, extended, func(mutex *redsync.Mutex, trouble *trouble) error {
		ok, err := mutex.ExtendContext(ctx)
		var taken *redsync.ErrTaken
		switch {
		case ok:
			return nil
		case errors.As(err, &taken):
			return lockstore.ErrGone
		case trouble.isEmpty():
			return fmt.Errorf("extend the lock %.100q: %w", mutex.Name(), err)
		default:
			return trouble.err(len(l.servers))
		}
	})
}

// Release is definite when a majority of the servers has removed the lock, or
// so many had none that it had no majority. In between, whether it was this call
// that ended the lock is for the servers to say that have not answered.
func (l locks) Release(ctx context.Context, released []lockstore.Lock) []error {
	return l.each(ctx, rest, released, func(mutex *redsync.Mutex, trouble *trouble) error {
		unlocked, _ := mutex.UnlockContext(ctx)
		switch {
		case unlocked:
			return nil
		// The error does not tell a lock that is gone from a server that is
		// down.
		case trouble.isDenied(len(l.servers)):
			return lockstore.ErrGone
		default:
			return trouble.err(len(l.servers))
		}
	})
}

// each does one thing with every lock, in as many round trips as one of them
// takes.
func (l locks) each(ctx context.Context, lane func(*lockindex.Index) *conn.Lane, all []lockstore.Lock, do func(*redsync.Mutex, *trouble) error) []error {
	errs := make([]error, len(all))
	send := func(questions []question) []conn.Answer { return l.send(ctx, lane, questions) }
	gather.Run(len(all), len(l.servers), send, func(i int, ask func(question) conn.Answer) {
		trouble := &trouble{}
		mutex := redsync.New(pools(len(l.servers), ask, trouble)...).NewMutex(all[i].Key,
			redsync.WithValue(all[i].Value),
			redsync.WithGenValueFunc(func() (string, error) { return all[i].Value, nil }),
			redsync.WithExpiry(all[i].TTL),
			redsync.WithTries(1),
			// The time a call may take is its ctx's to say.
			redsync.WithTimeoutFactor(1),
		)
		errs[i] = do(mutex, trouble)
	})
	return errs
}

// send brings each question to its server, one pipeline for each. A server that
// answers late counts as one that does not, unless the others have said
// different things of a lock: what is left of another one may be on one of them,
// and would keep everybody from the name for as long as a lock lasts.
func (l locks) send(ctx context.Context, lane func(*lockindex.Index) *conn.Lane, questions []question) []conn.Answer {
	commands := make([][]conn.Command, len(l.servers))
	places := make([][]int, len(l.servers))
	for i, asked := range questions {
		commands[asked.server] = append(commands[asked.server], asked.command)
		places[asked.server] = append(places[asked.server], i)
	}
	answered := quorum.UntilDecided(ctx, len(l.servers), func(server int) []conn.Answer {
		return lane(l.servers[server]).Send(ctx, commands[server])
	}, allWell, decided, nil)
	answers := make([]conn.Answer, len(questions))
	for server, of := range places {
		for at, i := range of {
			if answered[server] == nil {
				answers[i].Err = errLate
				continue
			}
			answers[i] = answered[server][at]
		}
	}
	return answers
}

var errLate = errors.New("this server has not answered when a majority had")

func allWell(answers []conn.Answer) bool {
	for _, answer := range answers {
		if answer.Err != nil {
			return false
		}
	}
	return true
}

// decided reports whether a majority says the same of each lock. Every mutex
// asks every server the same, so that answers in the same place belong together.
func decided(answers [][]conn.Answer) bool {
	for place := range slices.MaxFunc(answers, byLength) {
		yes, no := 0, 0
		for _, of := range answers {
			switch {
			case place >= len(of) || of[place].Err != nil:
			case granted(of[place].Reply):
				yes++
			default:
				no++
			}
		}
		if max(yes, no) < quorum.Majority(len(answers)) {
			return false
		}
	}
	return true
}

func byLength(one, other []conn.Answer) int { return len(one) - len(other) }

// granted reports whether a server has set, extended or removed a lock.
func granted(reply any) bool { return reply == "OK" || reply == int64(1) }

// isRefused reports whether nothing was done.
func isRefused(err error) bool { return errors.Is(err, ports.ErrRefused) }
