package timeline

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

// told is a history in which things happen a second apart.
func told(members []string, events ...Event) *History {
	h := NewHistory(members...)
	for _, event := range events {
		time.Sleep(time.Second)
		h.Record(event)
	}
	return h
}

// oneIsLost tells of a member B that was lost in the given way, and of A that
// took over its stream two seconds later.
func oneIsLost(loss Kind) *History {
	return told([]string{"A", "B"},
		Event{Kind: Announced, Stream: "s1"},
		Event{Kind: Added, Member: "B", Stream: "s1", Token: 1},
		Event{Kind: loss, Member: "B", Stream: "s1", Token: 1},
		Event{Kind: Said, Note: "nothing happens"},
		Event{Kind: Added, Member: "A", Stream: "s1", Token: 2},
	)
}

func TestATakeoverIsTimedFromTheLoss(t *testing.T) {
	for _, loss := range []Kind{Killed, Frozen, Disowned} {
		t.Run(string(loss), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				takeovers := oneIsLost(loss).Facts().Takeovers()
				require.Equal(t, []Takeover{{Stream: "s1", From: "B", To: "A", Kind: loss, Took: 2 * time.Second}}, takeovers)
				require.Equal(t, 2*time.Second, TimesOf(takeovers, loss).Median())
				require.Equal(t, 2*time.Second, TimesOf(takeovers, loss).Max())
			})
		})
	}
}

func TestWordOfAnEarlierOwnerDoesNotMakeItTheLast(t *testing.T) {
	h := NewHistory("A", "B")
	h.Record(Event{Kind: Added, Member: "A", Stream: "s1", Token: 2})
	h.Record(Event{Kind: Added, Member: "B", Stream: "s1", Token: 1})
	h.Record(Event{Kind: Disowned, Member: "B", Stream: "s1", Token: 1})
	require.Equal(t, []string{"s1"}, h.Facts().OwnedBy("A"))
	require.Empty(t, h.Facts().OwnedBy("B"))
}

func TestAFinishedStreamHasNoOwner(t *testing.T) {
	h := NewHistory("A")
	h.Record(Event{Kind: Added, Member: "A", Stream: "s1", Token: 1})
	h.Record(Event{Kind: Finished, Member: "A", Stream: "s1", Token: 1})
	facts := h.Facts()
	require.Empty(t, facts.OwnedBy("A"))
	require.Equal(t, 1, facts.FinishedBy("A"))
	require.Equal(t, 1, facts.FinishedBy(""))
}

func TestUntilIsAskedAgainAfterEveryEvent(t *testing.T) {
	h := NewHistory()
	asked := make(chan struct{}, 1)
	ended := make(chan error)
	go func() {
		ended <- h.Until(t.Context(), func() bool {
			select {
			case asked <- struct{}{}:
			default:
			}
			return h.Facts().Count(Announced) == 2
		})
	}()
	<-asked
	h.Record(Event{Kind: Announced, Stream: "s1"})
	h.Record(Event{Kind: Announced, Stream: "s2"})
	require.NoError(t, <-ended)
}

func TestUntilEndsWithTheCauseOfItsContext(t *testing.T) {
	cause := errors.New("too long")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(cause)
	require.ErrorIs(t, NewHistory().Until(ctx, func() bool { return false }), cause)
}

func TestFactsAreACopy(t *testing.T) {
	h := oneAdded()
	before := h.Facts()
	h.Record(Event{Kind: Working, Member: "A", Stream: "s1", Token: 1})
	h.Record(Event{Kind: Killed, Member: "A"})
	require.False(t, before.Streams[0].Tenures[0].Working)
	require.Empty(t, before.Member("A").Outages)
	require.True(t, h.Facts().Streams[0].Tenures[0].Working)
	require.Len(t, h.Facts().Member("A").Outages, 1)
}

func oneAdded() *History {
	h := NewHistory("A")
	h.Record(Event{Kind: Added, Member: "A", Stream: "s1", Token: 1})
	return h
}

func TestTheSummaryCounts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := oneIsLost(Killed)
		h.Record(Event{Kind: Refused, Member: "B", Stream: "s1", Token: 1, Note: "old token"})
		h.Record(Event{Kind: Finished, Member: "A", Stream: "s1", Token: 2})
		require.Equal(t, `  streams         1 announced, 1 finished
  tenures         2, of which 1 were takeovers
  after kill      1 streams had a new owner: p50 2.00 s, max 2.00 s
  late writes     1 refused
  finished by     A 1, B 0
  time            5.00 s
`, h.Facts().Summary())
	})
}
