package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/ports"
)

// server is one machine on which a store lives, and how it is doing.
type server struct {
	clock     clock
	downUntil time.Duration
	loadsFrom time.Duration // at adapters depth the last of that time goes into reading its data
	fullUntil time.Duration // out of memory
	readUntil time.Duration // read-only
	slowUntil time.Duration
	slowness  time.Duration
}

func (s *server) down(now time.Duration) bool { return now < s.downUntil }

// goDown: a server that comes back reads its data for a fifth of the time, and
// answers nothing else.
func (s *server) goDown(now, until time.Duration) {
	if until > s.downUntil {
		s.downUntil, s.loadsFrom = until, until-(until-now)/5
	}
}

// dead: nothing answers.
func (s *server) dead(now time.Duration) bool { return s.down(now) && now < s.loadsFrom }

// loading: it answers, that it is reading its data.
func (s *server) loading(now time.Duration) bool { return s.down(now) && now >= s.loadsFrom }

// buildStores makes the source on the first server, and the lease store: on
// the same one, on one of its own, or on three.
func (w *World) buildStores() {
	now := func() time.Duration { return w.now }
	count := 1
	switch w.setup.Lease {
	case Single:
		count = 2
	case Quorum:
		count = 4
	}
	for range count {
		w.servers = append(w.servers, &server{})
	}
	w.source = newSource(&w.servers[0].clock, now, &w.options.Ablation)
	w.source.pages = w.setup.Pages
	w.source.removed = w.observer.removed
	w.leases = &leaseStore{pages: w.setup.Pages, reached: func(at int) bool { return !w.leaseHosts()[at].down(w.now) }}
	for _, host := range w.leaseHosts() {
		leases := newLeaseServer(w.setup.Lease.shape(), &host.clock, now, &w.options.Ablation)
		if w.setup.SmallTokens {
			leases.clockless, leases.counter = true, pastCounter
		}
		leases.grew, leases.over, leases.overwrote = w.arm, w.grantOver, w.observer.overwritten
		w.leases.servers = append(w.leases.servers, leases)
	}
	w.set = ports.Set{Source: w.source, Leases: w.leases, Notifier: notifier{w}, Checkpoints: w.positions.store}
}

// pastCounter is how many tokens were drawn before the run: a counter that is
// lost begins far below what the source remembers.
const pastCounter = 1000

// leaseHosts are the servers of the lease store.
func (w *World) leaseHosts() []*server {
	if w.setup.Lease == Session {
		return w.servers
	}
	return w.servers[1:]
}

// arm sees to it that somebody looks at the grant when its deadline comes.
func (w *World) arm(g *grant) {
	if g.armed {
		return
	}
	g.armed = true
	w.agenda.add(appointment{at: g.server.clock.when(g.deadline, w.now), what: toExpire, expires: g})
}

func (w *World) expire(g *grant) {
	g.armed = false
	server := g.server
	if server.grants[g.id] != g || g.lost {
		return
	}
	if server.expire(g); !g.lost {
		w.arm(g)
	}
}

// hosts are the servers that a call needs.
func (w *World) hosts(what Call) []*server {
	switch what {
	case Acquire, Renew, Leases, Release, Inspect:
		return w.leaseHosts()
	default:
		return w.servers[:1]
	}
}

// unreachable: too few of the servers that a call needs are up.
func (w *World) unreachable(what Call) bool {
	hosts := w.hosts(what)
	up := 0
	for _, host := range hosts {
		if !host.down(w.now) {
			up++
		}
	}
	return up < len(hosts)/2+1
}

// refusal is what a server in distress says to a call; nil: nothing.
func (w *World) refusal(what Call) error {
	for _, host := range w.hosts(what) {
		switch {
		case w.now < host.fullUntil && (what == Acquire || what == Take || what == Fetch):
			return errFull
		case w.now < host.readUntil && what != Inspect && what != Leases && what != Deliveries && what != Check && what != Publish:
			return errReadOnly
		}
	}
	return nil
}

var (
	errFull     = &core.RefusedError{Command: "write", Advice: "add memory"}
	errReadOnly = &core.RefusedError{Command: "write", Advice: "connect to the master"}
)

// slowness is how much longer a call takes because of its servers.
func (w *World) slowness(what Call) time.Duration {
	var slowest time.Duration
	for _, host := range w.hosts(what) {
		if w.now < host.slowUntil {
			slowest = max(slowest, host.slowness)
		}
	}
	return slowest
}
