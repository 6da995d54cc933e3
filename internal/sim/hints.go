package sim

import (
	"context"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// notifier is the model of ports.ExpiryNotifier. Watch is not used: the world
// delivers hints as events itself.
type notifier struct{ world *World }

func (n notifier) Watch(context.Context, func([]core.Hint)) error { return nil }

func (n notifier) Publish(_ context.Context, hints []core.Hint) error {
	n.world.broadcast(hints)
	return nil
}

const (
	pollEvery    = 50 * time.Millisecond
	sampledLate  = 500 * time.Millisecond // keyspace hints, when the server has few keys
	sampledWorst = 5 * time.Second        // and when it has many
	reconnect    = 100 * time.Millisecond
)

// connectHints is what a notifier says when it has connected.
func (w *World) connectHints(p *process) {
	if w.setup.Notifier == Silent {
		return
	}
	p.connected = w.now
	if w.real != nil { // a real notifier says by itself that something may be missing
		w.real.reconnectHints(p)
		return
	}
	p.hear(time.Millisecond, []core.Hint{{Kind: core.HintGap}})
	if w.setup.Notifier == Deadline {
		w.tellLost(p)
	}
}

// tellLost is a poll of the index of deadlines from its beginning.
func (w *World) tellLost(p *process) {
	for _, server := range w.leases.servers {
		for _, g := range server.known {
			if g.lost {
				p.hear(pollEvery, w.hintsOf(g))
			}
		}
	}
}

// broadcast gives what a member published to every member.
func (w *World) broadcast(hints []core.Hint) {
	for _, p := range w.processes {
		w.hint(p, 300*time.Microsecond, hints, true)
	}
}

// grantOver: a deadline has come. Who polls for deadlines finds it within one
// poll; who listens to the keyspace hears of it when the server deletes the
// key.
func (w *World) grantOver(g *grant) {
	w.observer.grantOver(g)
	w.chronicler.storeChanged()
	hints := w.hintsOf(g)
	if len(hints) == 0 || w.setup.Notifier == Silent {
		return
	}
	if !slices.ContainsFunc(w.processes, (*process).lives) {
		w.hintsGone = max(w.hintsGone, w.now) // said to nobody
	}
	sampled := w.sampled(g)
	for _, p := range w.processes {
		wait := within(mix(p.number, uint64(w.now)), 0, pollEvery)
		if w.setup.Notifier == Keyspace {
			wait = sampled
		}
		w.hint(p, wait, hints, w.setup.Notifier == Keyspace)
	}
}

func (w *World) sampled(g *grant) time.Duration {
	number := mix(w.seed, uint64(g.id[0]), uint64(w.now))
	if number%8 == 0 {
		return within(finish(number), 0, sampledWorst)
	}
	return within(finish(number), 0, sampledLate)
}

// hintsOf is what a notifier says of a grant that is over: a session is one
// hint, a single lease its ref.
func (w *World) hintsOf(g *grant) []core.Hint {
	if w.setup.Lease == Session {
		return []core.Hint{{Kind: core.HintGrant, Grant: g.id}}
	}
	var hints []core.Hint
	for _, l := range g.leases {
		hints = append(hints, core.Hint{Kind: core.HintRef, Ref: l.ref})
	}
	return hints
}

// hint sends hints to a member, in whatever weather. What comes by pub/sub is
// gone when the connection is cut; who polls an index polls again.
func (w *World) hint(p *process, wait time.Duration, hints []core.Hint, pubsub bool) {
	if w.setup.Notifier == Silent || !p.lives() {
		return
	}
	number := mix(p.number, uint64(w.now), uint64(len(hints)), textNumber(hints[0].Ref.Name))
	odds := func(what uint64, until time.Duration, perMille int) bool {
		return w.now < until && int(mix(number, what)%1000) < perMille
	}
	if w.now < p.cutHints {
		if pubsub {
			w.hintLost(p, hints, "cut off")
			return
		}
		wait += p.cutHints - w.now
	}
	if odds(1, w.weather.lostUntil, w.weather.lost) {
		w.counts.faults["hint lost"]++
		w.hintLost(p, hints, "lost")
		return
	}
	if odds(2, w.weather.lateUntil, w.weather.late) {
		w.counts.faults["hint late"]++
		wait += within(number, 0, w.setup.TTL)
		w.disturbed(nil)
	}
	p.hear(wait, hints)
	if odds(3, w.weather.twiceUntil, w.weather.doubled) {
		w.counts.faults["hint doubled"]++
		p.hear(wait+within(number, 0, time.Second), hints)
	}
}

func (w *World) hintLost(p *process, hints []core.Hint, why string) {
	w.hintsGone = max(w.hintsGone, w.now)
	p.deaf = true
	w.observer.metHints(hints, true)
	for _, h := range hints {
		p.note(Event{Kind: HintLost, Ref: h.Ref, Cause: why})
	}
}

func (p *process) hear(wait time.Duration, hints []core.Hint) {
	p.world.after(wait, func() {
		if !p.lives() {
			return
		}
		for _, h := range hints {
			p.note(Event{Kind: Hinted, Ref: h.Ref, Cause: hintWord(h)})
		}
		p.world.observer.hinted(p, hints)
		p.deliver(core.HintsReceived{Hints: hints})
	})
}

func hintWord(h core.Hint) string {
	switch h.Kind {
	case core.HintName:
		return "name free"
	case core.HintRef:
		return "no owner"
	case core.HintGrant:
		return "grant lost"
	case core.HintHandOff:
		return "hand off"
	default:
		return "gap"
	}
}

// cutHintsUntil silences the notifier's connection; afterwards it connects
// again, and says that something may be missing.
func (p *process) cutHintsUntil(until time.Duration) {
	if until <= p.cutHints {
		return
	}
	p.cutHints = until
	p.world.at(until+reconnect, func() {
		if p.lives() && p.world.now >= p.cutHints+reconnect {
			p.deaf = false
			p.world.connectHints(p)
		}
	})
}
