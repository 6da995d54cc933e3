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
	if w.real != nil {
		w.real.remember(a)
		return
	}
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
	if w.real != nil && w.setup.Lease == Session { // there the two are one server
		return w.servers, true, []int{0}
	}
	return hosts, source, leases
}

func (w *World) actOnStore(a *Action) {
	hosts, source, leases := w.aimed(a.Target)
	until := w.now + a.For
	if a.Verb != DoEvict && a.Verb != DoDrop {
		for _, p := range w.processes {
			p.unwell, p.mute = max(p.unwell, until), max(p.mute, until)
		}
	}
	for _, host := range hosts {
		switch a.Verb {
		case DoDown:
			host.goDown(w.now, until)
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
	if w.real != nil && a.Verb != DoDown {
		w.real.past.meddled = w.now
	}
	switch a.Verb {
	case DoDown:
		if w.real != nil {
			w.real.goDown(w.real.aimedServers(source, leases))
			return
		}
		w.hintsCut(until)
	case DoFlush:
		w.flush(source, leases)
	case DoRollback:
		w.rollBack(a, source, leases)
	case DoStep:
		w.step(a.By, hosts)
	case DoEvict:
		w.evict(a.Stream)
	case DoDrop:
		w.drop(a.Stream)
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

// undetected is how long a member may go on to believe in a lease that the
// store has lost: until its validity is over, or its audit has found out.
func (w *World) undetected() time.Duration {
	return w.now + w.setup.TTL + w.config.CallTimeout
}

// leasesLost: what the design takes out of the promise when a lease that its
// owner was told of is gone. Who is well finds out and says so; a crash may be
// counted before it does.
func (w *World) leasesLost(why string) {
	w.observer.excuse(why, w.undetected(), S3, Blame)
	w.observer.findRobbed(why)
}

// findRobbed notes the tenures whose lease the store has lost, or will end
// before its owner's validity is over.
func (o *observer) findRobbed(why string) {
	o.why[S3] = why
	for _, p := range o.world.processes {
		for _, t := range p.belief.tenures {
			t.robbed = t.robbed || o.world.leases.isLost(t)
		}
	}
}

func (w *World) flush(source bool, leases []int) {
	defer w.leasesLost("the store lost its data")
	w.lostAt = w.now
	if w.real != nil {
		w.real.replace(w.real.aimedServers(source, leases), nil)
	} else {
		w.emptyModels(source, leases)
	}
	if len(leases) > 0 {
		w.observer.rereadLeases(true)
	}
	if source {
		w.observer.lost()
	}
}

func (w *World) emptyModels(source bool, leases []int) {
	for _, at := range leases {
		w.leases.servers[at].empty()
	}
	if source {
		w.source.empty()
	}
}

func (w *World) rollBack(a *Action, source bool, leases []int) {
	restore := w.restoring(a)
	if restore == nil {
		return
	}
	defer w.leasesLost("the store lost acknowledged writes")
	if w.lostAt > a.At-a.By {
		// To go back behind an earlier loss can bring the very numbers that a
		// member expects: its audits see nothing.
		w.observer.excuse("the store went back behind an earlier loss", notYet, L4)
	}
	w.lostAt = w.now
	// The clock of the server that takes over may be of no help.
	for _, i := range leases {
		if !w.setup.SmallTokens {
			w.leaseHosts()[i].clock.step(-a.By)
			w.setBack = true
		}
	}
	restore(source, leases)
	if source {
		w.observer.lost()
	}
	w.expireByClock(leases)
	if len(leases) > 0 {
		w.observer.rereadLeases(true)
	}
}

// restoring is how the stores go back to what was remembered for an action; nil:
// nothing was.
func (w *World) restoring(a *Action) func(source bool, leases []int) {
	if w.real != nil {
		return w.real.restoring(a)
	}
	at := slices.IndexFunc(w.snapshots, func(r remembered) bool { return r.action == a })
	if at < 0 {
		return nil
	}
	kept := w.snapshots[at].snapshot
	return func(source bool, leases []int) {
		for _, i := range leases {
			w.leases.servers[i].restore(kept.leases[i])
		}
		if source {
			w.source.restore(kept.source)
		}
	}
}

// step sets the wall clocks of servers. Within the margin all must hold.
func (w *World) step(by time.Duration, hosts []*server) {
	var leases []int
	for i, host := range w.leaseHosts() {
		if slices.Contains(hosts, host) {
			leases = append(leases, i)
		}
	}
	if len(leases) == 0 {
		return
	}
	w.setBack = w.setBack || by < 0
	if by > w.config.Margin {
		defer w.leasesLost("the server's clock was set by more than the margin")
	}
	w.expireByClock(leases)
	w.observer.rereadLeases(false)
}

// expireByClock: clocks were set.
func (w *World) expireByClock(leases []int) {
	if w.real != nil {
		w.real.mirror()
		return
	}
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
	defer w.leasesLost("an operator removed a lease")
	if w.real != nil {
		w.real.evict(name)
		w.observer.name(name).token = 0
		return
	}
	for _, server := range w.leases.servers {
		if live, _ := server.held(name); live != nil {
			server.remove(live)
			w.counts.effects["lease evicted"]++
		}
	}
	w.observer.name(name).token = 0
}

// drop removes an assignment behind the members' backs.
func (w *World) drop(name string) {
	if b := w.pendingOf(name); b != nil {
		w.metIf(b.taken, DroppedFromItsOwner)
		w.remove(b.ref)
		w.counts.effects["assignment dropped"]++
	}
}

// rereadLeases brings the books in line with a lease store that is not what it
// was. That tokens increase is promised for those of tenures alone when the
// counter is lost and the clock is of no help: it never was, or was set back.
func (o *observer) rereadLeases(counterLost bool) {
	w := o.world
	w.counterLost = w.counterLost || counterLost
	w.tokensLost = w.counterLost && (w.setup.SmallTokens || w.setBack)
	for name, n := range o.names { // each by itself: the order does not show
		n.token, n.idle = 0, -1
		if w.tokensLost {
			n.drawn = 0
		}
		if l := w.leases.holderOf(name); l != nil {
			n.token, n.stray = l.token, true
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
		b.taker, b.suspect, b.restored = w.incarnation(r.taker), nil, true
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
