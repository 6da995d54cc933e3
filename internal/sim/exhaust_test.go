package sim

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/testsize"
)

func TestACornerHoldsWhateverHappens(t *testing.T) {
	for _, corner := range []Corner{
		{Lease: Session, Faults: 1, Depth: testsize.Pick(10, 20)},
		{Lease: Single, Faults: 1, Depth: testsize.Pick(10, 20)},
		{Lease: Session, Twice: true, Faults: 1, Depth: testsize.Pick(10, 20)},
		{Lease: Session, Faults: 2, Depth: testsize.Pick(8, 11)},
		{Lease: Session, Twice: true, Faults: 2, Depth: testsize.Pick(8, 11)},
	} {
		found := Exhaust(corner)
		t.Logf("%v, twice %v, %d faults, depth %d: %d runs, %d states", corner.Lease, corner.Twice, corner.Faults, corner.Depth, found.Runs, found.States)
		require.True(t, found.Complete)
		if found.Failed != nil {
			t.Fatalf("%v\n%v", found.Failed.Violations, found.Choices)
		}
	}
}

func TestACornerFindsWhatIsWrong(t *testing.T) {
	corner := Corner{Lease: Session, Faults: 1, Depth: 12}
	corner.Ablation.Core.NoSelfFencing = true
	require.NotNil(t, Exhaust(corner).Failed)
}
