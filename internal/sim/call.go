package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
)

// Call is which method of a port is called; 0: none.
type Call uint8

// The calls.
const (
	Heartbeat Call = iota + 1
	Fetch
	Deliveries
	Take
	Settle
	Sweep
	Acquire
	Renew
	Leases
	Release
	Inspect
	Publish
	Check
	calls // their number, plus one
)

var callNames = [calls]string{"", "heartbeat", "fetch", "deliveries", "take", "settle", "sweep",
	"acquire", "renew", "leases", "release", "inspect", "publish", "check"}

// String returns the method's name in lower case, as scenarios write it.
func (c Call) String() string { return callNames[c] }

func callOf(command core.Command) Call {
	switch command.(type) {
	case core.SendHeartbeat:
		return Heartbeat
	case core.SendFetch:
		return Fetch
	case core.SendDeliveries:
		return Deliveries
	case core.SendTake:
		return Take
	case core.SendSettle:
		return Settle
	case core.SendSweep:
		return Sweep
	case core.SendAcquire:
		return Acquire
	case core.SendRenew:
		return Renew
	case core.SendLeases:
		return Leases
	case core.SendRelease:
		return Release
	case core.SendInspect:
		return Inspect
	case core.SendPublish:
		return Publish
	case core.SendCheck:
		return Check
	default:
		return 0
	}
}

// call is one call of a member to a port, from its command to its answer.
type call struct {
	process   *process
	what      Call
	command   core.Command
	id        core.CallID
	sent      time.Duration // by the member's clock
	deadline  time.Duration // true
	sentAt    time.Duration // true
	closed    bool          // the member has an answer
	cancelled bool
	applied   bool
	late      bool // it takes effect after the member has given it up
	hit       *hit
	answer    core.Event
}

// unanswered is what the call's member hears when it has no results, but err.
func (c *call) unanswered(err error) core.Event {
	event := driver.Unanswered(c.command, c.sent, err)
	c.process.world.observer.checkUnanswered(c, event, err)
	return event
}
