package driver

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime/debug"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/ports"
)

// A Watch that failed is started again after watchBackoffMin, doubling up to
// watchBackoffMax, less up to half of it by chance.
const (
	watchBackoffMin = 100 * time.Millisecond
	watchBackoffMax = 10 * time.Second
)

var errWatchEnded = errors.New("watch: the notifier ended although its ctx had not")

// Watch keeps a notifier watching until ctx ends and puts what it says into
// events, waiting while that is full: the notifier bounds what piles up
// meanwhile. When the notifier fails, failed hears why, the machine hears of a
// gap, and the notifier is started again after a while.
func Watch(ctx context.Context, notifier ports.ExpiryNotifier, events chan<- core.Event, chance *rand.Rand, failed func(error)) {
	backoff := watchBackoffMin
	for {
		began := time.Now()
		err := watchOnce(ctx, notifier, events)
		if ctx.Err() != nil {
			return
		}
		failed(err)
		pass(ctx, events, []core.Hint{{Kind: core.HintGap}})
		if time.Since(began) > watchBackoffMax {
			backoff = watchBackoffMin
		}
		if !pause(ctx, backoff-time.Duration(chance.Int64N(int64(backoff/2)))) {
			return
		}
		backoff = min(2*backoff, watchBackoffMax)
	}
}

func watchOnce(ctx context.Context, notifier ports.ExpiryNotifier, events chan<- core.Event) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = fmt.Errorf("watch: the port panicked: %v\n%s", value, debug.Stack())
		}
	}()
	err = notifier.Watch(ctx, func(hints []core.Hint) {
		// The slice belongs to the notifier once this function has returned.
		pass(ctx, events, slices.Clone(hints))
	})
	if err == nil {
		return errWatchEnded
	}
	return named("watch", err)
}

func pass(ctx context.Context, events chan<- core.Event, hints []core.Hint) {
	select {
	case events <- core.HintsReceived{Hints: hints}:
	case <-ctx.Done():
	}
}

// pause reports whether the time has passed; false: ctx ended.
func pause(ctx context.Context, duration time.Duration) bool {
	timer := time.NewTimer(duration)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
