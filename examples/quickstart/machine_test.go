package main

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

func answer(context.Context) (int, error) { return 7, nil }

func untilCutOff(ctx context.Context) (int, error) {
	<-ctx.Done()
	return 0, context.Cause(ctx)
}

func TestAMachineThatRunsPassesCallsOn(t *testing.T) {
	got, err := ask(t.Context(), newMachine(), answer)
	require.NoError(t, err)
	require.Equal(t, 7, got)
}

func TestADeadMachineNeverAnswers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		m.kill()
		require.True(t, m.isDead())
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		begun := time.Now()
		_, err := ask(ctx, m, answer)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(begun))
	})
}

func TestACallThatIsUnderWayIsCutOffWhenTheMachineHalts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var reached time.Duration
		begun := time.Now()
		go func() {
			time.Sleep(time.Second)
			m.freeze()
		}()
		_, err := ask(ctx, m, func(ctx context.Context) (int, error) {
			defer func() { reached = time.Since(begun) }()
			return untilCutOff(ctx)
		})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, reached, "the store should see the call end when the machine halts")
		require.Equal(t, time.Minute, time.Since(begun), "nobody should hear an answer from a machine that stands still")
	})
}

func TestAThawedMachineGoesOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine()
		m.freeze()
		begun := time.Now()
		go func() {
			time.Sleep(time.Second)
			m.thaw()
		}()
		m.stand()
		require.Equal(t, time.Second, time.Since(begun))
		_, err := ask(t.Context(), m, answer)
		require.NoError(t, err)
	})
}
