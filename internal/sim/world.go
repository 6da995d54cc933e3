package sim

import (
	"encoding/binary"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/ports"
)

// World is one run: members, stores, applications and what happens between
// them, in virtual time.
type World struct {
	scenario Scenario
	setup    Setup
	config   core.Config // of every member, with its defaults
	options  Options
	seed     uint64
	now      time.Duration
	agenda   agenda
	rush     int           // appointments at this very instant
	rushedAt time.Duration // this very instant
	steps    int64

	network, workload, schedule, faults, identity *chance

	servers    []*server // the first has the source
	source     *source
	leases     *leaseStore
	set        ports.Set
	processes  []*process
	listening  []*call // Fetches that wait for an announcement
	weather    weather
	resource   resource
	positions  *checkpoints
	poisoned   map[string]bool // streams of which all work fails
	snapshots  []remembered
	real       *reality // nil at model depth
	path       *path    // the choices of an exhaustive search; nil: there is none
	observer   observer
	chronicler *chronicler // nil: nobody wants the chronicle
	counts     counts

	calm        bool // the time of faults is over
	calmSince   time.Duration
	recordsLost bool          // the source has lost records
	counterLost bool          // the lease store has lost its counter
	lostAt      time.Duration // when a store last lost data or writes
	setBack     bool          // a server's clock was set back
	tokensLost  bool          // the counter, and the clock is of no help
	claimed     bool          // an application has called Claim
	trouble     time.Duration // when something was last wrong; a fault that lasts reaches into the future
	hintsGone   time.Duration // the same for hints alone
	hash        digest
	trace       Trace
	decisions   []Action // what noise decided, as actions that decide it again
}

func newWorld(scenario Scenario, options Options) *World {
	w := &World{scenario: scenario, setup: scenario.Setup.withDefaults(), options: options, seed: options.Seed}
	w.network, w.workload = newChance(w.seed, ofNetwork), newChance(w.seed, ofWorkload)
	w.schedule, w.faults = newChance(w.seed, ofSchedule), newChance(w.seed, ofFaults)
	w.identity = newChance(w.seed, ofIdentity)
	w.config = w.machine(core.Member{ID: "m0", Incarnation: "m0"}, [32]byte{}).Config()
	w.counts.init()
	w.observer.init(w)
	w.positions = newCheckpoints(w)
	w.buildStores()
	if options.Chronicle {
		w.chronicler = newChronicler(w)
	}
	return w
}

// at makes an appointment for something that is not all the time.
func (w *World) at(when time.Duration, do func()) {
	w.agenda.add(appointment{at: max(when, w.now), what: toDo, do: do})
}

func (w *World) after(wait time.Duration, do func()) { w.at(w.now+wait, do) }

// busyLoop is how many appointments at one instant mean that time stands still.
const busyLoop = 100_000

// run goes on until the instant has come or an invariant is violated.
func (w *World) run(until time.Duration) {
	if w.real != nil {
		w.real.run(until)
	}
	for len(w.agenda.heap) > 0 && w.agenda.heap[0].at <= until && !w.observer.stopped() {
		w.keepNext()
	}
	if !w.observer.stopped() {
		w.now = max(w.now, until)
	}
}

// keepNext keeps the first appointment.
func (w *World) keepNext() {
	next := w.agenda.next()
	if next.at != w.rushedAt {
		w.rush, w.rushedAt = 0, next.at
	}
	w.now = next.at
	w.steps++
	if w.rush++; w.rush > busyLoop {
		w.observer.violated(Liveness, nil, core.StreamRef{}, 0, "a busy loop: time stands still")
		return
	}
	w.keep(&next)
}

// keep keeps an appointment.
func (w *World) keep(a *appointment) {
	switch a.what {
	case toLoop:
		a.process.comeRound()
	case toWake:
		a.process.ring(a.at)
	case toApply:
		a.process.apply(a.call)
	case toAnswer:
		a.process.answered(a.call)
	case toTimeOut:
		a.process.timedOut(a.call)
	case toReceive:
		a.process.receive()
	case toExpire:
		w.expire(a.expires)
	case toDo:
		a.do()
	}
	w.observer.check()
}

// note puts an event into the hash, and into the trace if anybody wants it.
func (w *World) note(e Event) {
	e.At = w.now
	w.hash.addEvent(&e)
	w.tell(e)
}

// tell puts an event into the trace alone. The hash must not depend on who
// reads the trace.
func (w *World) tell(e Event) {
	if w.options.Trace {
		w.trace = append(w.trace, e)
	}
	if w.options.Watch != nil {
		w.options.Watch(e)
	}
}

// boot starts a process with a new incarnation.
func (w *World) boot(id string) *process {
	twins := 0
	for _, p := range w.processes {
		if p.member.ID == id {
			twins++
		}
	}
	p := &process{world: w, index: len(w.processes), label: id, rate: w.rateOf(id)}
	if twins > 0 {
		p.label = fmt.Sprintf("%s#%d", id, twins+1)
	}
	p.number = mix(w.seed, ofIdentity, textNumber(id), uint64(twins))
	p.member = core.Member{ID: id, Incarnation: fmt.Sprintf("%s-%d", id, twins+1)}
	p.clock = clock{began: w.now, ppm: p.rate}
	p.app.init(p)
	w.processes = append(w.processes, p)
	p.begin(w.machine(p.member, p.machineSeed()))
	return p
}

func (w *World) machine(member core.Member, seed [32]byte) *core.Machine {
	machine, err := core.New(w.setup.machine(member, seed, w.options.Ablation.Core))
	if err != nil {
		panic(fmt.Sprintf("the scenario's setup is impossible: %v", err))
	}
	return machine
}

func (p *process) machineSeed() (seed [32]byte) {
	for i := range 4 {
		binary.LittleEndian.PutUint64(seed[8*i:], mix(p.number, uint64(i)))
	}
	return seed
}

// process returns the newest process with that ID which lives; nil: none does.
func (w *World) process(id string) *process {
	for i := len(w.processes) - 1; i >= 0; i-- {
		if p := w.processes[i]; p.label == id && p.lives() {
			return p
		}
	}
	for i := len(w.processes) - 1; i >= 0; i-- {
		if p := w.processes[i]; p.member.ID == id && p.lives() {
			return p
		}
	}
	return nil
}
