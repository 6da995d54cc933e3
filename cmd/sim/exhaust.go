package main

import (
	"github.com/streamlease/streamlease/internal/commandline"
	"github.com/streamlease/streamlease/internal/sim"
)

type exhaustCommand struct {
	Lease   leaseName      `default:"goredis" placeholder:"STORE" help:"Lease store: goredis, redsync, redsync-quorum, redislock or memory; its shape counts."`
	Twice   bool           `help:"The one stream is announced twice."`
	Faults  positiveCount  `default:"2" placeholder:"N" help:"Faults in one run, at most."`
	Choices *positiveCount `placeholder:"N" help:"Choices in one run: what becomes of a call, or which of two arrives first. What comes after them goes on without faults. As many as there are unless it is given."`
	Runs    *positiveCount `placeholder:"N" help:"Give up after so many runs."`
	Depth   depthName      `default:"model" help:"How much is real: model."`
	Ablate  ruleName       `placeholder:"RULE" help:"Turn a safety rule off, to see that it is missed (sim list --rules)."`
}

func (*exhaustCommand) Help() string {
	return `Two members and one stream: every call may be answered, lost, applied with its reply lost, or late, and its member may stand still or crash; all orders in which requests may arrive are gone through where the order matters. A state that was met before is not gone on from. With two faults it takes a minute, with three many hours. Ctrl-C ends it with what it has seen.

Examples:

    sim exhaust
    sim exhaust --lease redislock --twice
    sim exhaust --faults 3 --runs 1000000`
}

// Run goes through the corner.
func (e *exhaustCommand) Run(c *console) error {
	if err := e.Depth.onlyModel("exhaust"); err != nil {
		return err
	}
	found := e.exhaust(c)
	switch {
	case found.Failed != nil:
		c.sayVerdict(found.Failed)
		c.say("These choices lead to it:")
		for _, choice := range found.Choices {
			c.say("  %s", choice)
		}
	case found.Complete:
		c.say("All of them hold.")
	default:
		c.say("All that were gone through hold; the search was ended before all were.")
	}
	c.sayWalked(e, &found)
	if found.Failed != nil {
		return errViolated
	}
	return nil
}

func (e *exhaustCommand) exhaust(c *console) sim.Exhausted {
	ctx, stop := commandline.UntilInterrupted()
	defer stop()
	bar := commandline.NewProgress(c.complaints)
	defer bar.Close()
	corner := sim.Corner{Lease: e.Lease.shape(), Twice: e.Twice, Faults: int(e.Faults), Ablation: e.Ablate.off()}
	if e.Choices != nil {
		corner.Depth = int(*e.Choices)
	}
	if e.Runs != nil {
		corner.Limit = int64(*e.Runs)
	}
	return sim.Exhaust(corner, func(p sim.Progress) bool {
		part := p.Part
		if corner.Limit > 0 {
			part = max(part, float64(p.Runs)/float64(corner.Limit))
		}
		bar.Reach(part, func() string { return plural(int(p.States), "state") + ", " + plural(int(p.Runs), "run") })
		return ctx.Err() == nil
	})
}

func (c *console) sayWalked(e *exhaustCommand, found *sim.Exhausted) {
	stream, bound := "1 stream", ""
	if e.Twice {
		stream = "1 stream announced twice"
	}
	if e.Choices != nil {
		bound = ", " + plural(int(*e.Choices), "choice") + " deep"
	}
	c.say("%s, %s of up to %s; 2 members, %s, %v leases, %s%s", plural(int(found.States), "state"), plural(int(found.Runs), "run"),
		plural(found.Deepest, "choice"), stream, found.Corner.Lease, plural(int(e.Faults), "fault"), bound)
	c.say("hash %016x", found.Hash)
}
