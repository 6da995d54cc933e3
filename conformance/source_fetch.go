package conformance

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

var fetchQuestions = []sourceQuestion{
	{
		where:   "StreamSource.Fetch",
		text:    "Fetch hands up to max undelivered assignments to member",
		examine: fetchHandsOutUpToMax,
	}, {
		where:   "StreamSource.Fetch",
		text:    "each to one member only",
		examine: eachIsHandedToOneMember,
		chance:  true,
	}, {
		where:   "StreamSource.Fetch",
		text:    "in the order in which they were announced",
		examine: fetchKeepsTheOrder,
	}, {
		where:   "StreamSource.Fetch",
		text:    "and says how many are left.",
		examine: fetchSaysHowManyAreLeft,
	}, {
		where:   "StreamSource.Fetch",
		text:    "With none there it waits for the first, up to wait",
		examine: fetchWaitsForTheFirst,
	}, {
		where:   "StreamSource.Fetch",
		text:    "with a wait of 0 it answers at once.",
		examine: withoutAWaitFetchAnswersAtOnce,
	}, {
		where:   "StreamSource.Fetch",
		text:    "None is no error.",
		examine: noneIsNoError,
	}, {
		where:   "StreamSource.Fetch",
		text:    "Nothing that was announced before the first member started is skipped.",
		examine: nothingFromBeforeTheStartIsSkipped,
	}, {
		where:   "StreamSource.Fetch",
		text:    "When the outcome is unknown, or ctx was cancelled, whatever was delivered is found by Deliveries.",
		examine: whatACancelledFetchWasDeliveredIsFound,
	}, {
		where:   "ports",
		text:    "Only Fetch and Watch must also end at once when their ctx is cancelled.",
		examine: fetchEndsAtOnceWhenCancelled,
	},
}

func fetchHandsOutUpToMax(b *sourceBench) {
	refs := b.announceMany("s", 20)
	var got []ports.StreamRef
	for _, limit := range []int{1, 3, 0, -1, 7, 100, 100} {
		fetched := b.alice.fetch(limit)
		if limit > 0 && len(got) < len(refs) && len(fetched.Assignments) == 0 {
			b.violated("Fetch of at most %d answers nothing when %d wait", limit, len(refs)-len(got))
		}
		got = append(got, refsOf(fetched.Assignments)...)
	}
	got = append(got, refsOf(b.alice.fetchAll())...)
	b.expectRefs(got, refs, "all that Fetch has answered of 20 assignments")
	b.alice.taken(refs[3], nthToken(1))
	b.alice.ended(refs[3], nthToken(1), ports.HandedOff)
	again := b.bob.fetch(100)
	if len(again.Assignments) > 0 {
		b.violated("Fetch answers %s when all were delivered already", listed(again.Assignments, assignmentText))
	}
}

func eachIsHandedToOneMember(b *sourceBench) {
	const members, perMember = 6, 20
	refs := make([][]ports.StreamRef, members)
	got := make([][]ports.StreamRef, members)
	parts := []func(){func() {
		for i := range members {
			refs[i] = b.announceMany(fmt.Sprint("s", i, "-"), perMember)
		}
	}}
	for i := range members {
		member := b.joinAs(fmt.Sprint("m", i))
		parts = append(parts, func() {
			for range 2 * perMember {
				got[i] = append(got[i], refsOf(member.fetch(3).Assignments)...)
			}
		})
	}
	b.together(parts...)
	var all, announced []ports.StreamRef
	for i := range members {
		all, announced = append(all, got[i]...), append(announced, refs[i]...)
	}
	all = append(all, refsOf(b.alice.fetchAll())...)
	b.expectRefs(all, announced, fmt.Sprintf("all that Fetch has answered to %d members at the same time", members))
}

func fetchKeepsTheOrder(b *sourceBench) {
	var refs []ports.StreamRef
	for i := range 4 {
		refs = append(refs, b.announceMany(fmt.Sprint("s", 9-i, "-"), 15)...)
	}
	got := refsOf(b.alice.fetch(1).Assignments)
	for _, member := range []*sourceMember{b.bob, b.alice, b.bob} {
		got = append(got, refsOf(member.fetch(10).Assignments)...)
	}
	b.expectInOrder(append(got, refsOf(b.alice.fetchAll())...), refs, "all that Fetch has answered")
}

func fetchSaysHowManyAreLeft(b *sourceBench) {
	if left := b.alice.fetch(10).Left; left != 0 {
		b.violated("Fetch says that %d are left when nothing was announced", left)
	}
	const all = 130
	waiting := int64(all)
	refs := b.announceMany("s", all)
	for _, limit := range []int{1, 4, 0, 110, 100, 100} {
		fetched := b.alice.fetch(limit)
		waiting -= int64(len(fetched.Assignments))
		if fetched.Left != waiting {
			b.violated("Fetch says that %d are left; %d of %d were never delivered", fetched.Left, waiting, all)
		}
	}
	b.alice.fetchAll()
	b.alice.taken(refs[0], nthToken(1))
	b.alice.ended(refs[0], nthToken(1), ports.HandedOff)
	b.alice.taken(refs[1], nthToken(1))
	b.alice.ended(refs[1], nthToken(1), ports.Done)
	if left := b.bob.fetch(10).Left; left != 0 {
		b.violated("Fetch says that %d are left when all were delivered, one was given back, and one is done", left)
	}
}

// fetchWaitsForTheFirst lets a Fetch wait for longer than anything here takes:
// what it is waiting for comes when it has been under way for a while.
// fetchWaitsForTheFirst gives it more time with each try: only one that always
// waits to the end does not wait for the first.
func fetchWaitsForTheFirst(b *sourceBench) {
	const longest = callTimeout - 5*time.Second
	for _, wait := range []time.Duration{2 * time.Second, 8 * time.Second, longest} {
		fetched, ref, took := b.fetchWhileAnnouncing(wait)
		came := len(fetched.Assignments) == 1 && fetched.Assignments[0].Ref == ref
		switch {
		case came && took < wait:
			return
		case !came && (wait == longest || len(fetched.Assignments) > 0):
			b.violated("a Fetch with a wait of %v answers %s; the first that came is %s", wait, listed(fetched.Assignments, assignmentText), refText(ref))
			return
		}
		b.alice.fetchAll()
	}
	b.violated("a Fetch goes on to the end of its wait, also of %v, when something has come", longest)
}

// fetchWhileAnnouncing says what a Fetch answers that was waiting, or about to,
// when something was announced, and how long it took.
func (b *sourceBench) fetchWhileAnnouncing(wait time.Duration) (fetched ports.Fetched, ref ports.StreamRef, took time.Duration) {
	var err error
	b.together(func() {
		began := time.Now()
		fetched, err = b.alice.fetchWithin(10, wait)
		took = time.Since(began)
	}, func() {
		<-time.After(50 * time.Millisecond)
		ref = b.announce("s")[0]
	})
	if err != nil {
		b.stop("Fetch failed: %v", err)
	}
	return fetched, ref, took
}

// withoutAWaitFetchAnswersAtOnce gives it more time with each try: only one
// that takes whatever it gets does not answer at once.
func withoutAWaitFetchAnswersAtOnce(b *sourceBench) {
	b.alice.beat()
	const tries = 3
	for try := range tries {
		ctx, cancel := context.WithTimeout(context.Background(), time.Second<<try)
		b.callWithin(ctx, b.pace, "alice-1: Fetch(max 10, wait 0)", func(ctx context.Context) string {
			fetched, err := b.alice.port.Fetch(ctx, alice, 10, 0)
			return orError(err, func() string { return fetchedText(fetched) })
		})
		inTime := ctx.Err() == nil
		cancel()
		if inTime {
			return
		}
	}
	b.violated("with nothing there a Fetch with a wait of 0 took all the time that its ctx gave it, %d times", tries)
}

func noneIsNoError(b *sourceBench) {
	for _, wait := range []time.Duration{0, time.Microsecond, 20 * time.Millisecond} {
		fetched, err := b.alice.fetchWithin(10, wait)
		b.expectSuccess(err, fmt.Sprintf("a Fetch that waits %v, with nothing there,", wait))
		if len(fetched.Assignments) > 0 || fetched.Left != 0 {
			b.violated("Fetch answers %s when nothing was announced", fetchedText(fetched))
		}
	}
	ref := b.announce("s")[0]
	fetched, err := b.alice.fetchWithin(10, 0)
	b.expectSuccess(err, "a Fetch that does not wait, with one there,")
	b.expectInOrder(refsOf(fetched.Assignments), []ports.StreamRef{ref}, "a Fetch that does not wait, with one there")
}

// nothingFromBeforeTheStartIsSkipped makes its members when the assignments are
// there.
func nothingFromBeforeTheStartIsSkipped(b *sourceBench) {
	refs := b.announceMany("early", 10)
	late := b.joinAs("late")
	late.beat()
	refs = append(refs, b.announceMany("then", 2)...)
	b.expectInOrder(refsOf(late.fetchAll()), refs, "the first Fetch ever, after 12 were announced")
}

// whatACancelledFetchWasDeliveredIsFound lets Fetch be cancelled at about the
// instant at which something comes: it was delivered, or it was not, but it is
// not lost.
func whatACancelledFetchWasDeliveredIsFound(b *sourceBench) {
	var announced, found []ports.StreamRef
	for round := range 12 {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		var fetched ports.Fetched
		b.together(func() {
			b.callWithin(ctx, b.pace, "alice-1: Fetch(max 10, wait 20s), to be cancelled", func(ctx context.Context) string {
				var err error
				fetched, err = b.alice.port.Fetch(ctx, alice, 10, 20*time.Second)
				return orError(err, func() string { return fetchedText(fetched) })
			})
		}, func() {
			<-time.After(time.Duration(round%4) * time.Millisecond)
			announced = append(announced, b.announce(fmt.Sprint("s", round))...)
		}, func() {
			<-time.After(time.Duration(round%5) * time.Millisecond)
			cancel()
		})
		found = append(found, refsOf(fetched.Assignments)...)
	}
	b.unknownFetch(&announced)
	b.expectAmong(refsOfDeliveries(b.alice.deliveries()), found, "Deliveries, of what Fetch has answered")
	var others []ports.StreamRef
	b.await(func() bool { // a call that was given up may be under way yet
		others = append(others, refsOf(b.bob.fetchAll())...)
		found = append(refsOfDeliveries(b.alice.deliveries()), others...)
		return len(found) >= len(announced)
	})
	b.expectRefs(found, announced, "what Deliveries and a later Fetch by another answer together, after Fetches whose ctx was cancelled or whose reply was lost")
}

// unknownFetch delivers something to alice in a Fetch whose reply is lost, if
// the harness can do that.
func (b *sourceBench) unknownFetch(announced *[]ports.StreamRef) {
	faults, able := can[StreamSourceFaults](b.probe, b.instance)
	if !able {
		return
	}
	*announced = append(*announced, b.announceMany("lost", 3)...)
	source, err := faults.HandleWith(ReplyLost)
	b.must(err, "make a handle with a mishap")
	fetched, err := b.adopt(alice, source).fetchWithin(10, time.Millisecond)
	if err == nil && len(fetched.Assignments) == 0 {
		b.violated("Fetch answers that there is nothing, without an error, when its reply was lost")
	}
}

// expectAmong wants all of these to be there.
func (b *sourceBench) expectAmong(got, want []ports.StreamRef, what string) {
	there := map[ports.StreamRef]bool{}
	for _, ref := range got {
		there[ref] = true
	}
	for _, ref := range want {
		if !there[ref] {
			b.violated("%s: %s is missing", what, refText(ref))
		}
	}
}

// fetchEndsAtOnceWhenCancelled takes for wrong only what waits to the end of the
// time for which it was asked to wait, however long that is.
func fetchEndsAtOnceWhenCancelled(b *sourceBench) {
	var took, wait time.Duration
	for wait = 300 * time.Millisecond; wait < 5*time.Second; wait *= 4 {
		ctx, cancel := context.WithTimeout(context.Background(), callTimeout)
		defer cancel()
		began := time.Now()
		timer := time.AfterFunc(20*time.Millisecond, cancel)
		b.callWithin(ctx, b.pace, fmt.Sprintf("alice-1: Fetch(max 1, wait %v), cancelled after 20 ms", wait), func(ctx context.Context) string {
			fetched, err := b.alice.port.Fetch(ctx, alice, 1, wait)
			return orError(err, func() string { return fetchedText(fetched) })
		})
		timer.Stop()
		if took = time.Since(began); took < wait {
			return
		}
	}
	b.violated("Fetch came back after %v, at the end of its wait; its ctx was cancelled after 20 ms", took)
}
