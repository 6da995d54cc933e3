package sim

import (
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// snapshot is what survives a failover.
type snapshot struct {
	source *source
	leases []*leaseServer
}

// remember keeps what the stores hold now, for a rollback to come.
func (a *Action) remember(w *World) {
	s := &snapshot{source: w.source.clone()}
	for _, server := range w.leases.servers {
		s.leases = append(s.leases, server.clone())
	}
	w.snapshots = append(w.snapshots, remembered{a, s})
}

// remembered is the snapshot of one action.
type remembered struct {
	action   *Action
	snapshot *snapshot
}

// hit lists the servers that an action is about, and whether it is about the
// source and about which lease servers.
func (w *World) aimed(t Target) (hosts []*server, source bool, leases []int) {
	all := w.leaseHosts()
	for i := range all {
		if t == Store || t == LeaseServers || int(t) == int(LeaseServer1)+i {
			leases = append(leases, i)
			hosts = append(hosts, all[i])
		}
	}
	source = t == Store || t == Source
	if source && !slices.Contains(hosts, w.servers[0]) {
		hosts = append(hosts, w.servers[0])
	}
	return hosts, source, leases
}

func (w *World) actOnStore(a *Action) {
	hosts, source, leases := w.aimed(a.Target)
	until := w.now + a.For
	for _, p := range w.processes {
		p.unwell = max(p.unwell, until)
	}
	for _, host := range hosts {
		switch a.Verb {
		case DoDown:
			host.downUntil = max(host.downUntil, until)
		case DoFull:
			host.fullUntil = max(host.fullUntil, until)
		case DoReadOnly:
			host.readUntil = max(host.readUntil, until)
		case DoLaggard:
			host.slowUntil, host.slowness = until, a.By
		case DoStep:
			host.clock.step(a.By)
		}
	}
	switch a.Verb {
	case DoDown:
		w.hintsCut(until)
	case DoFlush:
		w.flush(source, leases)
	case DoRollback:
		w.rollBack(a, source, leases)
	case DoStep:
		w.stepped(leases)
	case DoEvict:
		w.evict(a.Stream)
	}
	w.chronicler.storeChanged()
}

// hintsCut: pub/sub goes down with the server.
func (w *World) hintsCut(until time.Duration) {
	for _, p := range w.processes {
		if p.lives() {
			p.cutHintsUntil(until)
		}
	}
}

// notPromised: what the design does not promise when a store loses writes that
// it has acknowledged, or its clock is set.
func (w *World) notPromised(why string) {
	w.observer.excuse(why, w.now+2*w.setup.TTL+w.processes[0].config.CallTimeout, S1, S3)
	w.observer.excuse(why, notYet, S5)
	w.observer.excuse(why, notYet, Blame, Patience)
}

func (w *World) flush(source bool, leases []int) {
	w.notPromised("the store lost its data")
	for _, at := range leases {
		w.leases.servers[at].empty()
	}
	w.observer.rereadLeases()
	if source {
		w.source.empty()
		w.observer.lost()
	}
}

func (w *World) rollBack(a *Action, source bool, leases []int) {
	at := slices.IndexFunc(w.snapshots, func(r remembered) bool { return r.action == a })
	if at < 0 {
		return
	}
	kept := w.snapshots[at].snapshot
	// Change numbers go back too, and can come to be what a member expects
	// before it asks: the audits do not see every rollback.
	w.observer.excuse("the store lost acknowledged writes", notYet, L4)
	w.notPromised("the store lost acknowledged writes")
	// The clock of the server that takes over may be of no help.
	for _, i := range leases {
		if !w.setup.SmallTokens {
			w.leaseHosts()[i].clock.step(-a.By)
		}
		w.leases.servers[i].restore(kept.leases[i])
	}
	if source {
		w.source.restore(kept.source)
		w.observer.lost()
	}
	w.stepped(leases)
}

// stepped: clocks were set.
func (w *World) stepped(leases []int) {
	w.notPromised("the server's clock was set")
	defer w.observer.rereadLeases()
	for _, at := range leases {
		server := w.leases.servers[at]
		server.expireAll()
		for _, g := range server.known {
			if !g.lost {
				w.agenda.add(appointment{at: server.clock.when(g.deadline, w.now), what: toExpire, expires: g})
				g.armed = true
			}
		}
	}
}

// evict removes a lease behind the members' backs.
func (w *World) evict(name string) {
	w.observer.excuse("an operator removed a lease", w.now+2*w.setup.TTL, S1, S3)
	for _, server := range w.leases.servers {
		if live, _ := server.held(name); live != nil {
			server.remove(live)
			w.counts.effects["lease evicted"]++
		}
	}
	w.observer.name(name).token = 0
}

// rereadLeases brings the books in line with a lease store that is not what it
// was.
func (o *observer) rereadLeases() {
	o.world.tokensLost = true
	for name, n := range o.names { // each by itself: the order does not show
		n.token, n.drawn = 0, 0 // S2 is promised for the tokens of tenures only
		if l := o.world.leases.holderOf(name); l != nil {
			n.token = l.token
		}
	}
}

// lost brings the books in line with a source that lost its data, or its last
// writes: what is not there any more vanished, what is there again came back.
func (o *observer) lost() {
	w := o.world
	w.recordsLost = true
	pending := make(map[core.StreamRef]bool)
	for _, r := range w.source.records {
		pending[r.assignment.Ref] = true
		b := o.refs[r.assignment.Ref]
		if b.gone {
			o.comeBack(b)
		}
		b.token, b.taken, b.retryAt = r.token, r.owned(), r.retryAt
		b.taker = w.incarnation(r.taker)
	}
	for _, b := range o.books {
		if !b.gone && !pending[b.ref] {
			b.gone, b.vanished = true, true
			o.vanished++
		}
	}
	o.dirty = true
}

func (o *observer) comeBack(b *book) {
	switch {
	case b.vanished:
		o.vanished--
	case b.done:
		o.done--
	default:
		o.quarantined--
	}
	b.gone, b.done, b.toldDone, b.vanished = false, false, false, false
	b.ownerless = o.world.now
	if !slices.Contains(o.books, b) {
		o.books = append(o.books, b)
	}
}
