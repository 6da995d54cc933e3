package failures_test

import (
	"fmt"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/internal/redistest"
)

// chaos is a service to which everything happens that happens to services, at
// random and at once. Its members work by themselves and its producers announce
// all the time, each behind a proxy of its own; Redis writes every change to
// its AOF before it answers (appendfsync always), because the library promises
// nothing on a server that forgets what it has answered.
type chaos struct {
	*scenario
	plan chaosPlan
	logs string // the folder of the members' logs

	fleet     []*chaosProcess
	producers []*chaosProcess
	started   int

	agenda      agenda
	troubles    troubles
	armed       []*fault // strike a call, when it comes
	redisIsAway bool
	struck      map[string]int
	healed      time.Duration // how long it took
}

// What must be true in the end, by the words of the members, by the resource
// and by Redis, is said where it is judged: in verdict and in expectLedger.
func TestChaos(t *testing.T) {
	t.Parallel()
	c := newChaos(t, newChaosPlan(t))
	for range firstMembers {
		c.startMember("")
	}
	for i := range producers {
		c.producers = append(c.producers, c.startProducer(fmt.Sprint("producer-", i+1)))
	}
	c.rage()
	c.heal()
	c.judge()
}

func newChaos(t *testing.T, plan chaosPlan) *chaos {
	t.Helper()
	t.Logf("chaos for %v; the same plan again: %v", plan.duration, plan)
	server := redistest.Start(t, "appendonly yes", "appendfsync always", "auto-aof-rewrite-min-size 16mb")
	s := newScenarioAt(t, place{server, 0, serviceName}, settings{TTL: chaosTTL, SweepInterval: chaosTTL})
	c := &chaos{scenario: s, plan: plan, struck: map[string]int{}}
	c.keepLogs()
	return c
}

// keepLogs makes the folder for the members' logs, which stays when the test
// fails, or was told where to put them.
func (c *chaos) keepLogs() {
	c.t.Helper()
	parent := os.Getenv("CHAOS_LOGS")
	if parent != "" {
		require.NoError(c.t, os.MkdirAll(parent, 0o755))
	}
	var err error
	c.logs, err = os.MkdirTemp(parent, "chaos-")
	require.NoError(c.t, err)
	c.t.Cleanup(func() {
		if c.t.Failed() {
			c.t.Logf("chaos failed; the same plan again: %v; the members' logs are in %s", c.plan, c.logs)
			return
		}
		if parent != "" {
			return
		}
		assert.NoError(c.t, os.RemoveAll(c.logs))
	})
}

// rage lets faults strike until the time is over.
func (c *chaos) rage() {
	c.t.Helper()
	began := c.now()
	end, schedule, kinds := began+c.plan.duration, c.plan.dice("schedule"), c.plan.dice("kinds")
	nextNews := began + time.Minute
	for next := began; c.now() < end; {
		c.waitUntil(c.agenda.next(next))
		c.agenda.doDue(c.now())
		c.look()
		if c.now() >= next {
			c.strike(drawFault(kinds))
			next += schedule.pause()
		}
		if c.now() >= nextNews {
			c.t.Logf("%v: %v", (c.now() - began).Round(time.Second), c.progress())
			nextNews += time.Minute
		}
	}
}

// strike counts a fault that had somebody to strike.
func (c *chaos) strike(fault chaosFault) {
	drawn := fault.name + ", drawn"
	c.struck[drawn]++
	if fault.strike(c, c.plan.dice(fault.name, c.struck[drawn])) {
		c.struck[fault.name]++
	}
}

// look fails the test as soon as something is wrong that time does not mend.
func (c *chaos) look() {
	c.t.Helper()
	c.bury()
	health := c.health()
	// Who ended well needs no further look.
	c.members = slices.DeleteFunc(c.members, func(m *member) bool { return m.isOver() && m.process.State() != nil && m.complaint.Load() == nil })
	if violations := c.books.violationsSoFar(); health != nil || len(violations) > 0 {
		c.tell(c.books.accusedStreams())
		require.NoError(c.t, health)
		require.Empty(c.t, violations)
	}
}
