package sim

import (
	"errors"

	"github.com/streamlease/streamlease/core"
)

// What members keep, and what they are answered, must be what it says it is.

// verifyEvery is how many looks lie between two at a machine's own books. What
// is wrong there stays wrong.
const verifyEvery = 5

// lookAtBooks asks a machine whether its books are right.
func (o *observer) lookAtBooks(p *process) {
	if o.looks++; !p.lives() || o.looks%verifyEvery != 0 {
		return
	}
	o.checks[Sound]++
	if err := p.machine.Verify(); err != nil {
		o.violated(Sound, p, core.StreamRef{}, 0, "%s: %v", p.label, err)
	}
}

// checkAnswer: what a member hears is the answer to this very call.
func (o *observer) checkAnswer(c *call, event core.Event) {
	answer, isAnswer := event.(core.PortAnswer)
	if !isAnswer {
		o.violated(Sound, c.process, core.StreamRef{}, 0, "%v was answered by %T", c.what, event)
		return
	}
	head := answer.Head()
	switch {
	case head.Call != c.id:
		o.violated(Sound, c.process, core.StreamRef{}, 0, "%v was answered as another call", c.what)
	case head.Sent != c.sent:
		o.violated(Sound, c.process, core.StreamRef{}, 0, "%v was answered as if it had been sent %v later", c.what, head.Sent-c.sent)
	}
}

// checkUnanswered: a call without results is one that failed so.
func (o *observer) checkUnanswered(c *call, event core.Event, err error) {
	if answer, isAnswer := event.(core.PortAnswer); !isAnswer || !errors.Is(answer.Head().Err, err) {
		o.violated(Sound, c.process, core.StreamRef{}, 0, "%v failed, and its member hears of no error, or another", c.what)
	}
}
