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
