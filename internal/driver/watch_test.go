package driver_test

import (
	"context"
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
)

// notifier runs one script for each Watch.
type notifier struct {
	scripts []func(ctx context.Context, deliver func([]core.Hint)) error
	watches int
}

func (n *notifier) Watch(ctx context.Context, deliver func([]core.Hint)) error {
	script := n.scripts[min(n.watches, len(n.scripts)-1)]
	n.watches++
	return script(ctx, deliver)
}

func (n *notifier) Publish(context.Context, []core.Hint) error { return nil }

func watchUntilTheEnd(ctx context.Context, _ func([]core.Hint)) error {
	<-ctx.Done()
	return nil
}

func watch(ctx context.Context, n *notifier, events chan core.Event, failed func(error)) (ended chan struct{}) {
	ended = make(chan struct{})
	go func() {
		defer close(ended)
		driver.Watch(ctx, n, events, rand.New(rand.NewPCG(1, 2)), failed)
	}()
	return ended
}

func TestHintsAreCopiedAndWaitForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		n := &notifier{}
		delivered := 0
		n.scripts = append(n.scripts, func(ctx context.Context, deliver func([]core.Hint)) error {
			hints := make([]core.Hint, 1)
			for _, name := range []string{"a", "b"} {
				hints[0] = core.Hint{Kind: core.HintName, Ref: core.StreamRef{Name: name}}
				deliver(hints)
				delivered++
			}
			return watchUntilTheEnd(ctx, deliver)
		})
		events := make(chan core.Event)
		ended := watch(ctx, n, events, func(err error) { t.Error(err) })
		synctest.Wait()
		require.Zero(t, delivered)
		first := <-events
		second := <-events
		require.Equal(t, "a", first.(core.HintsReceived).Hints[0].Ref.Name)
		require.Equal(t, "b", second.(core.HintsReceived).Hints[0].Ref.Name)
		cancel()
		<-ended
	})
}

func TestANotifierThatFailsIsAGapAndIsStartedAgain(t *testing.T) {
	for name, script := range map[string]func(context.Context, func([]core.Hint)) error{
		"error": func(context.Context, func([]core.Hint)) error { return errBroken },
		"panic": func(context.Context, func([]core.Hint)) error { panic("connection reset") },
		"end":   func(context.Context, func([]core.Hint)) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithCancel(t.Context())
				n := &notifier{}
				n.scripts = append(n.scripts, script, script, watchUntilTheEnd)
				events := make(chan core.Event, 10)
				var failures []error
				ended := watch(ctx, n, events, func(err error) { failures = append(failures, err) })

				gap := core.HintsReceived{Hints: []core.Hint{{Kind: core.HintGap}}}
				require.Equal(t, gap, <-events)
				require.Equal(t, gap, <-events)
				time.Sleep(time.Minute)
				synctest.Wait()
				require.Equal(t, 3, n.watches)
				require.Len(t, failures, 2)
				require.Error(t, failures[0])
				cancel()
				<-ended
			})
		})
	}
}

func TestTheTimeBetweenTwoTriesGrowsToABound(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		n := &notifier{}
		var starts []time.Time
		n.scripts = append(n.scripts, func(context.Context, func([]core.Hint)) error {
			starts = append(starts, time.Now())
			return errBroken
		})
		events := make(chan core.Event, 1000)
		ended := watch(ctx, n, events, func(error) {})
		time.Sleep(5 * time.Minute)
		cancel()
		<-ended

		require.Less(t, starts[1].Sub(starts[0]), 101*time.Millisecond)
		for i := 1; i < len(starts); i++ {
			pause := starts[i].Sub(starts[i-1])
			require.LessOrEqual(t, pause, 10*time.Second)
			require.Positive(t, pause)
		}
		last := len(starts) - 1
		require.GreaterOrEqual(t, starts[last].Sub(starts[last-1]), 5*time.Second)
	})
}

func TestWatchEndsWithItsContextAlsoWhenNobodyReads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		n := &notifier{}
		n.scripts = append(n.scripts, func(ctx context.Context, deliver func([]core.Hint)) error {
			for ctx.Err() == nil {
				deliver([]core.Hint{{Kind: core.HintGap}})
			}
			return nil
		})
		ended := watch(ctx, n, make(chan core.Event), func(err error) { t.Error(err) })
		synctest.Wait()
		cancel()
		<-ended
	})
}
