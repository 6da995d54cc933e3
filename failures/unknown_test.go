package failures_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/streamlease/streamlease/internal/redistest"
	"github.com/streamlease/streamlease/internal/testsize"
)

const (
	// cellsAtOnce is how many cells of the grid run at once: they mostly wait.
	cellsAtOnce = 15
	// gridTTL is long enough for two lost renewals.
	gridTTL = 3 * time.Second
	// gridRenewal is the time between two renewals of such a client.
	gridRenewal = gridTTL / 3
)

// unknownCalls are the rows of the grid.
var unknownCalls = []struct {
	name string
	call call
	// opens: the fault strikes the first such call of a member's life.
	opens bool
}{
	{"Fetch", callFetch, false},
	{"Fetch, waiting", callAwait, false},
	{"Take", callTake, false},
	{"Settle", callSettle, false},
	{"Acquire", callAcquire, false},
	{"Acquire, opening", callAcquire, true},
	{"Renew", callRenew, false},
	{"Release", callRelease, false},
	{"Heartbeat", callHeartbeat, false},
	{"Sweep", callSweep, false},
}

// cell is one square of the grid.
type cell struct {
	name   string
	call   call
	opens  bool
	mishap mishap
	killed bool // the member, as soon as the fault has struck

	database int

	// What is printed of it.
	hits    int
	settled times // from the end of each fault until all was in order
}

func (c *cell) title() string {
	after := "healthy"
	if c.killed {
		after = "killed"
	}
	return fmt.Sprintf("%s, %s, %s", c.name, c.mishap, after)
}

// columns are three mishaps, after each of which the member is well or dead.
const columns = 3 * 2

func unknownGrid() []*cell {
	var grid []*cell
	for _, row := range unknownCalls {
		for _, mishap := range []mishap{cutBefore, executedLate, replyLost} {
			for _, killed := range []bool{false, true} {
				grid = append(grid, &cell{
					name: row.name, call: row.call, opens: row.opens, mishap: mishap, killed: killed, database: len(grid),
				})
			}
		}
	}
	return grid
}

func TestWhateverCallHasAnUnknownOutcomeNothingIsOwnedTwiceOrphanedLostOrHaunted(t *testing.T) {
	t.Parallel()
	grid := unknownGrid()
	// Each cell has a database of its own on each.
	databases := fmt.Sprint("databases ", len(grid))
	store, effects := redistest.Start(t, databases), redistest.Start(t, databases)
	rounds := testsize.Pick(1, 10)

	waiting := make(chan *cell)
	var running sync.WaitGroup
	for range cellsAtOnce {
		running.Go(func() {
			for cell := range waiting {
				t.Run(cell.title(), func(t *testing.T) { cell.run(t, store, effects, rounds) })
			}
		})
	}
	for _, cell := range grid {
		waiting <- cell
	}
	close(waiting)
	running.Wait()
	t.Log(printGrid(grid))
}

// printGrid has a line for each call, and in it the same columns.
func printGrid(grid []*cell) string {
	var text strings.Builder
	fmt.Fprintf(&text, "faults that struck, and the longest time from there until all was in order (renewals every %v)\n%-18s", gridRenewal, "")
	for _, cell := range grid[:columns] {
		fmt.Fprintf(&text, "%-22s", strings.TrimPrefix(cell.title(), cell.name+", "))
	}
	for i, cell := range grid {
		if i%columns == 0 {
			fmt.Fprintf(&text, "\n%-18s", cell.name)
		}
		fmt.Fprintf(&text, "%-22s", fmt.Sprintf("%d  %v", cell.hits, cell.longest()))
	}
	return text.String()
}

func (c *cell) longest() time.Duration {
	longest := time.Duration(0)
	for _, took := range c.settled {
		longest = max(longest, took)
	}
	return longest.Round(time.Millisecond)
}
