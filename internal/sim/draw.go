package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Draw makes a scenario from a seed: the world's sizes, and a subset of the
// faults, each with an intensity of its own. Faults that are always on, or
// always equally strong, never find what needs the absence of one.
func Draw(seed uint64) Scenario {
	d := drawing{sizes: newChance(seed, ofSizes), faults: newChance(seed, ofFaults)}
	s := Scenario{Name: fmt.Sprintf("seed %d", seed), About: "Drawn from a seed.", Setup: d.setup()}
	d.scenario = &s
	d.drawFaults()
	slices.SortStableFunc(s.Actions, func(a, b Action) int { return cmp.Compare(a.At, b.At) })
	return s
}

type drawing struct {
	sizes, faults *chance
	scenario      *Scenario
}

func (d *drawing) setup() Setup {
	c := d.sizes
	s := Setup{
		Lease:    pick(c, Session, Session, Single, Quorum),
		Notifier: pick(c, Deadline, Deadline, Deadline, Keyspace, Silent),
		Members:  pick(c, 1, 2, 2, 3, 3, 4),
		Streams:  pick(c, 1, 1, 2, 3, 5, 8, 20),
		Room:     pick(c, 0, 0, 0, 0, 0, 1, 2, 5),
		TTL:      pick(c, time.Second, 2*time.Second, 3*time.Second, 10*time.Second),
		Again:    c.happens(700),
		Fails:    pick(c, 0, 0, 100, 300),
		GivesUp:  pick(c, 0, 0, 100, 300),
	}
	s.SmallTokens = c.happens(500)
	s.Sweep = pick(c, s.TTL, 3*s.TTL, 6*s.TTL)
	s.WorkMin = pick(c, 10*time.Millisecond, s.TTL/10, s.TTL/2, 2*s.TTL, 2*s.TTL)
	s.WorkMax = s.WorkMin * time.Duration(1+c.below(6))
	s.Faults = time.Duration(3+c.below(10)) * s.TTL
	s.MaxFailures = pick(c, 0, 2, 5)
	s.MaxCrashes = pick(c, 0, 1, 2, 10)
	s.Manual = c.happens(80)
	s.Pages = pick(c, 0, 0, 1, 2)
	return s
}

// drawn is one kind of fault: how it is drawn, and how often it is part of a
// run, in a thousand.
type drawn struct {
	odds int
	draw func(*drawing)
}

func (d *drawing) drawFaults() {
	if d.faults.happens(50) {
		return // a run in which all is well: the bounds are at their tightest
	}
	switch n := d.faults.below(1000); {
	case n < 250: // one kind alone, so that nothing covers it up
		kind := alone[d.faults.below(len(alone))]
		for range d.times(3) {
			kind(d)
		}
		return
	case n < 650:
		tales[d.faults.below(len(tales))](d)
		return
	}
	for _, kind := range swarm {
		if d.faults.happens(kind.odds) {
			kind.draw(d)
		}
	}
}

// swarm lists the kinds of faults. Append only: their order is part of what a
// seed means.
var swarm = []drawn{
	{300, (*drawing).noise},
	{300, (*drawing).noise},
	{300, (*drawing).hits},
	{250, (*drawing).crashes},
	{250, (*drawing).freezes},
	{200, (*drawing).cuts},
	{200, (*drawing).hints},
	{150, (*drawing).lags},
	{150, (*drawing).slow},
	{100, (*drawing).closes},
	{150, (*drawing).joins},
	{150, (*drawing).doubles},
	{100, (*drawing).drifts},
	{150, (*drawing).distress},
	{100, (*drawing).losses},
	{60, (*drawing).steps},
	{100, (*drawing).evictions},
	{150, (*drawing).applications},
	{100, (*drawing).claims},
	{60, (*drawing).malformed},
	{80, (*drawing).wishes},
	{60, (*drawing).bursts},
	{60, (*drawing).cutsOfHints},
	{60, (*drawing).swaps},
	{200, (*drawing).hits},
	{60, (*drawing).failovers},
}

// alone lists the faults whose harm others would cover up, the subtler the more
// often.
var alone = []func(*drawing){
	(*drawing).noise, (*drawing).noise, (*drawing).hits, (*drawing).hits, (*drawing).crashes, (*drawing).freezes,
	(*drawing).cuts, (*drawing).hints, (*drawing).lags, (*drawing).lags, (*drawing).lags, (*drawing).slow,
	(*drawing).closes, (*drawing).doubles, (*drawing).doubles, (*drawing).doubles, (*drawing).drifts,
	(*drawing).distress, (*drawing).losses, (*drawing).losses, (*drawing).losses, (*drawing).evictions,
	(*drawing).cutsOfHints, (*drawing).cutsOfHints, (*drawing).cutsOfHints, (*drawing).swaps, (*drawing).swaps, (*drawing).swaps,
	(*drawing).failovers, (*drawing).failovers, (*drawing).failovers,
}

func (d *drawing) add(a Action) { d.scenario.Actions = append(d.scenario.Actions, a) }

// sometime is an instant in the time of faults, to the millisecond.
func (d *drawing) sometime() time.Duration {
	return d.faults.between(0, d.scenario.Setup.Faults).Round(time.Millisecond)
}

// lasting is a duration from a little to three TTLs.
func (d *drawing) lasting() time.Duration {
	ttl := d.scenario.Setup.TTL
	longest := pick(d.faults, ttl/10, ttl, 3*ttl, 3*ttl)
	return d.faults.between(time.Millisecond, longest).Round(time.Millisecond)
}

func (d *drawing) times(most int) int { return 1 + d.faults.below(most) }

func (d *drawing) member() string {
	return fmt.Sprintf("m%d", 1+d.faults.below(d.scenario.Setup.Members))
}

func (d *drawing) stream() string {
	return fmt.Sprintf("s%d", 1+d.faults.below(max(d.scenario.Setup.Streams, 1)))
}

func (d *drawing) moment() Moment { return pick(d.faults, Before, Applied, Applied, Late, After) }

func (d *drawing) noise() {
	start := d.sometime() / 2
	d.add(Action{At: start, Verb: DoNoise, Moment: d.moment(), Effect: pick(d.faults, CutOff, CutOff, Fail, Freeze, Crash),
		Rate: pick(d.faults, 2, 10, 50, 200), For: d.lasting(), During: d.scenario.Setup.Faults - start, Half: d.faults.happens(150)})
	last := &d.scenario.Actions[len(d.scenario.Actions)-1]
	switch last.Effect {
	case Crash, Freeze: // else nobody ever gets anywhere
		last.Rate = min(last.Rate, 10)
	}
	if last.Moment == After {
		last.Rate = min(last.Rate, 10)
	}
}

func (d *drawing) hits() {
	for range d.times(24) {
		d.add(Action{At: d.sometime(), Verb: Hit, Member: d.member(), Call: Call(1 + d.faults.below(int(calls)-2)),
			Moment: d.moment(), Effect: Effect(d.faults.below(int(effects))), For: d.lasting(), Half: d.faults.happens(150)})
	}
}

func (d *drawing) crashes() {
	for range d.times(4) {
		member := d.member()
		at := d.sometime()
		d.add(Action{At: at, Verb: DoCrash, Member: member})
		if d.faults.happens(600) {
			d.add(Action{At: at + d.lasting(), Verb: DoStart, Member: pick(d.faults, member, member, member+"b")})
		}
	}
}

func (d *drawing) freezes() {
	for range d.times(5) {
		d.add(Action{At: d.sometime(), Verb: DoFreeze, Member: d.member(), For: d.lasting()})
	}
}

func (d *drawing) cuts() {
	for range d.times(4) {
		d.add(Action{At: d.sometime(), Verb: DoCut, Member: d.member(), Way: pick(d.faults, All, All, Requests, Replies, Calls), For: d.lasting()})
	}
}

// cutsOfHints lets pub/sub alone break, for everybody, while all else is well.
func (d *drawing) cutsOfHints() {
	at, lasting := d.sometime(), d.lasting()
	for i := range d.scenario.Setup.Members {
		d.add(Action{At: at, Verb: DoCut, Member: fmt.Sprintf("m%d", i+1), Way: HintsOnly, For: lasting})
	}
	if d.faults.happens(600) { // what is given back meanwhile is published to nobody
		d.add(Action{At: at + lasting/2, Verb: DoClose, Member: d.member()})
	}
}

// swaps: while one lease is taken away, another is added that its member does
// not hear of, so that their number stays the same.
func (d *drawing) swaps() {
	for range d.times(4) {
		at := d.sometime()
		for i := range d.scenario.Setup.Members {
			d.add(Action{At: at, Verb: Hit, Member: fmt.Sprintf("m%d", i+1), Call: Acquire, Moment: Applied, Effect: pick(d.faults, CutOff, Fail)})
		}
		d.add(Action{At: at, Verb: DoAnnounce, Stream: "x"})
		d.add(Action{At: at, Verb: DoEvict, Stream: d.stream()})
	}
}

func (d *drawing) hints() {
	for range d.times(2) {
		d.add(Action{At: d.sometime(), Verb: DoHints, HintFate: HintFate(d.faults.below(4)), Rate: pick(d.faults, 50, 300, 1000), During: 2 * d.lasting()})
	}
}

func (d *drawing) lags() {
	for range d.times(3) {
		d.add(Action{At: d.sometime(), Verb: DoLag, Member: d.member(), By: d.lasting(), For: 3 * d.lasting()})
	}
}

func (d *drawing) slow() {
	for range d.times(3) {
		d.add(Action{At: d.sometime(), Verb: DoSlow, Member: d.member(), By: d.lasting(), For: 3 * d.lasting()})
	}
}

func (d *drawing) closes() {
	for range d.times(2) {
		d.add(Action{At: d.sometime(), Verb: DoClose, Member: d.member(), For: pick(d.faults, 0, d.lasting())})
	}
}

// joins: members come; also with the ID of one that lives.
func (d *drawing) joins() {
	for i := range d.times(4) {
		d.add(Action{At: d.sometime(), Verb: DoStart, Member: pick(d.faults, d.member(), fmt.Sprintf("n%d", i+1))})
	}
}

func (d *drawing) doubles() {
	for range d.times(6) {
		d.add(Action{At: d.sometime(), Verb: DoAnnounce, Stream: d.stream(), Times: pick(d.faults, 1, 2, 3, 10)})
	}
}

func (d *drawing) drifts() {
	rate := pick(d.faults, -60, -30, 30, 100, -60, -30, -400)
	d.add(Action{At: d.sometime(), Verb: DoDrift, Member: d.member(), Rate: rate, For: 4 * d.lasting()})
}

func (d *drawing) target() Target {
	if d.scenario.Setup.Lease == Quorum {
		return pick(d.faults, Store, Source, LeaseServers, LeaseServer1, LeaseServer2, LeaseServer3)
	}
	return pick(d.faults, Store, Source, LeaseServers)
}

// distress is what a store survives without losing anything.
func (d *drawing) distress() {
	for range d.times(3) {
		d.add(Action{At: d.sometime(), Verb: pick(d.faults, DoDown, DoDown, DoFull, DoReadOnly, DoLaggard),
			Target: d.target(), By: d.lasting() / 2, For: d.lasting()})
	}
}

func (d *drawing) losses() {
	for range d.times(2) {
		verb := pick(d.faults, DoFlush, DoRollback, DoRollback)
		d.add(Action{At: d.sometime(), Verb: verb, Target: pick(d.faults, d.target(), LeaseServers), By: d.lasting()})
	}
}

// failovers come with everything at once: the last writes are lost, an owner
// stands still, and the new master says of much that it is free.
func (d *drawing) failovers() {
	for range d.times(3) {
		at := d.sometime()
		d.add(Action{At: at, Verb: DoRollback, Target: LeaseServers, By: d.lasting()})
		d.add(Action{At: at, Verb: DoFreeze, Member: d.member(), For: d.lasting()})
		d.add(Action{At: at, Verb: DoHints, HintFate: FalseHints, Rate: 500, During: d.scenario.Setup.TTL / 2})
	}
}

func (d *drawing) steps() {
	d.add(Action{At: d.sometime(), Verb: DoStep, Target: d.target(), By: pick(d.faults, d.lasting(), -d.lasting())})
}

func (d *drawing) evictions() {
	for range d.times(4) {
		d.add(Action{At: d.sometime(), Verb: DoEvict, Stream: d.stream()})
	}
}

func (d *drawing) applications() {
	for range d.times(3) {
		d.add(Action{At: d.sometime(), Verb: pick(d.faults, DoStuck, DoDawdle), Member: d.member(), By: d.lasting(), For: d.lasting()})
	}
}

func (d *drawing) claims() {
	for range d.times(6) {
		at, member := d.sometime(), d.member()
		d.add(Action{At: at, Verb: DoClaim, Member: member, Stream: d.stream()})
		if d.faults.happens(300) {
			d.add(Action{At: at + d.lasting()/10, Verb: DoGiveUp, Member: member})
		}
	}
}

func (d *drawing) malformed() {
	for i := range d.times(3) {
		verb := DoMalformed
		if i%2 == 1 {
			verb = DoOversized
		}
		d.add(Action{At: d.sometime(), Verb: verb, Stream: fmt.Sprintf("bad%d", i+1)})
	}
}

func (d *drawing) wishes() {
	for range d.times(3) {
		d.add(Action{At: d.sometime(), Verb: DoWish, Stream: d.stream()})
	}
}

func (d *drawing) bursts() {
	d.add(Action{At: d.sometime(), Verb: DoBurst, Times: d.times(40)})
}
