package driver_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
)

// observer notes what it hears of calls; each takes it a while to end.
type observer struct {
	returned []core.Event
	slowness time.Duration
	port     context.Context // what the port was called with
}

type inCall struct{}

func (o *observer) Begin(ctx context.Context, _ core.Command) (context.Context, driver.Observation) {
	return context.WithValue(ctx, inCall{}, true), o
}

func (o *observer) Returned(answer core.Event) { o.returned = append(o.returned, answer) }

func (o *observer) End() { time.Sleep(o.slowness) }

func newObserved(port *port, o *observer) *runner {
	r := &runner{answers: make(chan core.Event, 1), start: time.Now()}
	r.Calls = driver.NewCalls(driver.Translator{Ports: port.set(), Member: member}, o, r.now, r.answers)
	return r
}

func TestAnObserverHearsWhatTheMachineHears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o, port := &observer{}, newPort()
		port.block = func(ctx context.Context) { o.port = ctx }
		port.panics = "a bug"
		r := newObserved(port, o)
		r.Start(heartbeat(1))
		answer := <-r.answers
		require.True(t, r.Stop(time.Second))
		require.Equal(t, []core.Event{answer}, o.returned, "also of a call that panicked")
		require.Equal(t, true, o.port.Value(inCall{}), "the port was not called with the observer's ctx")
	})
}

func TestASlowObserverHoldsUpNoAnswerAndNoOtherCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := newObserved(newPort(), &observer{slowness: time.Hour})
		for id := range core.CallID(200) {
			r.Start(heartbeat(id))
			head, _ := answered(t, <-r.answers)
			require.NoError(t, head.Err)
		}
		require.Zero(t, r.now())
		require.True(t, r.Stop(2*time.Hour))
	})
}
