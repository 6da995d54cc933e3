package admin

import (
	"context"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/adapters/internal/reply"
)

// Summary is a service in numbers.
type Summary struct {
	// Layout is the version of keys and scripts; empty: there is none yet.
	Layout string
	// HasGroup: a member has been there.
	HasGroup bool
	// Announced and not done; Waiting of them for a member that fetches them,
	// the oldest for OldestWait.
	Announced, Waiting int64
	OldestWait         time.Duration
	// Quarantined are in the quarantine; Dropped of it because it was full.
	Quarantined, Dropped int64
	// Free is what was given back and is, or will be, due.
	Free int64
	// Sweep is the fleet's shared round.
	Sweep Sweep
}

// Sweep is the state of the fleet's shared round over what is delivered.
type Sweep struct {
	// Round is its number; 0: none was.
	Round int64
	// Size is that of the last whole round, Passed how far this one has come.
	Size, Passed int64
	// Began is how long ago this or, between rounds, the last one did.
	Began    time.Duration
	UnderWay bool
}

// Summary reads the service in numbers.
func (a *Admin) Summary(ctx context.Context) (Summary, error) {
	answer, err := a.run(ctx, a.reads.Rest, summaryScript)
	if err == nil {
		if summary, ok := readSummary(answer); ok {
			return summary, nil
		}
		err = summaryScript.BadReply(answer)
	}
	return Summary{}, fmt.Errorf("sum up %.100q: %w", a.reads.Service(), err)
}

func readSummary(answer any) (summary Summary, ok bool) {
	read := reply.New(answer)
	summary.Layout = read.Text()
	summary.HasGroup = read.Word("0", "1") == "1"
	summary.Announced, summary.Waiting = read.Number(), read.Number()
	summary.OldestWait = read.Duration(time.Millisecond)
	summary.Quarantined, summary.Dropped = read.Number(), read.Number()
	summary.Free = read.Number()
	summary.Sweep.Round, summary.Sweep.Size, summary.Sweep.Passed = read.Number(), read.Number(), read.Number()
	summary.Sweep.Began = read.Duration(time.Millisecond)
	summary.Sweep.UnderWay = read.Word("0", "1") == "1"
	return summary, read.Done()
}
