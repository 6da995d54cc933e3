package hints

import (
	"context"
	"time"
)

const (
	// lookAgainEvery is how often what nobody took is hinted again: whoever
	// took the first hint may have died over it.
	lookAgainEvery = 5 * time.Second
	// shortestWait keeps clocks that differ by a hair from a busy loop.
	shortestWait = time.Millisecond
)

// poll finds what has expired by the index of deadlines.
//
// Each look tells when the next deadline comes, if it is not moved by a
// renewal, and the next look comes at that very moment, but after PollEvery at
// the latest. What is leased between two looks lives for a TTL, so nothing is
// seen late while PollEvery is at most a TTL. A fleet whose members all renew
// costs the server one look for each member and PollEvery, some ten
// microseconds.
func (w *watch) poll(ctx context.Context) error {
	var pause pause
	var position string // where the last look ended; empty: from the start
	startedAt := time.Now()
	for ctx.Err() == nil {
		if time.Since(startedAt) >= lookAgainEvery {
			position, startedAt = "", time.Now()
		}
		seen, err := w.look(ctx, position)
		switch {
		case isLasting(err):
			return err
		case err != nil:
			pause.wait(ctx)
			continue
		}
		pause.reset()
		position = seen.Position
		w.backlog.add(seen.Expired...)
		if !seen.More {
			sleep(ctx, min(max(seen.Next, shortestWait), w.notifier.config.PollEvery))
		}
	}
	return nil
}

func (w *watch) look(ctx context.Context, position string) (Sight, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	return w.notifier.look.At(ctx, w.lane, position)
}
