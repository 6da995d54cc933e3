package main

import (
	"github.com/streamlease/streamlease/internal/sim"
)

type exhaustCommand struct {
	Lease   leaseName     `default:"goredis" placeholder:"STORE" help:"Lease store: goredis, redsync, redsync-quorum, redislock or memory; its shape counts."`
	Twice   bool          `help:"The one stream is announced twice."`
	Faults  positiveCount `default:"1" placeholder:"N" help:"Faults in one run, at most."`
	Choices positiveCount `default:"12" placeholder:"N" help:"Choices in one run: what becomes of a call, or which of two arrives first. What comes after them goes on without faults."`
	Runs    positiveCount `default:"1000000" placeholder:"N" help:"Give up after so many runs."`
	Depth   depthName     `default:"model" help:"How much is real: model."`
	Ablate  ruleName      `placeholder:"RULE" help:"Turn a safety rule off, to see that it is missed (sim list --rules)."`
}

func (*exhaustCommand) Help() string {
	return `Two members and one stream: every call may be answered, lost, applied with its reply lost, or late, and its member may stand still or crash; all orders in which calls may arrive are gone through. A state that was met before is not gone on from.

Examples:

    sim exhaust
    sim exhaust --faults 2 --choices 10
    sim exhaust --lease redislock --twice`
}

// Run goes through the corner.
func (e *exhaustCommand) Run(c *console) error {
	if err := e.Depth.onlyModel("exhaust"); err != nil {
		return err
	}
	found := sim.Exhaust(sim.Corner{Lease: e.Lease.shape(), Twice: e.Twice, Faults: int(e.Faults),
		Depth: int(e.Choices), Limit: int64(e.Runs), Ablation: e.Ablate.off()})
	if found.Failed != nil {
		c.sayVerdict(found.Failed)
		c.say("These choices lead to it:")
		for _, choice := range found.Choices {
			c.say("  %s", choice)
		}
		c.sayWalked(e, &found)
		return errViolated
	}
	if found.Complete {
		c.say("All of them hold.")
	} else {
		c.say("All that were gone through hold; --runs ended it before all were.")
	}
	c.sayWalked(e, &found)
	return nil
}

func (c *console) sayWalked(e *exhaustCommand, found *sim.Exhausted) {
	c.say("%s, %s; 2 members, 1 stream, %v leases, %s, %s deep", plural(int(found.States), "state"), plural(int(found.Runs), "run"),
		found.Corner.Lease, plural(int(e.Faults), "fault"), plural(int(e.Choices), "choice"))
}
