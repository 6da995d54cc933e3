package source

import (
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestSweepAnswersWhatWasGivenBackAndIsDueOldestFirst(t *testing.T) {
	f := newFixture(t)
	refs := f.announce("late", "first", "second", "owned")
	f.fetch(alice, 4)
	for _, ref := range refs {
		f.take(alice, ref, 7)
	}
	f.settle(alice, ports.Settlement{Ref: refs[0], Token: 7, Outcome: ports.Failed, RetryIn: time.Hour})
	f.end(alice, refs[1], 7, ports.HandedOff)
	f.awaitTick()
	f.settle(alice, ports.Settlement{Ref: refs[2], Token: 7, Outcome: ports.Failed})
	page := f.sweep(sweepAll)
	require.Equal(t, refs[1:3], sweptRefs(page.Due))
	require.False(t, page.More)
	for _, swept := range page.Due {
		require.True(t, swept.Settled)
		require.Equal(t, ports.Token(7), swept.Token)
		require.Equal(t, "alice", swept.Taker)
		require.Zero(t, swept.RetryIn)
		require.Equal(t, ports.Info(`{"n":1}`), swept.Assignment.Info)
	}
	require.Equal(t, []ports.StreamRef{refs[3]}, sweptRefs(page.Round))

	require.NoError(t, f.take(bob, refs[1], 8).Err)
	require.Equal(t, refs[2:3], sweptRefs(f.sweep(sweepAll).Due), "what was taken is due no more")
}

func TestWhatNobodyCanTakeDoesNotHideWhatIsDueBehindIt(t *testing.T) {
	f := newFixture(t)
	refs := f.announce("a", "b", "c", "d", "e")
	f.fetch(alice, 5)
	for _, ref := range refs {
		f.take(alice, ref, 7)
		f.end(alice, ref, 7, ports.HandedOff)
		f.awaitTick()
	}
	first := f.sweep(ports.SweepRequest{Limit: 2})
	require.Equal(t, refs[:2], sweptRefs(first.Due))
	require.True(t, first.More)
	second := f.sweep(ports.SweepRequest{Limit: 2})
	require.Equal(t, refs[2:4], sweptRefs(second.Due))
	require.True(t, second.More)
	third := f.sweep(ports.SweepRequest{Limit: 2})
	require.Contains(t, sweptRefs(third.Due), refs[4])
	require.False(t, third.More, "all have been answered a moment ago")
	require.Len(t, f.sweep(sweepAll).Due, 5, "and are still due")
	for _, ref := range refs {
		f.redis.ZIncrBy(f.ctx, f.conn.Due(), -1100, ref.MessageID)
	}
	require.True(t, f.sweep(ports.SweepRequest{Limit: 2}).More, "after a second it is more again")
}

func TestTheRoundGoesOverWhatWasDeliveredAndNotSettled(t *testing.T) {
	f := newFixture(t)
	refs := f.announce("delivered", "taken", "done", "given back", "nobody's", "undelivered")
	f.fetch(alice, 5)
	for _, ref := range refs[1:4] {
		f.take(alice, ref, 7)
	}
	f.end(alice, refs[2], 7, ports.Done)
	f.end(alice, refs[3], 7, ports.Failed)
	require.NoError(t, f.redis.XAck(f.ctx, f.conn.Stream(), f.conn.Group(), refs[4].MessageID).Err())

	page := f.sweep(sweepAll)
	require.Equal(t, []ports.StreamRef{refs[0], refs[1], refs[4]}, sweptRefs(page.Round))
	require.Equal(t, ports.Token(7), page.Round[1].Token)
	require.Equal(t, "alice", page.Round[1].Taker)
	require.False(t, page.Round[1].Settled)
	require.Zero(t, page.Round[0].Token)
	require.EqualValues(t, 1, page.RoundNumber)
	require.EqualValues(t, 4, page.RoundSize)
}

func TestAgeIsTheTimeSinceTheLastChange(t *testing.T) {
	f := newFixture(t)
	refs := f.announce("delivered", "taken", "given back", "nobody's")
	age := func() []time.Duration {
		page := f.sweep(sweepAll)
		var ages []time.Duration
		for _, swept := range append(page.Round, page.Due...) {
			ages = append(ages, swept.Age)
		}
		return ages
	}
	f.waitOnServer(20 * time.Millisecond)
	f.fetch(alice, 4)
	f.waitOnServer(20 * time.Millisecond)
	f.take(alice, refs[1], 7)
	f.take(alice, refs[2], 7)
	f.waitOnServer(20 * time.Millisecond)
	f.end(alice, refs[2], 7, ports.HandedOff)
	f.redis.XAck(f.ctx, f.conn.Stream(), f.conn.Group(), refs[3].MessageID)
	f.waitOnServer(20 * time.Millisecond)
	ages := age()
	require.Len(t, ages, 4)
	delivered, taken, nobodys, givenBack := ages[0], ages[1], ages[2], ages[3]
	require.GreaterOrEqual(t, givenBack, 19*time.Millisecond)
	require.GreaterOrEqual(t, taken-givenBack, 19*time.Millisecond)
	require.GreaterOrEqual(t, delivered-taken, 19*time.Millisecond)
	require.GreaterOrEqual(t, nobodys-delivered, 19*time.Millisecond, "by the time of its announcement")
}

func TestEachPageOfARoundGoesToOneMember(t *testing.T) {
	f := newFixture(t)
	const count = 950
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	f.announce(names...)
	require.Len(t, f.fetch(alice, count).Assignments, count)

	var mutex sync.Mutex
	seen := map[ports.StreamRef]int{}
	var sweeping sync.WaitGroup
	for i := range 4 {
		sweeping.Go(func() {
			for {
				page, err := f.Sweep(f.ctx, member(fmt.Sprint("m", i)), ports.SweepRequest{Limit: 100, Interval: time.Hour})
				if err != nil {
					t.Error(err)
					return
				}
				mutex.Lock()
				for _, swept := range page.Round {
					seen[swept.Assignment.Ref]++
				}
				mutex.Unlock()
				if page.NextIn > 0 {
					return
				}
			}
		})
	}
	sweeping.Wait()
	require.Len(t, seen, count)
	for ref, times := range seen {
		require.Equal(t, 1, times, ref.String())
	}
}

func TestARoundStartsAfterItsIntervalAndGoesAtItsPace(t *testing.T) {
	f := newFixture(t)
	f.announce("a", "b", "c", "d")
	f.fetch(alice, 4)
	const page, interval = time.Second, 2 * time.Second
	request := ports.SweepRequest{Limit: 2, Interval: interval, PerSecond: 2}
	start := f.serverNow()
	first := f.sweep(request)
	require.Len(t, first.Round, 2)
	require.InDelta(t, page, first.NextIn, float64(2*time.Millisecond))
	if early := f.sweep(request); f.serverNow().Sub(start) < page {
		require.Empty(t, early.Round)
	}

	var second ports.SweepPage
	f.eventually(func() bool { second = f.sweep(request); return len(second.Round) > 0 }, "the second page never comes")
	require.GreaterOrEqual(t, f.serverNow().Sub(start), page-time.Millisecond)
	require.EqualValues(t, 1, second.RoundNumber)
	require.EqualValues(t, 4, second.RoundSize)
	require.NotEqual(t, first.Round[0].Assignment.Ref, second.Round[0].Assignment.Ref)

	var next ports.SweepPage
	f.eventually(func() bool { next = f.sweep(request); return next.RoundNumber == 2 }, "the next round never comes")
	require.GreaterOrEqual(t, f.serverNow().Sub(start), interval-time.Millisecond)
	require.Equal(t, first.Round[0].Assignment.Ref, next.Round[0].Assignment.Ref)
}

func TestWhatIsDeliveredDuringARoundBelongsToTheNext(t *testing.T) {
	f := newFixture(t)
	f.announce("a", "b", "c")
	f.fetch(alice, 2)
	request := ports.SweepRequest{Limit: 1}
	require.Len(t, f.sweep(request).Round, 1)
	f.fetch(alice, 1)
	require.Len(t, f.sweep(request).Round, 1)
	require.EqualValues(t, 2, f.sweep(ports.SweepRequest{Limit: 3}).RoundNumber)
	require.EqualValues(t, 3, f.sweep(ports.SweepRequest{Limit: 3}).RoundSize)
}

func TestSweepFindsTrimmedEntriesAndQuarantinesThemAsLost(t *testing.T) {
	f := newFixture(t)
	refs := f.announce("delivered", "taken", "given back", "fine", "only a record")
	f.fetch(alice, 5)
	for _, i := range []int{1, 2, 4} {
		f.take(alice, refs[i], 7)
	}
	f.end(alice, refs[2], 7, ports.HandedOff)
	for _, i := range []int{0, 1, 2, 4} {
		f.redis.XDel(f.ctx, f.conn.Stream(), refs[i].MessageID)
	}
	f.redis.XAck(f.ctx, f.conn.Stream(), f.conn.Group(), refs[4].MessageID)
	f.eventually(func() bool {
		page := f.sweep(sweepAll)
		require.Empty(t, page.Due)
		require.Equal(t, []ports.StreamRef{refs[3]}, sweptRefs(page.Round))
		return f.redis.HLen(f.ctx, f.conn.Quarantine()).Val() == 4
	}, "not all that was trimmed is found")
	for _, i := range []int{0, 1, 2, 4} {
		evidence, _ := f.quarantined(refs[i].MessageID)
		require.Equal(t, ports.ErrLost.Error(), f.fieldOf(evidence, "reason"))
	}
	require.Zero(t, f.redis.ZCard(f.ctx, f.conn.Due()).Val())
	require.EqualValues(t, 1, f.redis.XPending(f.ctx, f.conn.Stream(), f.conn.Group()).Val().Count)
	require.Zero(t, f.beat(alice).Taken.Count)
}

func TestTheIndexOfWhatIsDueIsMadeAgain(t *testing.T) {
	f := newFixture(t)
	ref := f.owned(alice, "s", 7)
	f.end(alice, ref, 7, ports.HandedOff)
	require.NoError(t, f.redis.Del(f.ctx, f.conn.Due()).Err())
	f.eventually(func() bool { return len(f.sweep(sweepAll).Due) == 1 }, "what was given back is lost with its index")
}

func TestSweepOfNothing(t *testing.T) {
	f := newFixture(t)
	page := f.sweep(ports.SweepRequest{Limit: 10, Interval: time.Hour, PerSecond: 1000})
	require.Empty(t, page.Due)
	require.Empty(t, page.Round)
	require.Greater(t, page.NextIn, 59*time.Minute)
	require.NoError(t, f.redis.FlushAll(f.ctx).Err())
	require.EqualValues(t, 1, f.sweep(sweepAll).RoundNumber)
}

func TestAClockThatWasSetBackDoesNotStopTheRounds(t *testing.T) {
	f := newFixture(t)
	f.announce("s")
	f.fetch(alice, 1)
	f.sweep(sweepAll)
	future := f.serverNow().Add(24 * time.Hour).UnixMilli()
	require.NoError(t, f.redis.HSet(f.ctx, f.conn.Sweep(), "ready", future, "started", future).Err())
	require.Len(t, f.sweep(sweepAll).Round, 1)
}

// awaitTick waits until the server's clock shows another millisecond.
func (f *fixture) awaitTick() { f.waitOnServer(time.Millisecond) }

// waitOnServer waits until so much has passed by the server's clock.
func (f *fixture) waitOnServer(d time.Duration) {
	f.t.Helper()
	start := f.serverNow()
	f.eventually(func() bool { return f.serverNow().Sub(start) > d }, "the server's clock stands")
}
