//go:build !race

package sim

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestACornerHoldsWhateverHappens(t *testing.T) {
	corners := []Corner{
		{Lease: Session, Faults: 1},
		{Lease: Session, Twice: true, Faults: 1},
		{Lease: Single, Twice: true, Faults: 1},
		{Lease: Quorum, Faults: 1},
	}
	if testsize.Pick(0, 1) > 0 {
		corners = append(corners, Corner{Lease: Session, Faults: 2}, Corner{Lease: Session, Twice: true, Faults: 2},
			Corner{Lease: Single, Twice: true, Faults: 2})
	}
	for _, corner := range corners {
		found := Exhaust(corner, nil)
		t.Logf("%v, twice %v, %d faults: %d runs, %d states, up to %d choices", corner.Lease, corner.Twice, corner.Faults,
			found.Runs, found.States, found.Deepest)
		if found.Failed != nil {
			t.Fatalf("%v\n%v", found.Failed.Violations, found.Choices)
		}
		require.True(t, found.Complete)
	}
}

func TestACornerFindsWhatIsWrong(t *testing.T) {
	for _, name := range []string{"no-self-fencing", "begin-before-take", "release-before-settle", "held-not-checked"} {
		corner := Corner{Lease: Session, Twice: true, Faults: 2, Depth: 30, Limit: 50_000}
		ruleOf(t, name).Off(&corner.Ablation)
		found := Exhaust(corner, nil)
		require.NotNil(t, found.Failed, name)
		assert.False(t, found.Complete)
		t.Logf("%s: %d runs, %v", name, found.Runs, found.Failed.Violations[0])
	}
}

func ruleOf(t *testing.T, name string) Rule {
	t.Helper()
	for _, rule := range Rules() {
		if rule.Name == name {
			return rule
		}
	}
	t.Fatalf("no rule is called %q", name)
	return Rule{}
}

func TestACornerIsTheSameTwice(t *testing.T) {
	corner := Corner{Lease: Single, Twice: true, Faults: 1}
	require.Equal(t, Exhaust(corner, nil), Exhaust(corner, nil))
}

func TestASearchOfACornerEndsWhenItIsTold(t *testing.T) {
	found := Exhaust(Corner{Lease: Session, Faults: 2}, func(p Progress) bool { return p.Runs < 10 })
	require.EqualValues(t, 10, found.Runs)
	require.False(t, found.Complete)
}
