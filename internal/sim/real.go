package sim

import (
	"context"
	"sync"
	"testing/synctest"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
	"github.com/streamlease/streamlease/internal/simnet"
	"github.com/streamlease/streamlease/internal/simredis"
	"github.com/streamlease/streamlease/ports"
)

// Locks is the library whose locks are the leases, where each is one.
type Locks uint8

// The libraries. A quorum is always redsync's.
const (
	Redislock Locks = iota
	Redsync
)

// RunAdapters plays a scenario as Run does, with the real adapters and the real
// go-redis over simulated servers: every request is a point at which anything
// may happen. It has to be called in a testing/synctest bubble, each run in a
// new one, or else the hash depends on what was run before.
func RunAdapters(scenario Scenario, options Options, locks Locks) (result Result) {
	w := newWorld(scenario, options)
	defer w.panicked(&result)
	w.real = newReality(w, locks)
	defer w.real.close()
	w.play()
	return w.result()
}

// reality is the part of the world that is not a model: servers, the network
// before them, and the processes' adapters.
type reality struct {
	world   *World
	locks   Locks
	began   time.Time
	bus     *simnet.Bus
	servers []*simredis.Server // as World.servers
	members []*realMember      // as World.processes
	links   []*link
	talking []*link // those that have something to deliver
	data    map[*Action][]simredis.Data
	refs    map[string]core.StreamRef // of what was announced, by message ID
	given   map[string]core.Lease     // the last lease of each name
	asked   questions
	past    past
	// malformed are the refs of entries that are no assignments.
	malformed map[core.StreamRef]bool
	seen      int64          // changes of all servers that the mirror shows
	work      sync.WaitGroup // goroutines of adapters
}

// realMember is the adapters of one process.
type realMember struct {
	set     ports.Set
	clients []*redis.Client // handed in, and so its own to close
	ctx     context.Context
	end     context.CancelFunc
	work    sync.WaitGroup
	calls   map[core.CallID]context.CancelFunc
	conns   []*simnet.Conn
	closed  bool
	hits    []*realHit
	serial  uint64 // of what goes over its network
	news    uint64 // of its notifier
}

// epoch is when the servers' clocks begin.
var epoch = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)

func newReality(w *World, locks Locks) *reality {
	r := &reality{world: w, locks: locks, began: time.Now(), bus: simnet.NewBus(),
		data: make(map[*Action][]simredis.Data), refs: make(map[string]core.StreamRef),
		given: make(map[string]core.Lease), asked: make(questions), malformed: make(map[core.StreamRef]bool)}
	r.past.init(w)
	for _, host := range w.servers {
		r.servers = append(r.servers, simredis.NewServer(func() time.Time { return epoch.Add(host.clock.at(w.now)) }))
	}
	if w.setup.SmallTokens {
		r.countAhead()
	}
	r.mirror()
	if w.setup.Notifier == Keyspace {
		w.after(expireEvery, r.expireDue)
	}
	return r
}

// expireEvery is how often a server looks for keys that have expired.
const expireEvery = 100 * time.Millisecond

func (r *reality) expireDue() {
	for _, server := range r.servers {
		server.ExpireDue()
	}
	r.flush()
	r.world.after(expireEvery, r.expireDue)
}

func (r *reality) elapsed() time.Duration { return time.Since(r.began) }

// run keeps appointments, and hears at every instant what the adapters want.
func (r *reality) run(until time.Duration) {
	w := r.world
	for !w.observer.stopped() {
		r.listen()
		next := until
		if len(w.agenda.heap) > 0 {
			next = min(next, w.agenda.heap[0].at)
		}
		if wait := next - r.elapsed(); wait > 0 {
			r.sleep(wait)
			continue
		}
		if len(w.agenda.heap) == 0 || w.agenda.heap[0].at > until {
			return
		}
		w.keepNext()
	}
}

func (r *reality) sleep(wait time.Duration) {
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-r.bus.Signal():
	}
}

// listen waits until no goroutine goes on by itself, and takes in what they
// want.
func (r *reality) listen() {
	synctest.Wait()
	parcels, news := r.bus.Take()
	r.world.now = max(r.world.now, r.elapsed())
	for _, parcel := range parcels {
		r.sendOff(parcel)
	}
	for _, one := range news {
		one.Tell()
	}
	r.hangUp()
}

// start makes a call in a goroutine of its own.
func (r *reality) start(c *call) {
	p, m := c.process, r.members[c.process.index]
	apart := time.Duration(c.id % 1000) // no two calls of one step end at one instant
	ctx, cancel := context.WithDeadline(m.ctx, r.began.Add(c.deadline+apart))
	ctx = patient{ctx}
	m.calls[c.id] = cancel
	r.asked.ask(p, c.command)
	if c.hit != nil {
		m.hits = append(m.hits, newRealHit(c))
	}
	m.work.Add(1)
	r.work.Go(func() {
		defer m.work.Done()
		event := p.call.Call(ctx, c.sent, r.paged(c.command))
		cancel()
		r.bus.Say(simnet.News{Process: p.index, Order: uint64(c.id), Tell: func() { r.cameBack(c, event) }})
	})
	// One after the other: which of two calls gets the connection that is idle
	// would be different every time.
	synctest.Wait()
}

// paged is the command with pages as short as the scenario wants them.
func (r *reality) paged(command core.Command) core.Command {
	switch command := command.(type) {
	case core.SendDeliveries:
		command.Limit = shorter(command.Limit, r.world.setup.Pages)
		return command
	case core.SendLeases:
		command.Limit = shorter(command.Limit, r.world.setup.Pages)
		return command
	default:
		return command
	}
}

// patient says that its deadline is a moment later than it is: the libraries make
// timers of their own of that, and which of two timers of one instant comes first
// would be different every time.
type patient struct{ context.Context }

// Deadline is when calls below may be cut off.
func (p patient) Deadline() (time.Time, bool) {
	at, bounded := p.Context.Deadline()
	return at.Add(10 * time.Microsecond), bounded
}

func (r *reality) cameBack(c *call, event core.Event) {
	p := c.process
	delete(r.members[p.index].calls, c.id)
	if c.closed || !p.lives() {
		return
	}
	p.note(Event{Kind: Answered, Call: c.what})
	switch a := event.(type) {
	case core.AcquireAnswered:
		r.world.observer.answeredHeld(c, a)
	case core.PublishAnswered:
		if a.Err != nil { // a connection that was broken long before, perhaps
			r.world.hintsGone = max(r.world.hintsGone, r.world.now)
		}
	}
	r.judge(c, event)
	p.close(c, event)
}

func (r *reality) cancel(p *process, id core.CallID) {
	if cancel := r.members[p.index].calls[id]; cancel != nil {
		cancel()
	}
}

// boot opens a process's adapters and lets its notifier watch.
func (r *reality) boot(p *process) {
	m := &realMember{calls: make(map[core.CallID]context.CancelFunc)}
	m.ctx, m.end = context.WithCancel(context.Background())
	r.members = append(r.members, m)
	m.set = r.open(p, m)
	p.call = driver.Translator{Ports: m.set, Member: p.member}
	if m.set.Notifier == nil {
		return
	}
	m.work.Add(1)
	r.work.Go(func() {
		defer m.work.Done()
		_ = m.set.Notifier.Watch(m.ctx, func(hints []ports.Hint) {
			m.news++
			heard := append([]ports.Hint(nil), hints...)
			r.bus.Say(simnet.News{Process: p.index, Order: 1<<40 + m.news, Tell: func() { p.hear(time.Microsecond, heard) }})
		})
	})
}

// shut ends a process's adapters: it has died, or its client has closed them.
func (r *reality) shut(p *process) {
	m := r.members[p.index]
	if m.closed {
		return
	}
	m.closed = true
	m.end()
	for _, conn := range m.conns {
		conn.Reset()
	}
	r.work.Go(func() {
		m.work.Wait() // as the client does
		_ = driver.Close(m.set)
		for _, client := range m.clients {
			_ = client.Close()
		}
	})
}

// close ends everything, so that the bubble can.
func (r *reality) close() {
	for _, p := range r.world.processes {
		r.shut(p)
	}
	ended := make(chan struct{})
	go func() {
		r.work.Wait()
		close(ended)
	}()
	for {
		synctest.Wait()
		parcels, _ := r.bus.Take()
		for _, parcel := range parcels {
			parcel.Conn.Reset()
		}
		select {
		case <-ended:
			return
		case <-time.After(10 * time.Millisecond):
		}
	}
}
