package streamlease_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/ports"
)

// announcer answers as its functions say and counts what it is asked.
type announcer struct {
	announce func(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error)
	batches  atomic.Int32
	closes   atomic.Int32
}

func (a *announcer) Announce(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
	a.batches.Add(1)
	return a.announce(ctx, assignments)
}

func (a *announcer) Close() error {
	a.closes.Add(1)
	return nil
}

func accept(_ context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
	results := make([]ports.AnnounceResult, len(assignments))
	for i, assignment := range assignments {
		results[i].Ref = streamlease.StreamRef{Name: assignment.Ref.Name, MessageID: "1-0"}
	}
	return results, nil
}

func assignmentsOf(names ...string) []streamlease.Assignment {
	var assignments []streamlease.Assignment
	for _, name := range names {
		assignments = append(assignments, streamlease.Assignment{Ref: streamlease.StreamRef{Name: name}})
	}
	return assignments
}

func TestAnnounceAnswersTheRefsInOrder(t *testing.T) {
	port := &announcer{announce: accept}
	publisher := streamlease.NewPublisher(port)
	refs, err := publisher.Announce(t.Context(), assignmentsOf(names(1200)...)...)
	require.NoError(t, err)
	require.Len(t, refs, 1200)
	for i, ref := range refs {
		require.Equal(t, fmt.Sprintf("s%04d", i), ref.Name)
	}
	require.EqualValues(t, 3, port.batches.Load(), "no batch holds up the store for long")

	refs, err = publisher.Announce(t.Context())
	require.NoError(t, err)
	require.Empty(t, refs)
}

func TestAnAssignmentThatBreaksTheRulesAnnouncesNothing(t *testing.T) {
	port := &announcer{announce: accept}
	publisher := streamlease.NewPublisher(port)
	bad := []streamlease.Assignment{
		{},
		{Ref: streamlease.StreamRef{Name: "a\xff"}},
		{Ref: streamlease.StreamRef{Name: strings.Repeat("x", 1<<16+1)}},
		{Ref: streamlease.StreamRef{Name: "list"}, Info: streamlease.Info(`[1]`)},
		{Ref: streamlease.StreamRef{Name: "large"}, Info: streamlease.Info(`{"a":"` + strings.Repeat("x", 1<<16) + `"}`)},
	}
	for _, assignment := range bad {
		_, err := publisher.Announce(t.Context(), assignmentsOf("good")[0], assignment)
		require.ErrorIs(t, err, streamlease.ErrInvalid)
		require.ErrorContains(t, err, "assignment 1")
	}
	_, err := publisher.Announce(t.Context(), bad...)
	for i := range bad {
		require.ErrorContains(t, err, fmt.Sprintf("assignment %d", i))
	}
	require.Zero(t, port.batches.Load())
}

func TestAnnounceSaysWhatBecameOfEachStream(t *testing.T) {
	refusal := &streamlease.RefusedError{Server: "redis:6379", Command: "XADD"}
	publisher := streamlease.NewPublisher(&announcer{
		announce: func(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
			results, err := accept(ctx, assignments)
			results[1].Err = refusal
			results[2].Err = errCut
			return results, err
		},
	})
	refs, err := publisher.Announce(t.Context(), assignmentsOf("a", "b", "c", "d")...)
	require.ErrorIs(t, err, streamlease.ErrRefused)
	require.ErrorIs(t, err, streamlease.ErrUnknownOutcome)
	require.ErrorContains(t, err, `"b"`)
	require.ErrorContains(t, err, `"c"`)
	require.NotContains(t, err.Error(), `"d"`)
	require.Equal(t, []streamlease.StreamRef{{Name: "a", MessageID: "1-0"}, {}, {}, {Name: "d", MessageID: "1-0"}}, refs)
}

func TestNothingIsSentAfterACallThatFailed(t *testing.T) {
	for _, c := range []struct {
		err     error
		unknown bool
	}{{errCut, true}, {&streamlease.RefusedError{Command: "XADD"}, false}} {
		calls := 0
		publisher := streamlease.NewPublisher(&announcer{
			announce: func(ctx context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
				if calls++; calls == 2 {
					return nil, c.err
				}
				return accept(ctx, assignments)
			},
		})
		refs, err := publisher.Announce(t.Context(), assignmentsOf(names(1600)...)...)
		require.ErrorIs(t, err, c.err)
		require.Equal(t, c.unknown, errors.Is(err, streamlease.ErrUnknownOutcome))
		require.ErrorContains(t, err, "600 after them were not sent")
		require.Equal(t, 2, calls)
		require.Len(t, refs, 1600)
		require.NotZero(t, refs[499])
		require.Zero(t, refs[500])
	}
}

func TestResultsThatAreNotOneForEachAssignmentAreAnUnknownOutcome(t *testing.T) {
	publisher := streamlease.NewPublisher(&announcer{
		announce: func(context.Context, []ports.Assignment) ([]ports.AnnounceResult, error) { return nil, nil },
	})
	_, err := publisher.Announce(t.Context(), assignmentsOf("a")...)
	require.ErrorIs(t, err, streamlease.ErrUnknownOutcome)
}

func TestAnnounceReturnsAtOnceWhenItsCtxEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		port := &announcer{
			announce: func(_ context.Context, assignments []ports.Assignment) ([]ports.AnnounceResult, error) {
				time.Sleep(3 * time.Second) // it does not look at its ctx
				return nil, errors.New(assignments[0].Ref.Name)
			},
		}
		publisher := streamlease.NewPublisher(port)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		assignments := assignmentsOf("a")
		_, err := publisher.Announce(ctx, assignments...)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, streamlease.ErrUnknownOutcome)
		require.Equal(t, time.Second, time.Since(start))
		assignments[0].Ref.Name = "used again"

		_, err = publisher.Announce(ctx, assignments...)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.NotErrorIs(t, err, streamlease.ErrUnknownOutcome, "nothing was sent")

		require.NoError(t, publisher.Close())
		require.Equal(t, 3*time.Second, time.Since(start), "Close waits for what is under way")
	})
}

func TestAnnounceWithoutADeadlineIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		publisher := streamlease.NewPublisher(&announcer{
			announce: func(ctx context.Context, _ []ports.Assignment) ([]ports.AnnounceResult, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			},
		})
		start := time.Now()
		_, err := publisher.Announce(context.Background(), assignmentsOf("a")...)
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorIs(t, err, streamlease.ErrUnknownOutcome)
		require.Equal(t, 5*time.Second, time.Since(start))
	})
}

func TestAPublisherIsClosedOnce(t *testing.T) {
	port := &announcer{announce: accept}
	publisher := streamlease.NewPublisher(port)
	require.NoError(t, publisher.Close())
	require.NoError(t, publisher.Close())
	require.EqualValues(t, 1, port.closes.Load())
	_, err := publisher.Announce(t.Context(), assignmentsOf("a")...)
	require.ErrorIs(t, err, streamlease.ErrClosed)
}

func TestAPublisherWithoutAnAnnouncerSaysSo(t *testing.T) {
	publisher := streamlease.NewPublisher(nil)
	_, err := publisher.Announce(t.Context(), assignmentsOf("a")...)
	require.ErrorIs(t, err, streamlease.ErrInvalid)
	require.NoError(t, publisher.Close())
}
