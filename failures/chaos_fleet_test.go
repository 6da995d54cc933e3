package failures_test

import (
	"fmt"
	"path/filepath"
	"slices"
	"time"

	"github.com/stretchr/testify/assert"
)

const (
	fewestMembers = 4
	mostMembers   = 8
	firstMembers  = 5
	producers     = 2
)

// chaosProcess is a member, or a producer, with a network of its own.
type chaosProcess struct {
	*member
	proxy  *proxy
	killed bool
}

// startMember starts a member; with no ID given, it gets the next one. The
// fleet has a limit.
func (c *chaos) startMember(id string) {
	if len(c.livingMembers()) >= mostMembers {
		return
	}
	c.started++
	if id == "" {
		id = fmt.Sprint("member-", c.started)
	}
	settings := c.settings
	settings.Toils, settings.Seed = true, c.plan.dice("toil", c.started).Uint64()
	c.fleet = append(c.fleet, c.startProcess(memberProgram, id, settings))
}

func (c *chaos) startProducer(id string) *chaosProcess {
	c.started++
	settings := c.settings
	settings.Seed = c.plan.dice("announcements", c.started).Uint64()
	return c.startProcess(producerProgram, id, settings)
}

func (c *chaos) startProcess(program, id string, settings settings) *chaosProcess {
	proxy := startProxy(c.t, c.server.Addr())
	settings.ID, settings.Redis = id, proxy.URL(0)
	settings.Log = filepath.Join(c.logs, fmt.Sprintf("%04d %s.log", c.started, id))
	started := &chaosProcess{member: startProgram(c.t, program, c.books, c.now, settings), proxy: proxy}
	c.members = append(c.members, started.member)
	return started
}

func (c *chaos) livingMembers() []*chaosProcess {
	return slices.DeleteFunc(slices.Clone(c.fleet), func(p *chaosProcess) bool { return p.isOver() })
}

func (c *chaos) livingProducers() []*chaosProcess {
	return slices.DeleteFunc(slices.Clone(c.producers), func(p *chaosProcess) bool { return p.isOver() })
}

// all are who has a network: members that are closing too.
func (c *chaos) all() []*chaosProcess { return slices.Concat(c.fleet, c.producers) }

// bury forgets members that have ended as they should: of an hour's hundreds
// only the books keep what they said.
func (c *chaos) bury() {
	c.fleet = slices.DeleteFunc(c.fleet, func(dead *chaosProcess) bool {
		state := dead.process.State()
		if !dead.isOver() || state == nil {
			return false
		}
		assert.True(c.t, dead.killed || state.Success(), "%v, which was to close, ended with %v", dead, state)
		dead.proxy.close()
		return true
	})
}

// endProducers ends them all; nothing is announced any more, late or otherwise.
func (c *chaos) endProducers() {
	c.t.Helper()
	for _, producer := range c.producers {
		producer.beginClose()
	}
	for _, producer := range c.producers {
		producer.awaitEnd()
		producer.proxy.close()
	}
}

// completeFleet sees to it that there are enough members to heal.
func (c *chaos) completeFleet() {
	for len(c.livingMembers()) < fewestMembers {
		c.startMember("")
	}
}

// waitUntil returns at the time.
func (c *chaos) waitUntil(at time.Duration) {
	if left := at - c.now(); left > 0 {
		<-time.After(left)
	}
}
