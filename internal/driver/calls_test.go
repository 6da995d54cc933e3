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

// runner is Calls in a synctest bubble, where time is virtual.
type runner struct {
	*driver.Calls
	answers chan core.Event
	start   time.Time
}

func newRunner(port *port) *runner {
	r := &runner{answers: make(chan core.Event, 1), start: time.Now()}
	translator := driver.Translator{Ports: port.set(), Member: member}
	r.Calls = driver.NewCalls(translator, nil, r.now, r.answers)
	return r
}

func (r *runner) now() time.Duration { return time.Since(r.start) }

func heartbeat(id core.CallID) core.Command {
	return core.SendHeartbeat{Call: core.Call{ID: id, Timeout: time.Second}}
}

func untilCancelled(ctx context.Context) { <-ctx.Done() }

func TestAnAnswerCarriesTheInstantBeforeTheCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := newPort()
		port.block = func(context.Context) { time.Sleep(300 * time.Millisecond) }
		r := newRunner(port)
		time.Sleep(time.Minute)
		r.Start(heartbeat(1))
		head, _ := answered(t, <-r.answers)
		require.Equal(t, time.Minute, head.Sent)
		require.Equal(t, time.Minute+300*time.Millisecond, r.now())
		require.True(t, r.Stop(time.Second))
	})
}

func TestACallEndsByItsTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := newPort()
		port.block, port.err = untilCancelled, context.DeadlineExceeded
		r := newRunner(port)
		r.Start(heartbeat(1))
		head, _ := answered(t, <-r.answers)
		require.ErrorIs(t, head.Err, context.DeadlineExceeded)
		require.Equal(t, time.Second, r.now())
		require.True(t, r.Stop(time.Second))
	})
}

func TestAFetchMayWaitItsWaitInAddition(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := newPort()
		port.block = untilCancelled
		r := newRunner(port)
		r.Start(core.SendFetch{Call: core.Call{ID: 1, Timeout: time.Second}, Wait: 5 * time.Second})
		<-r.answers
		require.Equal(t, 6*time.Second, r.now())
		require.True(t, r.Stop(time.Second))
	})
}

func TestCancelEndsThatCallAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := newPort()
		port.block = untilCancelled
		r := newRunner(port)
		r.Start(core.SendFetch{Call: core.Call{ID: 1, Timeout: time.Second}, Wait: time.Minute})
		synctest.Wait()
		r.Start(heartbeat(2))
		synctest.Wait()
		r.Cancel(1)
		head, _ := answered(t, <-r.answers)
		require.Equal(t, core.CallID(1), head.Call)
		require.Zero(t, r.now())
		head, _ = answered(t, <-r.answers)
		require.Equal(t, core.CallID(2), head.Call)
		require.Equal(t, time.Second, r.now())
		r.Cancel(1) // it has ended: nothing happens
		require.True(t, r.Stop(time.Second))
	})
}

func TestACallWhosePortDoesNotReturnIsAnsweredOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := newPort()
		released := make(chan struct{})
		port.block = func(context.Context) { <-released }
		r := newRunner(port)
		r.Start(heartbeat(1))
		head, _ := answered(t, <-r.answers)
		require.ErrorContains(t, head.Err, "has not returned")
		require.NotErrorIs(t, head.Err, core.ErrRefused)
		require.Equal(t, 2*time.Second, r.now())

		close(released)
		synctest.Wait()
		require.Empty(t, r.answers, "the late answer is dropped")
		require.True(t, r.Stop(time.Second))
	})
}

func TestCallsThatNeverReturnAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := newPort()
		released, made := make(chan struct{}), make(chan struct{}, 1000)
		port.block = func(context.Context) { made <- struct{}{}; <-released }
		r := newRunner(port)
		for id := range core.CallID(100) {
			r.Start(heartbeat(id))
			head, _ := answered(t, <-r.answers)
			require.Error(t, head.Err)
			require.Equal(t, id, head.Call)
		}
		require.Len(t, made, 64)
		close(released)
		require.True(t, r.Stop(time.Second))
	})
}

func TestStopEndsWhatIsUnderWayAndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := newPort()
		port.block = func(ctx context.Context) { <-ctx.Done(); time.Sleep(100 * time.Millisecond) }
		r := newRunner(port)
		for id := range core.CallID(10) {
			r.Start(heartbeat(id))
			synctest.Wait()
		}
		require.True(t, r.Stop(time.Second), "nobody reads the answers")
		require.Equal(t, 100*time.Millisecond, r.now())
		require.True(t, r.Stop(time.Second), "again")

		r.Start(heartbeat(11))
		synctest.Wait()
		require.Len(t, port.calls, 10, "nothing starts after the end")
	})
}

func TestStopDoesNotWaitForEverForAPort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := newPort()
		released := make(chan struct{})
		port.block = func(context.Context) { <-released }
		r := newRunner(port)
		r.Start(heartbeat(1))
		synctest.Wait()
		require.False(t, r.Stop(time.Second))
		require.Equal(t, time.Second, r.now())
		close(released)
		require.True(t, r.Stop(time.Second))
	})
}
