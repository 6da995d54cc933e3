package sim

import (
	"bytes"
	"slices"
	"strings"
	"testing/synctest"
	"time"

	"github.com/streamlease/streamlease/internal/simnet"
	"github.com/streamlease/streamlease/internal/simredis"
)

// The network at adapters depth. A parcel on the bus is sent off, arrives, is
// carried out, and what the server says is delivered; between any two of these
// anything else may happen.

// link is one connection, from both ends.
type link struct {
	conn    *simnet.Conn
	client  *simredis.Client // nil: the server has not heard of it
	outbox  []byte
	arrived time.Duration // nothing arrives before what was sent before it
	heard   time.Duration // the same for the way back
	silent  bool          // something was lost on it: TCP goes no further
	ended   bool
}

// connected: a new connection stands.
func (r *reality) connected(m *realMember, conn *simnet.Conn) {
	m.conns = append(m.conns, conn)
	if m.closed {
		conn.Reset()
	}
}

func (r *reality) linkOf(conn *simnet.Conn) *link {
	for _, l := range r.links {
		if l.conn == conn {
			return l
		}
	}
	l := &link{conn: conn}
	r.links = append(r.links, l)
	return l
}

// way is how long something takes on the way, as at model depth.
func (r *reality) way(p *process) time.Duration {
	w, m := r.world, r.members[p.index]
	m.serial++
	number := mix(p.number, m.serial, 0xad)
	took := within(number, 50*time.Microsecond, 500*time.Microsecond)
	if number%20 == 0 {
		took += within(finish(number+2), 0, p.config.TTL/60)
	}
	if w.now < p.slowUntil {
		took += within(finish(number), 0, p.latency)
	}
	return took
}

// sendOff puts a parcel on its way, with whatever fault it meets.
func (r *reality) sendOff(parcel simnet.Parcel) {
	place := parcel.Conn.Place()
	p := r.world.processes[place.Process]
	switch {
	case !p.lives():
		return
	case p.frozen():
		r.world.at(p.frozenUntil, func() { r.sendOff(parcel) })
		return
	}
	sortChannels(parcel.Requests)
	r.hash(place, parcel.Requests)
	if hit := r.members[place.Process].meets(place.Role); hit != nil {
		r.strike(p, parcel, hit)
		return
	}
	r.carry(p, parcel, r.world.now+r.way(p), nil)
}

// sortChannels: go-redis subscribes again in the order of a map.
func sortChannels(requests [][]string) {
	for _, words := range requests {
		if strings.EqualFold(words[0], "subscribe") {
			slices.Sort(words[1:])
		}
	}
}

// hash puts what is asked of the servers into the run's hash. Of scripts it takes
// what they are asked, not their text: another comment is no other run.
func (r *reality) hash(place simnet.Place, requests [][]string) {
	number := mix(uint64(r.world.now), uint64(place.Process), uint64(place.Server), textNumber(place.Role))
	for _, words := range requests {
		for at, word := range words {
			if at == 1 && strings.HasPrefix(strings.ToLower(words[0]), "eval") {
				continue
			}
			number = mix(number, textNumber(word))
		}
	}
	r.world.hash.add(number)
}

// carry lets a parcel arrive at an instant, unless it is cut off.
func (r *reality) carry(p *process, parcel simnet.Parcel, at time.Duration, hit *realHit) {
	w, l := r.world, r.linkOf(parcel.Conn)
	if w.now < r.requestsCut(p, parcel.Conn.Place().Role) {
		l.silent = true
		w.counts.effects[requestCut]++
		return
	}
	l.arrived = max(l.arrived, at)
	w.at(l.arrived, func() { r.arrive(p, parcel, hit) })
}

const (
	requestCut = "request cut off"
	hintCut    = "hint cut off"

	storeLoading = "store was reading its data"
)

func (r *reality) requestsCut(p *process, role string) time.Duration {
	if role == forHints {
		return p.cutHints
	}
	return p.cutRequests
}

func (r *reality) repliesCut(p *process, role string) time.Duration {
	if role == forHints {
		return p.cutHints
	}
	return p.cutReplies
}

// arrive lets the server do what a parcel asks. A connection of which a part
// was lost is at its end: what comes behind waits for what is missing.
func (r *reality) arrive(p *process, parcel simnet.Parcel, hit *realHit) {
	w, l := r.world, r.linkOf(parcel.Conn)
	host := w.servers[parcel.Conn.Place().Server]
	switch {
	case l.silent || l.ended:
		return
	case host.dead(w.now):
		w.counts.effects[storeDown]++
		r.reset(l)
		return
	case w.now < host.slowUntil && hit == nil:
		r.arriveSlowly(p, parcel, host)
		return
	}
	r.execute(p, l, parcel.Requests, hit)
	if hit != nil {
		r.struck(p, l, hit)
	}
	r.flush()
}

// arriveSlowly: the server gets to it a while later.
func (r *reality) arriveSlowly(p *process, parcel simnet.Parcel, host *server) {
	m := r.members[p.index]
	m.serial++
	wait := within(mix(p.number, m.serial, 0x510), 0, host.slowness)
	r.world.after(wait, func() {
		l := r.linkOf(parcel.Conn)
		if !l.silent && !l.ended && !host.dead(r.world.now) {
			r.execute(p, l, parcel.Requests, nil)
			r.flush()
		}
	})
}

// execute carries requests out, half of them if the connection breaks in the
// middle.
func (r *reality) execute(p *process, l *link, requests [][]string, hit *realHit) {
	w := r.world
	index := l.conn.Place().Server
	server, host := r.servers[index], w.servers[index]
	server.Full, server.ReadOnly = w.now < host.fullUntil, w.now < host.readUntil
	if server.Loading = host.loading(w.now); server.Loading {
		w.counts.effects[storeLoading]++
		defer func() { server.Loading = false }() // for those who look into it
	}
	if l.client == nil {
		r.meet(server, l)
	}
	if hit != nil && hit.half {
		requests = requests[:len(requests)/2]
	}
	for _, words := range requests {
		r.past.notePublished(p, words)
		l.client.Do(words)
	}
	if l.client.Waits() {
		r.endWaitsLater(server, host)
	}
	r.lookAfter(p)
}

// meet makes the server's end of a connection. What it was greeted with has
// been answered.
func (r *reality) meet(server *simredis.Server, l *link) {
	greeted := false
	l.client = server.Connect(func(said []byte) {
		if !greeted {
			return
		}
		if len(l.outbox) == 0 {
			r.talking = append(r.talking, l)
		}
		l.outbox = append(l.outbox, said...)
	})
	for _, words := range l.conn.Greetings() {
		l.client.Do(words)
	}
	greeted = true
}

func (r *reality) endWaitsLater(server *simredis.Server, host *server) {
	at, waits := server.NextTimeout()
	if !waits {
		return
	}
	w := r.world
	w.at(host.clock.when(at.Sub(epoch), w.now), func() {
		server.EndWaits()
		r.flush()
	})
}

// flush sends what servers have said on its way.
func (r *reality) flush() {
	talking := r.talking
	r.talking = nil
	for _, l := range talking {
		said := l.outbox
		l.outbox = nil
		if len(said) > 0 {
			r.answer(l, said)
		}
	}
}

// answer sends on its way what a server has said to one client.
func (r *reality) answer(l *link, said []byte) {
	w, place := r.world, l.conn.Place()
	p := w.processes[place.Process]
	at := w.now + r.way(p)
	if isMessage(said) {
		var lost bool
		if at, lost = r.weather(p, at); lost {
			return
		}
	}
	if w.now < r.repliesCut(p, place.Role) {
		l.silent = true
		w.counts.effects[cutReply]++
		return
	}
	l.heard = max(l.heard, at)
	w.at(l.heard, func() { r.deliver(p, l, said) })
	if bytes.HasPrefix(said, []byte(">3\r\n$7\r\nmessage\r\n")) && r.comesTwice(p) {
		w.at(l.heard+within(mix(p.number, uint64(at)), 0, time.Second), func() { r.deliver(p, l, said) })
	}
}

// isMessage: it comes by pub/sub, unasked.
func isMessage(said []byte) bool { return bytes.Contains(said, []byte("\r\nmessage\r\n")) }

// comesTwice: whoever published it could not know that it had arrived.
func (r *reality) comesTwice(p *process) bool {
	w, m := r.world, r.members[p.index]
	if w.now >= w.weather.twiceUntil {
		return false
	}
	m.serial++
	if int(mix(p.number, m.serial, 0x2)%1000) >= w.weather.doubled {
		return false
	}
	w.counts.faults["hint doubled"]++
	return true
}

// weather is what befalls a hint that comes by pub/sub.
func (r *reality) weather(p *process, at time.Duration) (later time.Duration, lost bool) {
	w, m := r.world, r.members[p.index]
	m.serial++
	number := mix(p.number, m.serial, 0x417)
	happens := func(what uint64, until time.Duration, perMille int) bool {
		return w.now < until && int(mix(number, what)%1000) < perMille
	}
	if happens(1, w.weather.lostUntil, w.weather.lost) {
		w.counts.faults["hint lost"]++
		w.disturbed(nil)
		return at, true
	}
	if happens(2, w.weather.lateUntil, w.weather.late) {
		w.counts.faults["hint late"]++
		w.disturbed(nil)
		at += within(number, 0, w.setup.TTL)
	}
	return at, false
}

func (r *reality) deliver(p *process, l *link, said []byte) {
	switch {
	case l.silent || l.ended || !p.lives():
	case p.frozen():
		r.world.at(p.frozenUntil, func() { r.deliver(p, l, said) })
	default:
		l.conn.Deliver(said)
	}
}

// reset breaks a connection at both ends.
func (r *reality) reset(l *link) {
	l.conn.Reset()
	synctest.Wait() // who waited on it goes on before anybody on another does
	r.end(l)
}

func (r *reality) end(l *link) {
	l.ended = true
	if l.client != nil {
		l.client.Close()
	}
}

// hangUp lets servers hear, a while later, of connections that clients have
// closed.
func (r *reality) hangUp() {
	w := r.world
	kept := r.links[:0]
	for _, l := range r.links {
		if l.ended {
			continue
		}
		kept = append(kept, l)
		if !l.conn.Open() && l.arrived < notYet {
			p := w.processes[l.conn.Place().Process]
			at := max(w.now+500*time.Microsecond, l.arrived, r.requestsCut(p, l.conn.Place().Role))
			l.arrived = notYet
			w.at(at, func() { r.end(l) })
		}
	}
	clear(r.links[len(kept):])
	r.links = kept
}

// cutServer breaks every connection to a server.
func (r *reality) cutServer(index int) {
	for _, l := range r.links {
		if l.conn.Place().Server == index {
			r.reset(l)
		}
	}
}

// reconnectHints breaks the notifier's connections on which something was lost:
// the notifier connects again, and says that something may be missing.
func (r *reality) reconnectHints(p *process) {
	for _, l := range r.links {
		if place := l.conn.Place(); place.Process == p.index && place.Role == forHints {
			r.reset(l)
		}
	}
}
