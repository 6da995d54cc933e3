package source

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

func TestNothingAnnouncedBeforeTheFirstMemberIsSkipped(t *testing.T) {
	f := newFixture(t)
	refs := f.announce("a", "b", "c")
	require.Equal(t, refs, refsOf(f.fetch(alice, 10).Assignments))
}

func TestFetchAnswersInOrderUpToMaxAndHowManyAreLeft(t *testing.T) {
	f := newFixture(t)
	refs := f.announce("a", "b", "c", "d", "e")
	first := f.fetch(alice, 2)
	require.Equal(t, refs[:2], refsOf(first.Assignments))
	require.EqualValues(t, 3, first.Left)
	second := f.fetch(bob, 2)
	require.Equal(t, refs[2:4], refsOf(second.Assignments))
	require.EqualValues(t, 1, second.Left)
	require.EqualValues(t, 1, f.fetch(bob, 0).Left)
	require.Equal(t, refs[4:], refsOf(f.fetch(alice, 9).Assignments))
	none := f.fetch(alice, 9)
	require.Empty(t, none.Assignments)
	require.Zero(t, none.Left)
}

func TestEachAssignmentIsDeliveredToOneMember(t *testing.T) {
	f := newFixture(t)
	const count, members = 2000, 4
	var mutex sync.Mutex
	seen := map[ports.StreamRef]int{}
	var working sync.WaitGroup
	for i := range members {
		working.Go(func() {
			who := member(fmt.Sprint("m", i))
			for {
				fetched, err := f.Fetch(f.ctx, who, 7, 20*time.Millisecond)
				if err != nil {
					t.Error(err)
					return
				}
				mutex.Lock()
				for _, assignment := range fetched.Assignments {
					seen[assignment.Ref]++
				}
				done := len(seen) == count
				mutex.Unlock()
				if done {
					return
				}
			}
		})
	}
	names := make([]string, count)
	for i := range names {
		names[i] = fmt.Sprint(i)
	}
	f.announce(names...)
	working.Wait()
	for ref, times := range seen {
		require.Equal(t, 1, times, ref.String())
	}
}

func TestFetchWaitsForTheFirstAndNoLongerThanItWasTold(t *testing.T) {
	f := newFixture(t)
	start := time.Now()
	fetched, err := f.Fetch(f.ctx, alice, 10, 30*time.Millisecond)
	require.NoError(t, err)
	require.Empty(t, fetched.Assignments)
	require.GreaterOrEqual(t, time.Since(start), 30*time.Millisecond)

	answer := f.fetchInBackground(f.ctx, alice, patience)
	f.awaitBlocked(1)
	announced := time.Now()
	refs := f.announce("a", "b", "c")
	result := <-answer
	require.NoError(t, result.err)
	require.NotEmpty(t, result.fetched.Assignments)
	require.Equal(t, refs[0], result.fetched.Assignments[0].Ref)
	t.Logf("announced to returned: %v", time.Since(announced))
	t.Logf("with it came %d others", len(result.fetched.Assignments)-1)
}

func TestFetchCallsOfOneProcessDoNotWaitForEachOther(t *testing.T) {
	f := newFixture(t)
	var answers []<-chan fetchAnswer
	for i := range 20 {
		answers = append(answers, f.fetchInBackground(f.ctx, member(fmt.Sprint("m", i)), patience))
	}
	f.awaitBlocked(20)
	for i := range 20 {
		f.announce(fmt.Sprint(i))
	}
	for _, answer := range answers {
		result := <-answer
		require.NoError(t, result.err)
		require.NotEmpty(t, result.fetched.Assignments)
	}
}

func TestACancelledFetchEndsAtOnceAndSwallowsNothing(t *testing.T) {
	f := newFixture(t)
	for i := range 20 {
		ctx, cancel := context.WithCancel(f.ctx)
		answer := f.fetchInBackground(ctx, alice, patience)
		if i%2 == 0 {
			f.awaitBlocked(1)
		}
		cancelled := time.Now()
		cancel()
		result := <-answer
		require.ErrorIs(t, result.err, context.Canceled)
		t.Logf("cancelled to returned: %v", time.Since(cancelled))
		f.awaitBlocked(0)
		ref := f.announce(fmt.Sprint(i))[0]
		require.Equal(t, []ports.StreamRef{ref}, refsOf(f.fetch(bob, 10).Assignments))
	}
	require.Empty(t, f.deliveries(alice).Deliveries)
}

func TestWhatACancelledFetchWasDeliveredIsFoundByDeliveries(t *testing.T) {
	f := newFixture(t)
	for i := range 100 {
		ctx, cancel := context.WithCancel(f.ctx)
		answer := f.fetchInBackground(ctx, alice, patience)
		f.awaitBlocked(1)
		var racing sync.WaitGroup
		racing.Go(cancel)
		ref := f.announce(fmt.Sprint(i))[0]
		racing.Wait()
		<-answer
		f.awaitBlocked(0)
		f.eventually(func() bool {
			found := append(refsOf(f.fetch(bob, 10).Assignments), deliveredRefs(f.deliveries(alice))...)
			return slices.Contains(found, ref)
		}, "%v is neither delivered nor to be had", ref)
	}
}

func TestFetchEndsAtOnceThoughTheServerIsFrozen(t *testing.T) {
	f := newFixture(t)
	ctx, cancel := context.WithTimeout(f.ctx, 2*time.Second)
	defer cancel()
	answer := f.fetchInBackground(ctx, alice, time.Second)
	f.awaitBlocked(1)
	f.server.Freeze()
	defer f.server.Thaw()
	cancelled := time.Now()
	cancel()
	require.ErrorIs(t, (<-answer).err, context.Canceled)
	t.Logf("cancelled to returned: %v", time.Since(cancelled))
}

func TestACancelledFetchEndsAlsoWhereClientUnblockIsForbidden(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.redis.Do(f.ctx, "ACL", "SETUSER", "small", "on", ">secret", "~*", "&*", "+@all", "-client").Err())
	small := newFixtureOn(t, f.server, func(options *redis.Options) {
		options.Username, options.Password = "small", "secret"
		options.DisableIdentity = true
	})
	ctx, cancel := context.WithCancel(f.ctx)
	answer := small.fetchInBackground(ctx, alice, patience)
	f.awaitBlocked(1)
	cancel()
	require.ErrorIs(t, (<-answer).err, context.Canceled)
	f.awaitBlocked(0)
	ref := f.announce("s")[0]
	require.Equal(t, []ports.StreamRef{ref}, refsOf(small.fetch(bob, 10).Assignments))
}

func TestFetchGoesOnWhenGroupOrStreamIsDeletedWhileItWaits(t *testing.T) {
	for what, remove := range map[string]func(f *fixture) error{
		"group":  func(f *fixture) error { return f.redis.XGroupDestroy(f.ctx, f.conn.Stream(), f.conn.Group()).Err() },
		"stream": func(f *fixture) error { return f.redis.Del(f.ctx, f.conn.Stream()).Err() },
		"all":    func(f *fixture) error { return f.redis.FlushAll(f.ctx).Err() },
		"script": func(f *fixture) error { return f.redis.ScriptFlush(f.ctx).Err() },
	} {
		t.Run(what, func(t *testing.T) {
			f := newFixture(t)
			answer := f.fetchInBackground(f.ctx, alice, patience)
			f.awaitBlocked(1)
			require.NoError(t, remove(f))
			ref := f.announce("s")[0]
			result := <-answer
			require.NoError(t, result.err)
			require.Equal(t, []ports.StreamRef{ref}, refsOf(result.fetched.Assignments))
		})
	}
}

func TestMalformedEntriesAreQuarantinedWhileGoodOnesFlow(t *testing.T) {
	f := newFixture(t)
	junk := strings.Repeat("junk", 10<<20/4)
	bad := map[string]string{
		f.addRaw("lbs-input", "{bad json"):                                errNotJSON.Error(),
		f.addRaw("other", `{"DataStreamName":"x"}`):                       "the entry has no field lbs-input",
		f.addRaw("lbs-input", `{"DataStreamName":"x"}`, "trace", "1"):     "the entry has other fields besides lbs-input",
		f.addRaw("lbs-input", `{"DataStreamName":"x"}`, "lbs-input", "y"): "the entry has other fields besides lbs-input",
		f.addRaw("lbs-input", `{"DataStreamName":""}`):                    "invalid: the name of the data stream is empty",
		f.addRaw("lbs-input", `{"DataStreamName":7}`):                     errNameNoString.Error(),
		f.addRaw("lbs-input", `{"DataStreamName":"x","Info":[]}`):         errInfoNoObject.Error(),
		f.addRaw("lbs-input", "{\"DataStreamName\":\"a\xff\"}"):           errNotUTF8.Error(),
		f.addRaw("lbs-input", junk):                                       "the entry has 10485769 bytes; the limit is 1048576",
		f.addRaw("lbs-input", `"`+strings.Repeat("a", 100<<10)+`"`):       errNotObject.Error(),
	}
	good := f.announce("good")[0]
	require.Equal(t, []ports.StreamRef{good}, refsOf(f.fetch(alice, 1).Assignments), "a Fetch of one goes past what is malformed")
	require.Zero(t, f.fetch(alice, 0).Left)
	for id, reason := range bad {
		evidence, payload := f.quarantined(id)
		require.Equal(t, reason, f.fieldOf(evidence, "reason"))
		require.LessOrEqual(t, len(payload), 64<<10)
	}
	require.EqualValues(t, len(bad), f.redis.HLen(f.ctx, f.conn.Quarantine()).Val())
	require.EqualValues(t, len(bad), f.redis.ZCard(f.ctx, f.conn.QuarantineOrder()).Val())
	require.EqualValues(t, 1, f.redis.XLen(f.ctx, f.conn.Stream()).Val())
	require.EqualValues(t, 1, f.redis.XPending(f.ctx, f.conn.Stream(), f.conn.Group()).Val().Count)
}

func TestAMalformedEntryDoesNotEndAWait(t *testing.T) {
	f := newFixture(t)
	answer := f.fetchInBackground(f.ctx, alice, patience)
	f.awaitBlocked(1)
	f.addRaw("lbs-input", "junk")
	f.eventually(func() bool { return f.redis.HLen(f.ctx, f.conn.Quarantine()).Val() == 1 }, "the junk is not in the quarantine")
	ref := f.announce("s")[0]
	result := <-answer
	require.NoError(t, result.err)
	require.Equal(t, []ports.StreamRef{ref}, refsOf(result.fetched.Assignments))
}

func TestAFloodOfLargeEntriesIsFetchedInBoundedAnswers(t *testing.T) {
	f := newFixture(t)
	padding := strings.Repeat("x", 800<<10)
	want := 0
	for i := range 12 {
		f.addRaw("lbs-input", fmt.Sprintf(`{"unknown":%q,"DataStreamName":"%d"}`, padding, i))
		want++
	}
	got := 0
	for got < want {
		fetched := f.fetch(alice, 1000)
		require.NotEmpty(t, fetched.Assignments)
		require.LessOrEqual(t, len(fetched.Assignments), pageBytes/len(padding)+1)
		got += len(fetched.Assignments)
		require.EqualValues(t, want-got, fetched.Left)
	}
}

func TestFetchIsRefusedWhereTheStreamIsSomebodyElses(t *testing.T) {
	f := newFixture(t)
	require.NoError(t, f.redis.Set(f.ctx, f.conn.Stream(), "x", 0).Err())
	_, err := f.Fetch(f.ctx, alice, 1, time.Second)
	require.ErrorIs(t, err, ports.ErrRefused)
	require.ErrorContains(t, err, f.conn.Stream())
}

// fetchAnswer is what a Fetch in the background came to.
type fetchAnswer struct {
	fetched ports.Fetched
	err     error
}

func (f *fixture) fetchInBackground(ctx context.Context, who ports.Member, wait time.Duration) <-chan fetchAnswer {
	answer := make(chan fetchAnswer, 1)
	go func() {
		fetched, err := f.Fetch(ctx, who, 1000, wait)
		answer <- fetchAnswer{fetched, err}
	}()
	return answer
}

// awaitBlocked waits until so many clients wait in the server.
func (f *fixture) awaitBlocked(count int) {
	f.t.Helper()
	want := fmt.Sprintf("blocked_clients:%d\r\n", count)
	f.eventually(func() bool {
		return strings.Contains(f.redis.Info(f.ctx, "clients").Val(), want)
	}, "there are never %d blocked clients", count)
}
