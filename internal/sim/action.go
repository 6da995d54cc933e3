package sim

import (
	"fmt"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// begin makes the appointments of a scenario.
func (w *World) begin() {
	for i := range w.setup.Members {
		id := fmt.Sprintf("m%d", i+1)
		w.after(within(mix(w.seed, 0xb007, uint64(i)), 0, 20*time.Millisecond), func() { w.boot(id) })
	}
	for i := range w.setup.Streams {
		name := fmt.Sprintf("s%d", i+1)
		at := within(mix(w.seed, ofWorkload, uint64(i)), 0, max(w.setup.Faults/2, time.Second))
		w.after(at, func() { w.announce(name) })
	}
	for i := range w.scenario.Actions {
		action := &w.scenario.Actions[i]
		w.at(action.At, func() { w.act(action) })
		if action.Verb == DoRollback { // what the replica, or the disk, has got
			w.at(max(0, action.At-action.By), func() { action.remember(w) })
		}
	}
	w.agenda.reserve(mostLiveActions)
	for _, expected := range w.scenario.Expects {
		w.at(expected.By, func() { w.expect(expected) })
	}
	w.after(lookEvery, w.look)
	if w.setup.Again {
		w.after(time.Second, w.announceAgain)
	}
}

func (w *World) announce(name string) {
	w.observer.announce(w.add(name, wellFormed))
	w.ringFetches()
}

// form is what an entry of the stream looks like.
type form uint8

const (
	wellFormed form = iota
	noJSON
	tooLarge // its info is
)

// add puts an assignment, or what is none, on the stream.
func (w *World) add(name string, form form) core.StreamRef {
	switch {
	case w.real != nil:
		return w.real.announce(name, form)
	case form != wellFormed: // to the model, what cannot be read is all alike
		return w.source.announceMalformed(name)
	default:
		return w.source.announce(name, nil)
	}
}

// remove takes an assignment away behind the members' backs.
func (w *World) remove(ref core.StreamRef) {
	if w.real != nil {
		w.real.drop(ref)
		return
	}
	w.source.remove(w.source.find(ref), core.Quarantined)
}

// announceAgain keeps a run that lasts supplied with work.
func (w *World) announceAgain() {
	if w.calm && w.setup.Room > 0 {
		return // let what waits for room have it
	}
	for i := range w.setup.Streams {
		name := fmt.Sprintf("s%d", i+1)
		if !slices.ContainsFunc(w.source.records, func(r *record) bool { return r.assignment.Ref.Name == name }) {
			w.announce(name)
		}
	}
	w.after(w.setup.TTL/4, w.announceAgain)
}

// act carries an action out.
func (w *World) act(a *Action) {
	if w.calm {
		return
	}
	if a.Verb < DoAnnounce {
		w.counts.faults[a.Verb.String()]++
		if a.troubles() {
			w.troubleUntil(w.now + max(a.For, a.During))
		}
		w.note(Event{Member: a.Member, Kind: Fault, Cause: a.Verb.String(), Until: w.now + max(a.For, a.During)})
	}
	switch {
	case a.Verb <= DoDrift:
		w.actOnMember(a)
	case a.Verb <= DoHints:
		w.actOnCalls(a)
	case a.Verb <= DoDrop:
		w.actOnStore(a)
	default:
		w.actOnWork(a)
	}
}

// troubles: while it lasts, and a while after, nobody can be held to the
// tightest bounds. Members that come, go and die leave the others as they are,
// and a notifier that is cut off says so.
func (a *Action) troubles() bool {
	switch a.Verb {
	case DoCrash, DoRestart, DoStart, DoClose, DoThaw:
		return false
	case DoCut:
		return a.Way != HintsOnly
	default:
		return true
	}
}

func (w *World) actOnMember(a *Action) {
	p := w.process(a.Member)
	if a.Verb == DoStart {
		w.boot(a.Member)
		return
	}
	if a.Verb == DoRestart {
		if p != nil {
			p.crash()
		}
		w.boot(orElse(a.As, a.Member))
		return
	}
	if p == nil {
		return
	}
	switch a.Verb {
	case DoCrash:
		p.crash()
	case DoClose:
		if !p.closing {
			p.closing, p.closedAt = true, w.source.time()
		}
		p.closesBy = w.now + a.For
		p.deliver(core.CloseRequested{Grace: a.For})
	case DoFreeze:
		p.freeze(a.For)
	case DoThaw:
		p.thawNow()
	case DoCut:
		p.cut(a.Way <= Requests || a.Way == Calls, a.Way == All || a.Way == Replies || a.Way == Calls, a.Way == All || a.Way == HintsOnly, a.For)
		if a.Way == HintsOnly {
			w.hintsGone = max(w.hintsGone, w.now+a.For+reconnect)
		}
	case DoSlow:
		p.latency, p.slowUntil = a.By, w.now+a.For
	case DoLag:
		p.lag, p.lagUntil = a.By, w.now+a.For
	case DoNap:
		p.nap = a.For
	case DoDrift:
		w.drift(p, a)
	}
}

func orElse(text, otherwise string) string {
	if text == "" {
		return otherwise
	}
	return text
}

// drift changes the rate of a clock. Beyond the margin nothing is promised but
// the fence.
func (w *World) drift(p *process, a *Action) {
	ppm := int64(a.Rate) * 1000
	p.setRate(ppm)
	w.at(w.now+a.For, func() { p.setRate(p.rate) })
	margin := int64(p.config.Margin) * million / int64(p.config.TTL)
	if -ppm >= margin {
		w.observer.excuse("a clock drifts beyond the margin", w.now+a.For+w.setup.TTL, S3)
	}
}

func (w *World) actOnCalls(a *Action) {
	switch a.Verb {
	case Hit:
		if p := w.process(a.Member); p != nil {
			p.hits = append(p.hits, &hit{Call: a.Call, Moment: a.Moment, Effect: a.Effect, duration: a.For, half: a.Half})
		}
	case DoNoise:
		w.weather.noises = append(w.weather.noises, noise{until: w.now + a.During, perMille: a.Rate,
			moment: a.Moment, effect: a.Effect, duration: a.For, half: a.Half})
	case DoHints:
		w.hintsGone = max(w.hintsGone, w.now+a.During)
		w.changeHints(a, w.now+a.During)
	}
}

func (w *World) changeHints(a *Action, until time.Duration) {
	switch a.HintFate {
	case LostHints:
		w.weather.lost, w.weather.lostUntil = a.Rate, until
	case LateHints:
		w.weather.late, w.weather.lateUntil = a.Rate, until
	case DoubledHints:
		w.weather.doubled, w.weather.twiceUntil = a.Rate, until
	case FalseHints:
		w.weather.untrue, w.weather.until = a.Rate, until
		w.tellLies(until)
	}
}

// tellLies sends hints about what is not free.
func (w *World) tellLies(until time.Duration) {
	if w.now >= until || w.weather.untrue == 0 {
		return
	}
	for _, p := range w.processes {
		for _, r := range w.source.records {
			number := mix(p.number, uint64(w.now), uint64(r.id))
			if int(number%1000) >= w.weather.untrue || !p.lives() {
				continue
			}
			w.counts.faults["hint false"]++
			lie := core.Hint{Kind: core.HintRef, Ref: r.assignment.Ref}
			if number%3 == 0 {
				lie = core.Hint{Kind: core.HintName, Ref: core.StreamRef{Name: r.assignment.Ref.Name}}
			}
			if l := w.leases.holderOf(r.assignment.Ref.Name); l != nil && number%3 == 1 {
				lie = core.Hint{Kind: core.HintGrant, Grant: l.grant.id}
			}
			p.hear(time.Millisecond, []core.Hint{lie})
		}
	}
	w.after(300*time.Millisecond, func() { w.tellLies(until) })
}

func (w *World) actOnWork(a *Action) {
	switch a.Verb {
	case DoAnnounce:
		for range max(a.Times, 1) {
			w.announce(a.Stream)
		}
	case DoBurst:
		for i := range a.Times {
			w.announce(burstName(w.source.lastAdded, i))
		}
	case DoMalformed:
		w.announceNone(a, noJSON)
	case DoOversized:
		w.announceNone(a, tooLarge)
	case DoWish:
		if b := w.pendingOf(a.Stream); b != nil {
			w.broadcast([]core.Hint{{Kind: core.HintHandOff, Ref: b.ref}})
		}
	case DoPoison:
		w.poison(a.Stream)
	case DoFinish:
		w.finish(a.Stream)
	default:
		w.actOnApplication(a)
	}
}

// announceNone announces what is no assignment.
func (w *World) announceNone(a *Action, form form) {
	w.counts.faults[a.Verb.String()]++
	w.observer.announce(w.add(a.Stream, form))
	w.ringFetches()
}

func (w *World) actOnApplication(a *Action) {
	p := w.process(a.Member)
	if p == nil {
		return
	}
	w.counts.faults[a.Verb.String()]++
	switch a.Verb {
	case DoStuck:
		p.app.stuckTill = w.now + a.For
		w.troubleUntil(w.now)
	case DoDawdle:
		p.app.slowness, p.app.slowTill = a.By, w.now+a.For
	case DoClaim:
		w.claimed = true
		if b := w.pendingOf(a.Stream); b != nil && !p.closing {
			p.app.claim(b.ref)
		}
	case DoGiveUp:
		p.app.giveUp()
	}
}

func burstName(lastAdded int64, number int) string { return fmt.Sprintf("b%d-%d", lastAdded, number) }

// pendingOf is the oldest pending assignment of a name; nil: there is none.
func (w *World) pendingOf(name string) *book {
	for _, b := range w.observer.books {
		if b.ref.Name == name && !b.gone {
			return b
		}
	}
	return nil
}

// rateOf is the rate of a new process's clock, a little off, as clocks are.
func (w *World) rateOf(id string) int64 {
	return int64(mix(w.seed, 0xc10c, textNumber(id))%200) - 100
}
