package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
)

// process is one member process: the machine, its clock, its loop, its
// connection, its application.
type process struct {
	world   *World
	index   int
	label   string
	number  uint64 // its own, for draws that belong to it
	member  core.Member
	machine *core.Machine
	config  core.Config
	call    driver.Translator
	clock   clock
	rate    int64

	dead, ended bool
	closing     bool
	frozenUntil time.Duration
	cutRequests time.Duration
	cutReplies  time.Duration
	cutHints    time.Duration
	deaf        bool // hints were cut; a gap is due when they come back
	latency     time.Duration
	slowUntil   time.Duration
	lagUntil    time.Duration
	lag         time.Duration
	nap         time.Duration // the loop is to stand still so long after the next reading
	napUntil    time.Duration
	connected   time.Duration // since when hints come

	inbox    []core.Event
	spare    []core.Event
	looping  bool          // an appointment of the loop exists
	loopAt   time.Duration // when it comes round
	received bool          // the application has received what the next step must begin with
	wanted   time.Duration // when the timer rings, by the process's clock
	wakeAt   time.Duration // the same in true time; 0: it is not set
	open     []*call
	hits     []*hit
	requests core.RequestID
	sends    uint64

	app    application
	belief belief
	past   []job // what the application has settled lately

	begun, endings int           // tenures
	owed           int           // tenures whose end the application has still to hear of
	unwell         time.Duration // when it was last seen not to be well
	mute           time.Duration // when it was last seen not to be able to say something
	closesBy       time.Duration // until when its application may keep it from closing
	closedAt       time.Duration // when it was asked to close, by the source's clock; -1: it was not
	contextsEnded  bool          // its machine knows that it closes
	started        time.Duration
	full           bool          // it had no room when it was last seen
	sweepOwed      time.Duration // since when it has had room again and not asked the sweep; -1: it has
}

func (p *process) lives() bool { return !p.dead && !p.ended }

func (p *process) frozen() bool { return p.world.now < p.frozenUntil }

func (p *process) time() time.Duration { return p.clock.at(p.world.now) }

func (p *process) note(e Event) {
	e.Member = p.label
	p.world.note(e)
}

// noteByNumbers is for what happens all the time: the hash eats no text of it.
func (p *process) noteByNumbers(e Event) {
	w := p.world
	e.At, e.Member = w.now, p.label
	w.hash.add(uint64(e.At))
	w.hash.add(uint64(e.Kind)<<40 | uint64(e.Call)<<32 | uint64(p.index))
	w.tell(e)
}

func (p *process) begin(machine *core.Machine) {
	p.machine, p.config = machine, machine.Config()
	p.call = driver.Translator{Ports: p.world.set, Member: p.member}
	p.connected, p.started = p.world.now, p.world.now
	p.closedAt, p.sweepOwed = -1, -1
	p.note(Event{Kind: Started})
	if p.world.real != nil {
		p.world.real.boot(p)
	}
	p.world.connectHints(p)
	p.deliver(core.Start{})
}

// deliver gives the loop an event. The loop comes round at once, or later.
func (p *process) deliver(event core.Event) {
	if !p.lives() {
		return
	}
	p.inbox = append(p.inbox, event)
	p.callLoop()
}

func (p *process) callLoop() {
	if p.looping || !p.lives() {
		return
	}
	p.looping = true
	at := p.world.now
	if number := mix(p.number, uint64(at)); at < p.lagUntil && number%4 == 0 { // a pause, not a slow machine
		at += within(finish(number), 0, p.lag)
	}
	p.loopAt = max(at, p.standsUntil())
	p.world.agenda.add(appointment{at: p.loopAt, what: toLoop, process: p})
}

// standsUntil is until when the loop cannot come round.
func (p *process) standsUntil() time.Duration { return max(p.frozenUntil, p.napUntil) }

// ring: the machine's timer.
func (p *process) ring(at time.Duration) {
	if p.wakeAt == at && p.lives() {
		p.wakeAt = 0
		p.callLoop()
	}
}

// comeRound is one turn of the loop: everything that has come by now goes into
// one step.
func (p *process) comeRound() {
	if !p.lives() {
		p.looping = false
		return
	}
	if until := p.standsUntil(); until > p.world.now {
		p.loopAt = until
		p.world.agenda.add(appointment{at: p.loopAt, what: toLoop, process: p})
		return
	}
	p.looping = false
	events := p.inbox
	p.inbox = p.spare[:0]
	if p.received {
		p.received = false
		events = append(events, nil)
		copy(events[1:], events)
		events[0] = core.NotificationReceived{}
	}
	for _, command := range p.machine.Step(p.time(), events...) {
		if p.dead { // it died in the middle of what it had to do
			return
		}
		p.carryOut(command)
	}
	clear(events)
	p.spare = events[:0]
	if p.dead {
		return
	}
	p.world.observer.stepped(p)
	p.app.offer()
}

func (p *process) carryOut(command core.Command) {
	w := p.world
	switch command := command.(type) {
	case core.WakeAt:
		p.wanted = command.At
		p.setTimer()
	case core.TenureBegan:
		w.observer.began(p, command.Tenure)
	case core.TenureEnded:
		w.observer.ended(p, command)
	case core.Reply:
		p.app.replied(command)
	case core.CancelCall:
		p.cancel(command.ID)
	case core.ContextEnded:
		p.contextsEnded = true
	case core.Joined:
	case core.Terminated:
		p.leave()
	case core.Broken:
		w.observer.violated(Sound, p, core.StreamRef{}, 0, "%s", command.What)
	default:
		p.send(command)
	}
}

// setTimer sets the machine's timer, by the process's clock as it runs now.
func (p *process) setTimer() {
	p.wakeAt = p.clock.when(p.wanted, p.world.now)
	p.world.agenda.add(appointment{at: p.wakeAt, what: toWake, process: p})
}

// setRate changes the rate of the process's clock.
func (p *process) setRate(ppm int64) {
	p.clock.setRate(p.world.now, ppm)
	p.world.chronicler.rateChanged(p)
	if p.wakeAt > 0 {
		p.setTimer()
	}
}

// leave: the machine has stopped; the process ends.
func (p *process) leave() {
	p.world.observer.lookAtLeaving(p)
	p.ended = true
	p.note(Event{Kind: Left})
	if p.world.real != nil {
		p.world.real.shut(p)
	}
	p.world.observer.gone(p)
}

// crash ends the process without a word. What it has sent goes on.
func (p *process) crash() {
	if !p.lives() {
		return
	}
	p.dead = true
	p.note(Event{Kind: Crashed})
	if p.world.real != nil {
		p.world.real.shut(p)
	}
	p.world.observer.gone(p)
}

// freeze lets the process stand still; what comes meanwhile waits.
func (p *process) freeze(duration time.Duration) {
	until := p.world.now + duration
	if !p.lives() || until <= p.frozenUntil {
		return
	}
	if !p.frozen() {
		p.note(Event{Kind: Frozen, Until: until})
	}
	p.frozenUntil = until
	p.world.at(until, p.thaw)
}

// thawNow lets a frozen process go on before its time.
func (p *process) thawNow() {
	if !p.lives() || !p.frozen() {
		return
	}
	p.frozenUntil = p.world.now
	p.thaw()
	if p.looping && p.loopAt > p.world.now { // its loop was to come round at the end of that time
		p.looping = false
		p.callLoop()
	}
	p.app.expecting = false // and its application was to read
	p.app.offer()
}

// thaw: the application's own threads may run before the loop does.
func (p *process) thaw() {
	if !p.lives() || p.frozen() {
		return
	}
	p.note(Event{Kind: Thawed})
	p.app.goOn()
	p.callLoop()
}
