package conformance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"runtime/pprof"
	"strings"
	"sync/atomic"
	"time"

	"github.com/streamlease/streamlease/ports"
)

var notifierPortQuestions = []notifierQuestion{
	{
		where:   "ports",
		text:    "Only Fetch and Watch must also end at once when their ctx is cancelled.",
		examine: watchEndsAtOnce,
	}, {
		where:   "ports",
		text:    "Every call comes with a ctx that has a deadline, and ends by it.",
		examine: publishEndsByItsDeadline,
	}, {
		where:   "ports",
		text:    "It does not retry, cache, wait, log or start work in the background beyond what its connection needs",
		examine: nothingGoesOnBehindAWatch,
	},
}

// watchEndsAtOnce ends a Watch that has nothing to do. It may be late only
// because the machine is slow, so being in time once is enough.
func watchEndsAtOnce(b *notifierBench) {
	const tries, most = 3, time.Second
	watcher := b.another()
	var took time.Duration
	for range tries {
		w := watcher.watchFromNow()
		if took = w.end(); took <= most {
			return
		}
	}
	b.violated("Watch returned %v after its ctx was cancelled, %d times", took, tries)
}

func publishEndsByItsDeadline(b *notifierBench) {
	faults, able := can[ExpiryNotifierFaults](b.probe, b.instance)
	if !able {
		return
	}
	const tries, most, timeout = 3, time.Second, 300 * time.Millisecond
	var late time.Duration
	for range tries {
		unlucky, err := faults.HandleWith(Silence)
		b.must(err, "make a handle with a mishap")
		handle := b.adopt(unlucky)
		ctx, cancel := context.WithTimeout(context.Background(), timeout)
		began := time.Now()
		b.callWithin(ctx, b.pace, handle.name+": Publish that is not answered, with a deadline", func(ctx context.Context) string {
			err = handle.port.Publish(ctx, []ports.Hint{nameHint("silence")})
			return fmt.Sprint(err)
		})
		late = time.Since(began) - timeout
		cancel()
		if err == nil {
			b.violated("Publish succeeded, although nothing was answered")
		}
		if late <= most {
			return
		}
	}
	b.violated("Publish with a deadline of %v, which was not answered, ended %v late, %d times", timeout, late, tries)
}

var watched atomic.Int64

// nothingGoesOnBehindAWatch finds the goroutines that a Watch has started, by a
// label that each inherits from who starts it. The handle is made without it:
// what the harness starts is its own.
func nothingGoesOnBehindAWatch(b *notifierBench) {
	notifier, err := b.instance.Handle()
	b.must(err, "make a handle")
	label := fmt.Sprint("watch-", watched.Add(1))
	ended := make(chan error, 1)
	go pprof.Do(context.Background(), pprof.Labels("conformance", label), func(ctx context.Context) {
		ended <- watchOnce(ctx, notifier, b.limits.HintWithin)
	})
	select {
	case err := <-ended:
		b.must(err, "watch and close a handle")
	case <-time.After(b.limits.HintWithin + overstay):
		b.hangs("Watch has not returned after its ctx was cancelled")
	}
	var left string
	if !b.await(func() bool { left = goroutinesOf(label); return left == "" }) {
		b.violated("goroutines go on %v after Watch has returned and the handle was closed:\n%s", b.limits.HintWithin, left)
	}
}

// watchOnce watches until there is something to hear, and closes the handle.
func watchOnce(ctx context.Context, notifier ports.ExpiryNotifier, within time.Duration) error {
	ctx, cancel := context.WithTimeout(ctx, within)
	defer cancel()
	err := notifier.Watch(ctx, func([]ports.Hint) { cancel() })
	if closer, closes := notifier.(io.Closer); closes {
		err = errors.Join(err, closer.Close())
	}
	return err
}

// goroutinesOf is what the profile says of the goroutines with a label.
func goroutinesOf(label string) string {
	var profile bytes.Buffer
	_ = pprof.Lookup("goroutine").WriteTo(&profile, 1)
	var found []string
	for _, goroutines := range strings.Split(profile.String(), "\n\n") {
		if strings.Contains(goroutines, `"conformance":"`+label+`"`) {
			found = append(found, goroutines)
		}
	}
	return strings.Join(found, "\n\n")
}
