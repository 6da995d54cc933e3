package page

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/sim"
)

func TestTheStoryOfAPause(t *testing.T) {
	r := shipped(t, "gc-pause")
	story := strings.Join(newPicture(&r).story(), "\n")
	for _, part := range []string{
		`At \S+ s m\d came to own s\d, with token \d+\.`,
		`At 18\.000 s m\d stood still, until 33\.000 s\.`,
		`At \S+ s m\d's right to s\d was over by its own clock, 1\.00\d s before the store ended the lease\.`,
		`At \S+ s m\d took over s\d, with token \d+\.`,
		`At 33\.000 s a write of m\d with token \d+ was refused: the resource has seen the higher token \d+, which m\d has written with since \S+ s\.`,
	} {
		require.Regexp(t, part, story)
	}
}

func TestTheStoryOfALateSave(t *testing.T) {
	r := shipped(t, "checkpoints")
	require.Regexp(t, `At 38\.000 s the save of m2 with token \d+ was refused: position \d+ came too late: m3 took it with token \d+ at \S+ s\.`,
		strings.Join(newPicture(&r).story(), "\n"))
}

func TestTheStoryOfALostReply(t *testing.T) {
	r := shipped(t, "reply-lost-after-take")
	require.Contains(t, strings.Join(newPicture(&r).story(), "\n"), "was hit: it took effect, and before its answer arrived")
}

// violated is the first run in which the simulator misses a rule, and in which
// the invariant is the first that does not hold.
func violated(t *testing.T, invariant sim.Invariant, off func(*sim.Ablation)) sim.Result {
	t.Helper()
	var ablation sim.Ablation
	off(&ablation)
	for seed := uint64(1); ; seed++ {
		found := sim.Search(sim.SearchOptions{First: seed, Seeds: 300, Ablation: ablation}, nil)
		require.NotNil(t, found.Failed)
		seed = found.Failed.Seed
		r := play(found.Failed.Scenario, sim.Options{Seed: seed, Ablation: ablation})
		require.NotEmpty(t, r.Violations)
		if r.Violations[0].Invariant == invariant {
			return r
		}
	}
}

func TestAPageOpensAtTheViolationAndTellsIt(t *testing.T) {
	r := violated(t, sim.S1, func(a *sim.Ablation) { a.HeldNotChecked = true })
	v := r.Violations[0]
	page := written(t, r)
	doc := documentOf(t, page)
	require.Equal(t, micros(v.At), doc.Focus)
	require.LessOrEqual(t, doc.Window[0], doc.Focus)
	require.GreaterOrEqual(t, doc.Window[1], doc.Focus)
	require.Contains(t, page, v.Invariant.String()+" violated at "+seconds(v.At))
	require.Contains(t, page, v.Invariant.Sentence()[:20])
}

func TestACalmRunOpensWhole(t *testing.T) {
	r := shipped(t, "calm")
	doc := documentOf(t, written(t, r))
	require.Equal(t, [2]int64{0, micros(r.Ended)}, *doc.Window)
}

func TestWhatIsNotPromisedIsSaid(t *testing.T) {
	r := shipped(t, "clock-drift-outside")
	text, tone := newPicture(&r).verdict()
	require.Equal(t, "excused", tone)
	require.Contains(t, text, "S3 is not promised here and did not hold (a clock drifts beyond the margin)")
}

func TestOverlapsAreOfDifferentMembersAndEndWithTheFirstValidity(t *testing.T) {
	ref, other := core.StreamRef{Name: "s", MessageID: "1"}, core.StreamRef{Name: "s", MessageID: "2"}
	second := func(n int) time.Duration { return time.Duration(n) * time.Second }
	tenure := func(member string, r core.StreamRef, token, began, ended, terms int) sim.TenureSpan {
		return sim.TenureSpan{Member: member, Ref: r, Token: core.Token(token), Began: second(began), Ended: second(ended), Terms: terms}
	}
	chronicle := sim.Chronicle{
		Terms: [][]sim.Term{{{Until: second(9)}, {From: second(5), Until: second(14)}}, {{Until: second(99)}}},
		Tenures: []sim.TenureSpan{
			tenure("m1", ref, 1, 0, 30, 0),    // valid until 14
			tenure("m2", other, 2, 12, 20, 1), // overlaps m1's for 2 s, although it is about another assignment
			tenure("m1", ref, 3, 16, 17, 1),   // overlaps m2's
			tenure("m2", ref, 4, 18, 19, 1),   // overlaps its own member's: no overlap
			{Member: "m3", Ref: core.StreamRef{Name: "t"}, Began: second(1), Ended: second(50), Terms: 1},
		},
	}
	found := overlapsOf(&chronicle, second(100))
	require.Len(t, found, 2)
	require.Equal(t, overlap{name: "s", from: second(12), to: second(14), first: "m1", second: "m2", firstToken: "1", secondToken: "2"}, found[0])
	require.Equal(t, overlap{name: "s", from: second(16), to: second(17), first: "m2", second: "m1", firstToken: "2", secondToken: "3"}, found[1])
}

func TestOneHintToManyIsOneEvent(t *testing.T) {
	r := shipped(t, "gc-pause")
	doc := documentOf(t, written(t, r))
	merged := false
	said := 0
	for _, event := range doc.Events {
		if doc.Kinds[event[2]] == sim.Hinted.String() {
			said += len(doc.Groups[event[3]])
			merged = merged || len(doc.Groups[event[3]]) == 3
		}
	}
	heard := 0
	for i, event := range r.Trace {
		if event.Kind == sim.Hinted && (i == 0 || event != r.Trace[i-1]) {
			heard++
		}
	}
	require.True(t, merged)
	require.Equal(t, heard, said, "nobody's hint is left out")
}

func TestEveryRefusedWriteSaysWhy(t *testing.T) {
	r := shipped(t, "gc-pause")
	reasons, refused := newReasons(), 0
	for _, event := range r.Trace {
		why := reasons.of(&event)
		if event.Kind == sim.Fenced {
			refused++
			require.Regexp(t, `the resource has seen the higher token \d+, which m\d has written with since`, why)
		}
	}
	require.Positive(t, refused)
}
