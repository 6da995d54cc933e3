package sim

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
)

// What happens to one call between a member and a store. At every instant one
// appointment at most leads on from it: that it is applied, answered, or timed
// out.

var (
	errReset   = errors.New("connection reset")
	errTimeout = errors.New("i/o timeout")
)

// latency of one way of one call. It belongs to the call, so that taking
// another call's fault away does not move it.
func (p *process) way(c *call, way uint64) time.Duration {
	if p.world.path != nil {
		return p.world.path.speed(p.world, c, way)
	}
	number := mix(p.number, uint64(c.id), uint64(c.what), way)
	took := within(number, 50*time.Microsecond, 500*time.Microsecond)
	if number%20 == 0 { // now and then a message takes its time, and all is well
		took += within(finish(number+2), 0, p.config.TTL/30)
	}
	if p.world.now < p.slowUntil {
		took += within(finish(number), 0, p.latency)
	}
	if slow := p.world.slowness(c.what); slow > 0 {
		took += within(finish(number+1), 0, slow)
	}
	return took
}

// send starts a call, with whatever fault it meets.
func (p *process) send(command core.Command) {
	w := p.world
	head, _ := driver.Header(command)
	c := &call{process: p, what: callOf(command), command: command, id: head.ID, sent: p.time(), sentAt: w.now}
	c.deadline = p.clock.when(c.sent+driver.Allowance(command), w.now)
	p.open = append(p.open, c)
	p.sends++
	w.counts.calls[c.what]++
	p.noteByNumbers(Event{Kind: Sent, Call: c.what, Cause: string(head.Reason)})
	w.observer.sent(p, c, head.Reason)
	c.hit = p.hitFor(c)
	if w.real != nil {
		w.real.start(c)
		return
	}
	if c.hit != nil && c.hit.Moment != After {
		p.strike(c)
		return
	}
	p.request(c)
}

// request puts the call on its way to the store.
func (p *process) request(c *call) {
	w := p.world
	if w.now < p.cutRequests {
		p.lose(c, "request cut off")
		return
	}
	p.arrive(c, w.now+p.way(c, 1))
}

// arrive lets the call take effect at an instant, before or after the member
// gives it up.
func (p *process) arrive(c *call, at time.Duration) {
	if at >= c.deadline {
		p.timeOutAt(c)
		c.late = true
		p.world.troubleUntil(at) // until the last late packet has arrived, all is not well
	}
	p.world.agenda.add(appointment{at: at, what: toApply, process: p, call: c})
}

// lose: nothing of the call will be heard any more.
func (p *process) lose(c *call, cause string) {
	p.note(Event{Kind: Lost, Call: c.what, Cause: cause})
	p.timeOutAt(c)
}

func (p *process) timeOutAt(c *call) {
	p.world.agenda.add(appointment{at: max(c.deadline, p.world.now), what: toTimeOut, process: p, call: c})
}

func (p *process) timedOut(c *call) {
	if c.closed || !p.lives() {
		return
	}
	p.note(Event{Kind: TimedOut, Call: c.what})
	p.close(c, c.unanswered(errTimeout))
}

// apply lets the call take effect at the store.
func (p *process) apply(c *call) {
	w := p.world
	switch {
	case c.what == Fetch && (c.applied || !c.late && (c.closed || !p.lives())):
		return // a Fetch that waited: it was called off, given up, or has its answer
	case w.unreachable(c.what):
		w.counts.change(storeDown, c)
		p.fail(c, errReset)
		return
	case w.refusal(c.what) != nil:
		w.counts.change(storeRefuses, c)
		p.fail(c, w.refusal(c.what))
		return
	case c.what == Fetch && p.waits(c):
		return
	}
	command := c.command
	if c.hit != nil && c.hit.half {
		command = half(command)
	}
	event := p.call.Call(context.Background(), c.sent, command)
	c.applied, c.answer = true, event
	w.observer.applied(p, c, command, event)
	w.chronicler.applied(command)
	if c.hit != nil && c.hit.half {
		c.answer = c.unanswered(errReset)
	}
	if c.hit != nil && (c.hit.Moment == Applied || c.hit.Moment == Late) {
		p.struck(c)
		return
	}
	p.reply(c, c.answer)
}

// waits: nothing was announced, and the Fetch may wait for it. It is looked at
// again when something is, and at the end of its time.
func (p *process) waits(c *call) bool {
	w := p.world
	until := c.sentAt + c.command.(core.SendFetch).Wait
	if w.source.backlog > 0 || c.closed || c.cancelled || w.now >= until {
		return false
	}
	if !slices.Contains(w.listening, c) {
		w.listening = append(w.listening, c)
		w.agenda.add(appointment{at: until, what: toApply, process: p, call: c})
		if until >= c.deadline { // its member's clock is fast
			p.timeOutAt(c)
		}
	}
	return true
}

// ringFetches lets those that wait for an announcement look again, the one
// that has waited longest first.
func (w *World) ringFetches() {
	for _, c := range w.listening {
		w.agenda.add(appointment{at: w.now + 10*time.Microsecond, what: toApply, process: c.process, call: c})
	}
	clear(w.listening)
	w.listening = w.listening[:0]
}

// fail answers with an error of the whole call.
func (p *process) fail(c *call, err error) {
	if !c.closed && p.lives() {
		p.comeBack(c, c.unanswered(err))
	}
}

func (p *process) reply(c *call, event core.Event) {
	if c.closed || !p.lives() {
		return
	}
	if p.world.now < p.cutReplies {
		p.world.counts.change(cutReply, c)
		p.lose(c, "reply cut off")
		return
	}
	p.comeBack(c, event)
}

func (p *process) comeBack(c *call, event core.Event) {
	at := p.world.now + p.way(c, 2)
	if at >= c.deadline {
		p.timeOutAt(c)
		return
	}
	c.answer = event
	p.world.agenda.add(appointment{at: at, what: toAnswer, process: p, call: c})
}

// answered: the answer has reached the process; a frozen one finds it later.
func (p *process) answered(c *call) {
	if c.closed || !p.lives() {
		return
	}
	p.noteByNumbers(Event{Kind: Answered, Call: c.what})
	p.close(c, c.answer)
	if c.hit != nil && c.hit.Moment == After {
		p.struck(c)
	}
}

// close hands the answer to the loop, once.
func (p *process) close(c *call, event core.Event) {
	c.closed = true
	at := slices.Index(p.open, c)
	last := len(p.open) - 1
	p.open[at], p.open[last] = p.open[last], nil
	p.open = p.open[:last]
	p.world.observer.checkAnswer(c, event)
	p.belief.answer(p, c, event)
	p.deliver(event)
}

// cancel ends a Fetch that waits.
func (p *process) cancel(id core.CallID) {
	for _, c := range p.open {
		if c.id == id && !c.cancelled {
			c.cancelled = true
			if p.world.real != nil {
				p.world.real.cancel(p, id)
				return
			}
			p.world.after(p.way(c, 3), func() {
				if !c.closed && !c.applied && p.lives() {
					p.close(c, c.unanswered(context.Canceled))
				}
			})
			return
		}
	}
}

// half is the first half of a batch: the connection broke in the middle.
func half(command core.Command) core.Command {
	switch c := command.(type) {
	case core.SendTake:
		c.Requests = c.Requests[:len(c.Requests)/2]
		return c
	case core.SendSettle:
		c.Settlements = c.Settlements[:len(c.Settlements)/2]
		return c
	case core.SendAcquire:
		c.Requests = c.Requests[:len(c.Requests)/2]
		return c
	case core.SendRelease:
		c.Requests = c.Requests[:len(c.Requests)/2]
		return c
	default:
		return command
	}
}
