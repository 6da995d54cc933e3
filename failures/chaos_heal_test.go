package failures_test

import (
	"fmt"
	"slices"
	"time"
)

// healingPatience bounds the time from the end of all faults until nothing is
// left. It is more than ten times what it takes.
const healingPatience = 5 * time.Minute

// heal ends all faults and all announcements, and waits until everything that
// was announced has come to its end, without anybody's help.
func (c *chaos) heal() {
	c.t.Helper()
	c.agenda.doAll()
	c.server.AwaitReady()
	for _, process := range c.all() {
		process.proxy.clear()
	}
	c.endProducers()
	c.completeFleet()
	c.healed = c.awaitWithin(healingPatience, "nothing is left of any stream, and the dead are forgotten", c.unhealed)
	for _, member := range c.livingMembers() {
		member.beginClose()
	}
	for _, member := range c.fleet {
		<-member.listened
	}
	c.look()
}

// unhealed is what is still in Redis: anything of a stream, or more of members
// than there are.
func (c *chaos) unhealed() error {
	left, err := c.keys.left(c.t.Context())
	if err != nil {
		return err
	}
	members := int64(len(c.livingMembers()))
	for kind, count := range left {
		if !slices.Contains(ofMembers, kind) || count > members {
			return fmt.Errorf("Redis still has %v, for %d members", left, members)
		}
	}
	return nil
}
