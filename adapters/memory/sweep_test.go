package memory_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

var sweepRequest = ports.SweepRequest{Limit: 2, Interval: 30 * time.Second, PerSecond: 2}

func TestSweepNeverAnswersWhatWasNotDelivered(t *testing.T) {
	s := newSourceStory(t)
	refs := s.announce("delivered", "not delivered", "claimed", "claimed and given back")
	s.fetch(alice, 1)
	s.taken(bob, refs[2], 1)
	s.taken(bob, refs[3], 2)
	s.handedOff(bob, refs[3], 2)
	page := s.sweep(ports.SweepRequest{Limit: 10})
	require.Empty(t, page.Due)
	require.Equal(t, refs[:1], sweptRefs(page.Round))

	s.fetch(alice, 10)
	page = s.sweep(ports.SweepRequest{Limit: 10})
	require.Equal(t, refs[3:], sweptRefs(page.Due), "given back before it was delivered, and due since")
	require.Equal(t, refs, sweptRefs(page.Round))
	s.taken(carol, refs[3], 3)
	require.Empty(t, s.sweep(ports.SweepRequest{Limit: 10}).Due)
}

func TestSweepAnswersFirstWhatIsDueOldestFirst(t *testing.T) {
	s := newSourceStory(t)
	slow := s.delivered(alice, "slow")
	fast := s.delivered(alice, "fast")
	now := s.delivered(alice, "now")
	s.taken(alice, slow, 1)
	s.taken(alice, fast, 2)
	s.taken(alice, now, 3)
	s.settled(alice, ports.Settlement{Ref: slow, Token: 1, Outcome: ports.Failed, RetryIn: 20 * time.Second})
	s.settled(alice, ports.Settlement{Ref: fast, Token: 2, Outcome: ports.Failed, RetryIn: 10 * time.Second})
	s.handedOff(alice, now, 3)

	require.Equal(t, []ports.StreamRef{now}, sweptRefs(s.sweep(sweepRequest).Due))
	s.clock.Advance(10 * time.Second)
	require.Equal(t, []ports.StreamRef{now, fast}, sweptRefs(s.sweep(sweepRequest).Due))
	s.clock.Advance(10 * time.Second)
	page := s.sweep(sweepRequest)
	require.Equal(t, []ports.StreamRef{now, fast}, sweptRefs(page.Due))
	require.True(t, page.More)

	s.taken(bob, now, 4)
	page = s.sweep(sweepRequest)
	require.Equal(t, []ports.StreamRef{fast, slow}, sweptRefs(page.Due))
	require.False(t, page.More)

	s.taken(bob, fast, 5)
	s.settled(bob, ports.Settlement{Ref: fast, Token: 5, Outcome: ports.Done})
	require.Equal(t, []ports.StreamRef{slow}, sweptRefs(s.sweep(sweepRequest).Due))
}

func TestSweepSaysWhatBecameOfEach(t *testing.T) {
	s := newSourceStory(t)
	fresh := s.delivered(alice, "fresh")
	taken := s.delivered(alice, "taken")
	failed := s.delivered(alice, "failed")
	s.clock.Advance(time.Second)
	s.taken(alice, taken, 10)
	s.taken(bob, failed, 11)
	s.clock.Advance(time.Second)
	s.settled(bob, ports.Settlement{Ref: failed, Token: 11, Outcome: ports.Failed, RetryIn: time.Minute})
	s.clock.Advance(time.Second)

	page := s.sweep(ports.SweepRequest{Limit: 10})
	for i := range page.Round {
		require.NotEmpty(t, page.Round[i].Assignment.Info)
		page.Round[i].Assignment.Info = nil
	}
	require.Equal(t, []ports.Swept{
		{Assignment: ports.Assignment{Ref: fresh}, Age: 3 * time.Second},
		{Assignment: ports.Assignment{Ref: taken}, Token: 10, Taker: alice.Incarnation, Age: 2 * time.Second},
		{Assignment: ports.Assignment{Ref: failed}, Token: 11, Taker: bob.Incarnation, Settled: true, Age: time.Second, RetryIn: 59 * time.Second},
	}, page.Round)
}

func TestARoundIsTheWholeFleetsAtItsPace(t *testing.T) {
	s := newSourceStory(t)
	refs := s.announce("a", "b", "c", "d", "e")
	s.fetch(alice, 5)

	first := s.sweep(sweepRequest)
	require.Equal(t, refs[:2], sweptRefs(first.Round))
	require.Equal(t, int64(1), first.RoundNumber)
	require.Equal(t, time.Second, first.NextIn, "two entries at two a second")

	s.clock.Advance(time.Second / 2)
	tooEarly := s.sweep(sweepRequest)
	require.Empty(t, tooEarly.Round, "each page goes to one member, at the pace")
	require.Equal(t, time.Second/2, tooEarly.NextIn)

	s.clock.Advance(time.Second / 2)
	require.Equal(t, refs[2:4], sweptRefs(s.sweep(sweepRequest).Round))
	s.clock.Advance(time.Second)
	last := s.sweep(sweepRequest)
	require.Equal(t, refs[4:], sweptRefs(last.Round))
	require.Equal(t, int64(5), last.RoundSize)
	require.Equal(t, 28*time.Second, last.NextIn, "the interval counts from the beginning of the round")

	s.clock.Advance(27 * time.Second)
	require.Empty(t, s.sweep(sweepRequest).Round)
	s.clock.Advance(time.Second)
	again := s.sweep(sweepRequest)
	require.Equal(t, refs[:2], sweptRefs(again.Round), "a page that was lost comes again in the next round")
	require.Equal(t, int64(2), again.RoundNumber)
}

func TestARoundThatTakesLongerThanTheIntervalIsFollowedByTheNextAtItsPace(t *testing.T) {
	s := newSourceStory(t)
	s.announce("a", "b", "c")
	s.fetch(alice, 3)
	request := ports.SweepRequest{Limit: 2, Interval: time.Second, PerSecond: 1}
	s.sweep(request)
	s.clock.Advance(2 * time.Second)
	last := s.sweep(request)
	require.Len(t, last.Round, 1)
	require.Equal(t, time.Second, last.NextIn)
}

func TestARoundEndsAlsoWhenMoreIsDeliveredAllTheTime(t *testing.T) {
	s := newSourceStory(t)
	s.announce("a", "b", "c")
	s.fetch(alice, 3)
	s.sweep(sweepRequest)
	later := s.announce("d", "e")
	s.fetch(alice, 2)
	s.clock.Advance(time.Second)
	last := s.sweep(sweepRequest)
	require.Len(t, last.Round, 1)
	require.Equal(t, int64(3), last.RoundSize)
	s.clock.Advance(time.Minute)
	s.sweep(sweepRequest)
	s.clock.Advance(time.Second)
	require.Equal(t, later[0], s.sweep(sweepRequest).Round[1].Assignment.Ref)
}

func TestARoundGoesOnWhileItsEntriesAreSettled(t *testing.T) {
	s := newSourceStory(t)
	refs := s.announce("a", "b", "c", "d")
	s.fetch(alice, 4)
	s.sweep(sweepRequest)
	for i, gone := range refs[:3] {
		s.taken(alice, gone, ports.Token(i+1))
		s.settled(alice, ports.Settlement{Ref: gone, Token: ports.Token(i + 1), Outcome: ports.Done})
	}
	s.clock.Advance(time.Second)
	require.Equal(t, refs[3:], sweptRefs(s.sweep(sweepRequest).Round))
}

func TestAnEmptyRoundIsARound(t *testing.T) {
	s := newSourceStory(t)
	first := s.sweep(sweepRequest)
	require.Equal(t, int64(1), first.RoundNumber)
	require.Zero(t, first.RoundSize)
	require.Equal(t, 30*time.Second, first.NextIn)
}
