package streamlease_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/ports"
)

func position(w *world, stream *streamlease.Stream) string {
	w.t.Helper()
	position, err := stream.Checkpoint(w.t.Context())
	require.NoError(w.t, err)
	return position
}

func save(w *world, stream *streamlease.Stream, position string) {
	w.t.Helper()
	require.NoError(w.t, stream.SaveCheckpoint(w.t.Context(), position))
}

func TestANewOwnerGoesOnWhereTheOldOneStopped(t *testing.T) {
	inBubble(t, func(w *world) {
		first := w.join("m1", manual)
		stream := w.one(first, "s1")
		require.Empty(w.t, position(w, stream), "nothing was saved yet")
		save(w, stream, "7-1")
		save(w, stream, "any\x00\xff bytes")
		require.Equal(w.t, "any\x00\xff bytes", position(w, stream))
		second := w.join("m2")
		require.NoError(w.t, stream.HandOff(w.t.Context()))
		require.Equal(w.t, "any\x00\xff bytes", position(w, second.added(1)["s1"]))
	})
}

func TestACheckpointIsAskedForOnce(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		for range 3 {
			position(w, stream)
		}
		require.Equal(w.t, 1, w.faults.calls("Load"))
		save(w, stream, "1-1")
		require.Equal(w.t, "1-1", position(w, stream))
		require.Equal(w.t, 1, w.faults.calls("Load"))
	})
}

func TestAnotherAssignmentOfTheNameBeginsAtItsBeginning(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		save(w, stream, "7-1")
		require.NoError(w.t, stream.Done(w.t.Context()))
		require.Empty(w.t, position(w, w.one(m, "s1")))
	})
}

func TestSavesThatComeTogetherGoOutInBatches(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		w.announce(names(50)...)
		release := w.faults.holding("Save")
		var saving sync.WaitGroup
		for _, stream := range m.added(50) {
			saving.Go(func() { save(w, stream, stream.Ref().Name) })
		}
		synctest.Wait()
		release()
		saving.Wait()
		require.LessOrEqual(w.t, w.faults.calls("Save"), 2, "the first goes at once, the others with the second")
	})
}

func TestOfSavesAtTheSameTimeTheOneThatWasCalledLastCounts(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		release := w.faults.holding("Save")
		var saving sync.WaitGroup
		for i := range 10 {
			saving.Go(func() { save(w, stream, fmt.Sprint(i)) })
			synctest.Wait()
		}
		release()
		saving.Wait()
		require.Equal(w.t, "9", position(w, stream))
		w.join("m2", manual)
		require.NoError(w.t, stream.HandOff(w.t.Context()))
		require.Equal(w.t, "9", position(w, m.added(1)["s1"]))
	})
}

func TestAZombieCannotMoveAPositionBack(t *testing.T) {
	inBubble(t, func(w *world) {
		first := w.join("m1", manual)
		zombie := w.one(first, "s1")
		save(w, zombie, "5-1")
		// A later owner begins, and nobody has told the zombie.
		results, err := w.service.Checkpoints.Load(w.t.Context(), []ports.LoadRequest{{Ref: zombie.Ref(), Token: zombie.Token() + 1}})
		require.NoError(w.t, err)
		require.Equal(w.t, []ports.LoadResult{{Position: "5-1"}}, results)
		err = zombie.SaveCheckpoint(w.t.Context(), "4-1")
		require.ErrorIs(w.t, err, streamlease.ErrDisowned)
		require.ErrorContains(w.t, err, "s1:")
	})
}

func TestAfterTheEndACheckpointAnswersAsDoneDoes(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", manual)
		for name, end := range map[string]struct {
			how  func(*streamlease.Stream, context.Context) error
			want error
		}{
			"done":   {(*streamlease.Stream).Done, streamlease.ErrDone},
			"handed": {(*streamlease.Stream).HandOff, streamlease.ErrNotOwned},
		} {
			stream := w.one(m, name)
			save(w, stream, "1-1")
			require.NoError(w.t, end.how(stream, w.t.Context()))
			require.ErrorIs(w.t, stream.SaveCheckpoint(w.t.Context(), "2-1"), end.want)
			_, err := stream.Checkpoint(w.t.Context())
			require.ErrorIs(w.t, err, end.want)
		}
	})
}

func TestDoneClosesTheCheckpointAndAnHourLaterItIsGone(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		save(w, stream, "5-1")
		require.NoError(w.t, stream.Done(w.t.Context()))
		late := []ports.SaveRequest{{Ref: stream.Ref(), Token: stream.Token(), Number: 9, Position: "late"}}
		results, err := w.service.Checkpoints.Save(w.t.Context(), late)
		require.NoError(w.t, err)
		require.ErrorIs(w.t, results[0].Err, streamlease.ErrDone)
		time.Sleep(ports.FinishedFor) // virtual
		loaded, err := w.service.Checkpoints.Load(w.t.Context(), []ports.LoadRequest{{Ref: stream.Ref(), Token: 1}})
		require.NoError(w.t, err)
		require.Equal(w.t, []ports.LoadResult{{}}, loaded)
	})
}

func TestAStreamIsNotDoneBeforeItsCheckpointIsClosed(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		save(w, stream, "5-1")
		w.faults.failing(errCut, "Finish")
		err := stream.Done(w.within(ttl))
		require.ErrorIs(w.t, err, streamlease.ErrUnknownOutcome)
		require.False(w.t, w.gone(stream.Ref()))
		w.faults.failing(nil, "Finish")
		require.NoError(w.t, stream.Done(w.t.Context()))
		require.True(w.t, w.gone(stream.Ref()))
	})
}

func TestWhatBecameOfASaveIsToldAsItIs(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		refusal := &ports.RefusedError{Server: "s", Command: "SET", Cause: errCut}

		w.faults.failing(errCut, "Save")
		require.ErrorIs(w.t, stream.SaveCheckpoint(w.t.Context(), "1-1"), streamlease.ErrUnknownOutcome)
		w.faults.failing(refusal, "Save")
		err := stream.SaveCheckpoint(w.t.Context(), "1-1")
		require.ErrorIs(w.t, err, streamlease.ErrRefused)
		require.NotErrorIs(w.t, err, streamlease.ErrUnknownOutcome)
		w.faults.failing(nil, "Save")

		w.faults.losing("Save", true)
		require.ErrorIs(w.t, stream.SaveCheckpoint(w.t.Context(), "2-1"), streamlease.ErrUnknownOutcome)
		w.faults.losing("Save", false)
		require.Equal(w.t, "2-1", position(w, stream), "it was saved all the same")

		require.ErrorIs(w.t, stream.SaveCheckpoint(w.t.Context(), strings.Repeat("x", ports.MaxPositionBytes+1)), streamlease.ErrInvalid)
		save(w, stream, strings.Repeat("x", ports.MaxPositionBytes))
		require.ErrorIs(w.t, stream.SaveCheckpoint(w.cancelled(), "3-1"), context.Canceled)

		release := w.faults.holding("Save")
		err = stream.SaveCheckpoint(w.within(ttl/100), "4-1")
		require.ErrorIs(w.t, err, context.DeadlineExceeded)
		require.ErrorIs(w.t, err, streamlease.ErrUnknownOutcome)
		release()
	})
}

func TestASaveThatIsUnderWayWhenTheClientEndsIsAnswered(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1")
		stream := w.one(m, "s1")
		w.faults.holding("Save")
		answers := make(chan error, 2)
		for range 2 {
			go func() { answers <- stream.SaveCheckpoint(context.Background(), "1-1") }()
			synctest.Wait()
		}
		m.end()
		for range 2 {
			require.ErrorIs(w.t, <-answers, streamlease.ErrClosed)
		}
		require.ErrorIs(w.t, stream.SaveCheckpoint(w.t.Context(), "2-1"), streamlease.ErrClosed)
	})
}

func TestWithoutThePortACheckpointIsAnInvalidCall(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", func(config *streamlease.Config) { config.Ports.Checkpoints = nil })
		stream := w.one(m, "s1")
		_, err := stream.Checkpoint(w.t.Context())
		require.ErrorIs(w.t, err, streamlease.ErrInvalid)
		require.ErrorIs(w.t, stream.SaveCheckpoint(w.t.Context(), "1-1"), streamlease.ErrInvalid)
		require.NoError(w.t, stream.Done(w.t.Context()))
	})
}

// brokenCheckpoints is a port that fails as badly as it can.
type brokenCheckpoints struct{ ports.Checkpoints }

func (brokenCheckpoints) Save(context.Context, []ports.SaveRequest) ([]ports.SaveResult, error) {
	panic("index out of range")
}

func (brokenCheckpoints) Load(context.Context, []ports.LoadRequest) ([]ports.LoadResult, error) {
	return nil, nil
}

func TestAPortThatDoesNotKeepToItsContractIsAnUnknownOutcome(t *testing.T) {
	inBubble(t, func(w *world) {
		m := w.join("m1", func(config *streamlease.Config) {
			config.Ports.Checkpoints = brokenCheckpoints{config.Ports.Checkpoints}
		})
		stream := w.one(m, "s1")
		_, err := stream.Checkpoint(w.t.Context())
		require.ErrorIs(w.t, err, streamlease.ErrUnknownOutcome)
		require.ErrorContains(w.t, err, "0 results")
		err = stream.SaveCheckpoint(w.t.Context(), "1-1")
		require.ErrorIs(w.t, err, streamlease.ErrUnknownOutcome)
		require.ErrorContains(w.t, err, "index out of range")
	})
}

func TestWhoSavesItsCheckpointIsNotStuck(t *testing.T) {
	inBubble(t, func(w *world) {
		ref := w.announce("s1")[0]
		s := w.run("m1", func(ctx context.Context, s *streamlease.Stream) error {
			for i := range 20 {
				time.Sleep(3 * ttl)
				save(w, s, fmt.Sprint(i))
				require.NoError(w.t, ctx.Err())
			}
			return nil
		}, func(config *streamlease.Config) { config.StuckAfter = 5 * ttl })
		time.Sleep(100 * ttl)
		require.True(w.t, w.gone(ref))
		require.NoError(w.t, s.end())
	})
}
