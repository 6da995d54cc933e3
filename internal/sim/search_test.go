package sim

import (
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// campaignSeeds is how many seeds the campaign of the test goes through;
// SIM_SEEDS says otherwise, and SIM_FIRST where it begins.
const campaignSeeds = 2000

func fromEnvironment(name string, otherwise uint64) uint64 {
	n, err := strconv.ParseUint(os.Getenv(name), 10, 64)
	if err != nil {
		return otherwise
	}
	return n
}

func TestACampaignFindsNothingWrongAndLeavesNothingOut(t *testing.T) {
	options := SearchOptions{First: fromEnvironment("SIM_FIRST", 1), Seeds: fromEnvironment("SIM_SEEDS", campaignSeeds)}
	found := Search(options, nil)
	if found.Failed != nil {
		shrunk := Shrink(*found.Failed, Ablation{})
		t.Fatalf("seed %d: %v\nin short:\n%v\nas drawn:\n%v", found.Failed.Seed, found.Failed.Violations[0],
			shrunk.Scenario, found.Failed.Scenario)
	}
	c := found.Counters
	t.Logf("%d runs, %d steps, %s, %d tenures, %d writes fenced", c.Runs, c.Steps, c.Years(), c.Tenures, c.FencedWrites)
	for _, s := range Situations() {
		assert.Positive(t, c.Situations[s], "never happened: %v", s)
	}
	for i := S1; i < Sound; i++ {
		assert.Positive(t, c.Checks[i], "%v was never checked on anything that could have failed", i)
	}
	assertGrid(t, &c)
}

// assertGrid: every port call has met every fault at every moment.
func assertGrid(t *testing.T, c *Counters) {
	for call := Heartbeat; call < Check; call++ {
		for moment := range moments {
			for effect := range effects {
				assert.Positive(t, c.Grid[call][moment][effect], "%v %v %v was never delivered", call, moment, effect)
			}
		}
		assert.Positive(t, c.Changed[call], "no fault ever changed the outcome of %v", call)
	}
}

func TestASearchIsRepeatable(t *testing.T) {
	options := SearchOptions{First: 1, Seeds: 30}
	require.Equal(t, Search(options, nil).Hash, Search(options, nil).Hash)
}
