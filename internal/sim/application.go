package sim

import (
	"errors"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// application is what a process does with its streams: it reads notifications,
// works for a while on each stream, writes to a resource that checks tokens,
// and settles.
type application struct {
	process   *process
	jobs      []*job
	requests  []request
	expecting bool // an appointment to read a notification exists
	stuckTill time.Duration
	slowTill  time.Duration
	slowness  time.Duration
}

// job is the work on one tenure, from StreamAdded to its end in the
// application's view.
type job struct {
	ref     core.StreamRef
	token   core.Token
	due     time.Duration // true
	asked   bool          // the application has said how it ends
	outcome core.Outcome
}

// request is a call of the application that waits for a Reply.
type request struct {
	id      core.RequestID
	job     *job // nil: a Claim
	outcome core.Outcome
	since   time.Duration
}

func (a *application) init(p *process) { a.process = p }

// offer: if a notification waits the application reads it, when it gets to it.
func (a *application) offer() {
	p := a.process
	if a.expecting || p.received || !p.machineSpeaks() {
		return
	}
	a.expecting = true
	w := p.world
	wait := within(mix(p.number, uint64(w.now), 7), 0, 200*time.Microsecond)
	if w.now < a.slowTill {
		wait += within(mix(p.number, uint64(w.now), 8), 0, a.slowness)
	}
	w.agenda.add(appointment{at: max(w.now+wait, a.stuckTill), what: toReceive, process: p})
}

func (p *process) machineSpeaks() bool {
	_, speaks := p.machine.Notification()
	return speaks && !p.dead
}

// receive: the application reads what the loop offers. The loop counts it in
// its next step, which may come a while later.
func (p *process) receive() {
	w := p.world
	if p.dead {
		return
	}
	if wait := max(p.frozenUntil, p.app.stuckTill); w.now < wait {
		w.agenda.add(appointment{at: wait, what: toReceive, process: p})
		return
	}
	p.app.expecting = false
	notification, ok := p.machine.Notification()
	if !ok || p.received {
		return
	}
	p.app.hear(notification)
	if p.ended {
		return // there is no loop any more: this was the end of what it had to say
	}
	p.received = true
	if p.nap > 0 {
		w.disturbed(p)
		p.napUntil, p.nap = w.now+p.nap, 0
		w.troubleUntil(p.napUntil)
	}
	p.callLoop()
}

func (a *application) hear(n core.Notification) {
	p := a.process
	p.note(Event{Kind: Heard, Ref: n.Ref, Token: n.Token, Cause: n.Kind.String()})
	p.world.observer.heard(p, n.Kind, n.Ref, n.Token)
	switch n.Kind {
	case core.StreamAdded:
		a.take(n.Ref, n.Token)
	case core.StreamExpired:
		p.world.after(within(mix(p.number, uint64(p.world.now), 9), 0, 20*time.Millisecond), func() { a.claimExpired(n.Ref) })
	case core.StreamDisowned:
		a.stop(n.Ref, n.Token)
	case core.StreamTerminated:
		a.jobs = nil
	}
}

// take begins the work on a stream.
func (a *application) take(ref core.StreamRef, token core.Token) {
	p, w := a.process, a.process.world
	number := mix(w.seed, ofWorkload, textNumber(ref.Name), textNumber(ref.MessageID), uint64(token))
	j := &job{ref: ref, token: token, outcome: core.Done}
	j.due = w.now + within(number, w.setup.WorkMin, w.setup.WorkMax+1)
	switch odds := int(finish(number) % 1000); {
	case odds < w.setup.Fails:
		j.outcome = core.Failed
	case odds < w.setup.Fails+w.setup.GivesUp:
		j.outcome = core.HandedOff
	}
	if w.poisoned[ref.Name] {
		j.outcome, j.due = core.Failed, w.now+poisonTakes
	}
	a.jobs = append(a.jobs, j)
	w.positions.load(p, j)
	w.resource.write(p, j)
	w.at(j.due, func() { a.finish(j) })
	a.goOnWriting(j)
}

// goOnWriting writes again and again, as long as the work lasts.
func (a *application) goOnWriting(j *job) {
	w := a.process.world
	if w.setup.Writes == 0 {
		return
	}
	w.after(w.setup.Writes, func() {
		if !a.process.lives() || j.asked || !slices.Contains(a.jobs, j) {
			return
		}
		if !a.process.frozen() && w.now >= a.stuckTill {
			w.resource.write(a.process, j)
		}
		a.goOnWriting(j)
	})
}

func (a *application) drop(ref core.StreamRef, token core.Token) {
	a.jobs = slices.DeleteFunc(a.jobs, func(j *job) bool { return j.ref == ref && j.token == token })
}

// stop ends the work on a tenure that was lost. Now and then a worker does not
// look at its context, and settles what has long been another's.
func (a *application) stop(ref core.StreamRef, token core.Token) {
	p := a.process
	number := mix(p.number, textNumber(ref.Name), uint64(token), 10)
	a.drop(ref, token)
	if number%4 == 0 {
		late := &job{ref: ref, token: token, outcome: core.Done}
		p.world.after(within(finish(number), 0, p.config.TTL), func() {
			if p.lives() && !p.frozen() && !p.closing {
				a.settle(late)
			}
		})
	}
}

// finish: the work is done, if the process is there to do it and has not been
// told to stop. A frozen one goes on when it thaws.
func (a *application) finish(j *job) {
	p := a.process
	if !p.lives() || p.frozen() || j.asked || !slices.Contains(a.jobs, j) {
		return
	}
	if wait := a.stuckTill; p.world.now < wait {
		p.world.at(wait, func() { a.finish(j) })
		return
	}
	if !p.believes(j.ref, j.token) && !p.closing {
		return // its context has ended
	}
	a.settle(j)
}

func (a *application) settle(j *job) {
	p := a.process
	p.world.resource.write(p, j)
	j.asked = true
	p.requests++
	a.requests = append(a.requests, request{id: p.requests, job: j, outcome: j.outcome, since: p.world.now})
	p.world.observer.asked(p, j)
	p.deliver(core.SettleRequested{Request: p.requests, Ref: j.ref, Token: j.token, Outcome: j.outcome, Reason: "because"})
}

// goOn: the process was frozen. Its threads may be quicker than the loop: they
// write, and settle what is due, whatever has happened meanwhile.
func (a *application) goOn() {
	p := a.process
	for _, j := range slices.Clone(a.jobs) {
		p.world.resource.write(p, j)
		if !j.asked && j.due <= p.world.now {
			a.settle(j)
		}
	}
}

// claim asks for a stream by its ref.
func (a *application) claim(ref core.StreamRef) {
	p := a.process
	p.requests++
	a.requests = append(a.requests, request{id: p.requests, since: p.world.now})
	p.deliver(core.ClaimRequested{Request: p.requests, Ref: ref})
}

// claimExpired goes after what has no owner, unless the application stands still.
func (a *application) claimExpired(ref core.StreamRef) {
	p := a.process
	if p.lives() && !p.closing && !p.frozen() && p.world.now >= a.stuckTill {
		p.world.claimed = true
		p.world.met(ClaimedWhatExpired)
		a.claim(ref)
	}
}

// giveUp ends the waiting for the oldest Claim.
func (a *application) giveUp() {
	for i, r := range a.requests {
		if r.job == nil {
			a.requests = slices.Delete(a.requests, i, i+1)
			a.process.deliver(core.RequestAbandoned{Request: r.id})
			return
		}
	}
}

func (a *application) replied(reply core.Reply) {
	at := slices.IndexFunc(a.requests, func(r request) bool { return r.id == reply.Request })
	if at < 0 {
		return
	}
	r := a.requests[at]
	a.requests = slices.Delete(a.requests, at, at+1)
	switch {
	case r.job == nil:
		a.claimed(reply)
	case errors.Is(reply.Err, core.ErrRefused):
		a.again(r.job)
	default:
		a.process.world.observer.answered(a.process, r, reply.Err)
		a.drop(r.job.ref, r.job.token)
	}
}

func (a *application) claimed(reply core.Reply) {
	p := a.process
	if reply.Err != nil {
		p.world.counts.claims[1]++
		return
	}
	p.world.counts.claims[0]++
	p.world.observer.heardReply(p, reply.Ref, reply.Token)
	a.take(reply.Ref, reply.Token)
}

// again: the source refused, and nothing happened; the application tries later.
func (a *application) again(j *job) {
	j.asked = false
	a.process.world.observer.unasked(a.process, j)
	a.process.world.after(time.Second, func() { a.finish(j) })
}
