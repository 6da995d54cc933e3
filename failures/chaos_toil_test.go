package failures_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/streamlease/streamlease"
)

// What work is like that nobody directs.
const (
	longestWork = 3 * time.Second
	// settlePatience is how long a call of Done waits before it is called again.
	settlePatience = 2 * time.Second
	// Of so many tenures one ends by Fail, and one by HandOff. Five failures in
	// a row, which would be the quarantine, come once in a billion streams.
	tenuresPerFailure = 60
	tenuresPerHandOff = 25
	// Of so many tenures that were lost one goes on as if nothing had been.
	lossesPerZombie = 3
)

var errTired = errors.New("the work has failed, as it does at times")

// toil is how members work that nobody directs.
type toil struct {
	mu     sync.Mutex
	random *rand.Rand
}

func newToil(seed uint64) *toil { return &toil{random: rand.New(rand.NewPCG(seed, 0))} }

func (t *toil) span() time.Duration {
	t.mu.Lock()
	defer t.mu.Unlock()
	return time.Duration(t.random.Int64N(int64(longestWork)))
}

func (t *toil) oneOf(count int) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.random.IntN(count) == 0
}

// toilOn works for a while and ends the tenure in some way. Once in a while it
// does not notice that the tenure is over: a zombie.
func (a *application) toilOn(ended context.Context, stream *streamlease.Stream) {
	work := time.NewTimer(a.toil.span())
	defer work.Stop()
	select {
	case <-work.C:
	case <-ended.Done():
		if errors.Is(context.Cause(ended), streamlease.ErrClosed) || !a.toil.oneOf(lossesPerZombie) {
			return
		}
		ctx, cancel := context.WithTimeout(context.Background(), settlePatience)
		defer cancel()
		if a.effect(ctx, stream, lastEffect) {
			a.insistOn(stream, zombieVerb)
		}
		return
	}
	switch {
	case a.toil.oneOf(tenuresPerFailure):
		a.insistOn(stream, failVerb)
	case a.toil.oneOf(tenuresPerHandOff):
		a.insistOn(stream, handOffVerb)
	case a.effect(ended, stream, lastEffect):
		a.insistOn(stream, doneVerb)
	}
}

// verb is one of the ways to end a tenure, and how it is reported.
type verb struct {
	call          func(*streamlease.Stream, context.Context) error
	before, after event
}

var (
	doneVerb    = verb{(*streamlease.Stream).Done, eventSettling, eventSettled}
	zombieVerb  = verb{(*streamlease.Stream).Done, eventInsisting, eventSettled}
	handOffVerb = verb{(*streamlease.Stream).HandOff, eventGivingBack, eventGaveBack}
	failVerb    = verb{func(s *streamlease.Stream, ctx context.Context) error { return s.Fail(ctx, errTired) }, eventGivingBack, eventGaveBack}
)

// insistOn repeats the call until its answer is definite.
func (a *application) insistOn(stream *streamlease.Stream, verb verb) {
	for {
		about := report{Event: verb.before, Ref: stream.Ref(), Token: stream.Token()}
		a.reporter.send(about)
		ctx, cancel := context.WithTimeout(context.Background(), settlePatience)
		err := verb.call(stream, ctx)
		cancel()
		about.Event, about.Err = verb.after, errorName(err)
		a.reporter.send(about)
		if isDefinite(err) {
			return
		}
	}
}

func isDefinite(err error) bool {
	for _, sentinel := range []error{
		streamlease.ErrDisowned, streamlease.ErrNotOwned, streamlease.ErrDone, streamlease.ErrClosed, streamlease.ErrInvalid,
	} {
		if errors.Is(err, sentinel) {
			return true
		}
	}
	return err == nil
}
