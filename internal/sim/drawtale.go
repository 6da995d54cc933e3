package sim

import (
	"fmt"
	"time"
)

// A tale is a chain of events that chance alone would rarely bring about in
// this order: it sets the world up for it, and leaves the rest to the seed.

// tales lists them. Append only: their order is part of what a seed means.
var tales = []func(*drawing){
	(*drawing).counterLost, (*drawing).dropped, (*drawing).crowdedName, (*drawing).takesUnheard, (*drawing).takesUnheard,
	(*drawing).openingsUnheard, (*drawing).settledTooLate, (*drawing).givenBackUnheard, (*drawing).pausedAfterReading,
	(*drawing).pausedAfterReading, (*drawing).anyCall, (*drawing).anyCall, (*drawing).exchanged, (*drawing).tokenDrawnTwice, (*drawing).closedInTheMiddle,
	(*drawing).idleInAnOutage, (*drawing).takesLate, (*drawing).failsUnheard,
}

func (d *drawing) members(yield func(string) bool) {
	for i := range d.scenario.Setup.Members {
		if !yield(fmt.Sprintf("m%d", i+1)) {
			return
		}
	}
}

// several members, with room for all, of whom one can take over from another.
func (d *drawing) several() *Setup {
	s := &d.scenario.Setup
	s.Members, s.Room = max(s.Members, 2), 0
	return s
}

// hear: hints are heard.
func (d *drawing) hear() {
	if d.scenario.Setup.Notifier == Silent {
		d.scenario.Setup.Notifier = pick(d.faults, Deadline, Keyspace)
	}
}

// counterLost: the lease store forgets how far its tokens were, while streams
// are owned whose tokens the source remembers.
func (d *drawing) counterLost() {
	s := d.several()
	s.SmallTokens = true
	s.WorkMin, s.WorkMax = s.TTL, 4*s.TTL
	d.add(Action{At: d.sometime(), Verb: DoFlush, Target: LeaseServers})
}

// dropped: an operator removes what is owned.
func (d *drawing) dropped() {
	s := &d.scenario.Setup
	s.WorkMin, s.WorkMax = s.TTL, 6*s.TTL
	for range d.times(6) {
		d.add(Action{At: d.sometime(), Verb: DoDrop, Stream: d.stream()})
	}
}

// crowdedName: several assignments of one name, each soon finished, so that the
// word that it is free may overtake the answer that it is held; and no later
// one of the name whose end would make up for it.
func (d *drawing) crowdedName() {
	s := d.several()
	d.hear()
	s.Streams, s.Again, s.Fails, s.GivesUp = 1+d.faults.below(2), false, 0, 0
	s.Members, s.TTL, s.Sweep, s.Faults = 2, 10*time.Second, 30*time.Second, time.Minute
	s.WorkMin, s.WorkMax = time.Millisecond, 5*time.Millisecond
	for i := range 20 + d.faults.below(100) {
		d.add(Action{At: d.sometime(), Verb: DoAnnounce, Stream: fmt.Sprintf("c%d", i+1), Times: 2 + d.faults.below(4)})
	}
}

// takesUnheard: Takes are applied, and nobody hears; the tenures last.
func (d *drawing) takesUnheard() {
	s := d.several()
	s.WorkMin, s.WorkMax = 2*s.TTL, 4*s.TTL
	s.Streams, s.MaxCrashes, s.Faults = max(s.Streams, 5), 0, 10*s.TTL
	for range 4 + d.faults.below(8) {
		d.add(Action{At: d.sometime() / 2, Verb: Hit, Member: d.member(), Call: Take, Moment: Applied, Effect: pick(d.faults, CutOff, Fail)})
	}
}

// openingsUnheard: a grant is opened, and its member does not hear of it.
func (d *drawing) openingsUnheard() {
	s := &d.scenario.Setup
	s.Lease, s.Streams, s.Room = Session, 1+d.faults.below(2), 0
	for member := range d.members {
		d.add(Action{Verb: Hit, Member: member, Call: Acquire, Moment: Applied, Effect: pick(d.faults, CutOff, Fail)})
		if d.faults.happens(500) { // nor is what it gives back given back at once
			d.add(Action{Verb: Hit, Member: member, Call: Release, Moment: Before, Effect: pick(d.faults, CutOff, Fail)})
		}
	}
}

// idleInAnOutage: the lease store is away for longer than any lease lasts, while
// nobody owns anything; there is work when it is back.
func (d *drawing) idleInAnOutage() {
	s := &d.scenario.Setup
	s.Members, s.Streams, s.Again, s.Fails, s.GivesUp = 1+d.faults.below(2), 1+d.faults.below(3), false, 0, 0
	s.WorkMin, s.WorkMax, s.Faults = 10*time.Millisecond, s.TTL/10, 8*s.TTL
	d.add(Action{At: 5*s.TTL - d.faults.between(0, s.TTL/2).Round(time.Millisecond), Verb: DoDown,
		Target: pick(d.faults, LeaseServers, LeaseServers, Store), For: s.TTL + d.faults.between(0, s.TTL).Round(time.Millisecond)})
	d.add(Action{At: 8*s.TTL - d.faults.between(0, s.TTL/2).Round(time.Millisecond), Verb: DoAnnounce, Stream: "late"})
}

// takesLate: a Take executes when its member has long fenced itself and given
// the tenure up.
func (d *drawing) takesLate() {
	s := &d.scenario.Setup
	s.Members, s.Room, s.Streams = 1+d.faults.below(2), 0, 1+d.faults.below(5)
	s.WorkMin, s.WorkMax, s.Faults = s.TTL/10, 2*s.TTL, 10*s.TTL
	for range 2 + d.faults.below(4) {
		at, member := d.sometime()/2, d.member()
		d.add(Action{At: at, Verb: Hit, Member: member, Call: Take, Moment: Late, Effect: pick(d.faults, CutOff, Fail), For: s.TTL + d.lasting()})
		d.add(Action{At: at, Verb: Hit, Member: member, Call: Renew, Moment: After, Effect: CutOff, For: s.TTL})
	}
}

// failsUnheard: that a stream failed is on record, and its member hears of it
// only when it has asked again and again; the retry time counts from the first.
func (d *drawing) failsUnheard() {
	s := d.several()
	d.hear()
	s.Streams, s.Fails, s.MaxFailures, s.Again = 2, 1000, 0, false
	s.TTL, s.Sweep, s.WorkMin, s.WorkMax, s.Faults = time.Second, 6*time.Second, 10*time.Millisecond, 100*time.Millisecond, 40*time.Second
	for range 1 + d.faults.below(3) {
		at, member := d.sometime(), d.member()
		for range 2 + d.faults.below(3) {
			d.add(Action{At: at, Verb: Hit, Member: member, Call: Settle, Moment: Applied, Effect: CutOff})
		}
	}
}

// settledTooLate: what an owner says of its stream arrives when another owns it.
func (d *drawing) settledTooLate() {
	s := d.several()
	s.WorkMin, s.WorkMax = s.TTL/10, 6*s.TTL
	for range 2 + d.faults.below(6) {
		d.add(Action{At: d.sometime(), Verb: Hit, Member: d.member(), Call: Settle, Moment: pick(d.faults, Before, Before, Applied, Late),
			Effect: Freeze, For: s.TTL + d.lasting()})
	}
}

// givenBackUnheard: a member leaves, and gives its streams back, while nobody
// hears hints.
func (d *drawing) givenBackUnheard() {
	s := d.several()
	d.hear()
	s.Members, s.Sweep, s.WorkMin, s.WorkMax = max(s.Members, 3), 6*s.TTL, s.TTL, 8*s.TTL
	for i := range 1 + d.faults.below(s.Members-1) {
		at, lasting := 2*s.TTL+d.sometime(), d.faults.between(s.TTL/10, s.TTL).Round(time.Millisecond)
		for member := range d.members {
			d.add(Action{At: at, Verb: DoCut, Member: member, Way: HintsOnly, For: lasting})
		}
		d.add(Action{At: at + lasting/2, Verb: DoClose, Member: fmt.Sprintf("m%d", i+1)})
	}
	s.Faults += 4 * s.TTL
}

// pausedAfterReading: the loop stands still for longer than a lease lasts just
// after the application has read a notification that the loop does not know
// to be read.
func (d *drawing) pausedAfterReading() {
	s := &d.scenario.Setup
	s.WorkMin, s.WorkMax = s.TTL, 2*s.TTL
	for range d.times(5) {
		d.add(Action{At: d.sometime() / 2, Verb: DoNap, Member: d.member(), For: s.TTL/2 + d.lasting()})
	}
}

// exchanged: while one lease is taken away another is added that its member
// does not hear of, so that their number stays the same.
func (d *drawing) exchanged() {
	s := &d.scenario.Setup
	s.Lease, s.Members, s.Room, s.Streams = Session, 1+d.faults.below(2), 0, 1+d.faults.below(5)
	s.WorkMin, s.WorkMax = 2*s.TTL, 8*s.TTL
	for i := range d.times(4) {
		at := s.Faults/3 + d.sometime()/2
		for member := range d.members {
			d.add(Action{At: at, Verb: Hit, Member: member, Call: Acquire, Moment: Applied, Effect: pick(d.faults, CutOff, Fail)})
		}
		d.add(Action{At: at, Verb: DoAnnounce, Stream: fmt.Sprintf("x%d", i+1)})
		d.add(Action{At: at, Verb: DoEvict, Stream: d.stream()})
	}
}

// tokenDrawnTwice: a failover loses an acquisition and the draw of its token,
// and others hear that the stream is free.
func (d *drawing) tokenDrawnTwice() {
	s := d.several()
	d.hear()
	s.SmallTokens = true
	s.WorkMin, s.WorkMax = 2*s.TTL, 4*s.TTL
	for i := range d.times(4) {
		at := s.Faults/3 + d.sometime()/2
		d.add(Action{At: at, Verb: DoAnnounce, Stream: fmt.Sprintf("x%d", i+1)})
		d.add(Action{At: at + 40*time.Millisecond, Verb: DoRollback, Target: LeaseServers, By: 39 * time.Millisecond})
		d.add(Action{At: at + 50*time.Millisecond, Verb: DoHints, HintFate: FalseHints, Rate: 1000, During: s.TTL / 2})
	}
}

// anyCall: a fault of any kind at any moment of any call.
func (d *drawing) anyCall() {
	s := d.several()
	s.Members, s.GivesUp, s.Fails = max(s.Members, 3), 100, 100
	for call := Heartbeat; call < Check; call++ {
		for moment := range moments {
			d.add(Action{At: d.sometime(), Verb: Hit, Member: d.member(), Call: call, Moment: moment,
				Effect: pick(d.faults, Freeze, CutOff, Fail, Fail), For: d.lasting() / 3})
		}
	}
	for range 4 + d.faults.below(8) {
		at, member := d.sometime(), d.member()
		d.add(Action{At: at, Verb: Hit, Member: member, Call: Call(1 + d.faults.below(int(Check)-1)),
			Moment: Moment(d.faults.below(int(moments))), Effect: Crash})
		d.add(Action{At: at + d.lasting(), Verb: DoStart, Member: member})
	}
}

// closedInTheMiddle: a member is closed while calls of any kind are under way,
// and some of them meet a fault; or while its store refuses for good.
func (d *drawing) closedInTheMiddle() {
	s := d.several()
	s.Members = max(s.Members, 3)
	for range d.times(4) {
		at, member := d.sometime(), d.member()
		for range d.times(4) {
			d.add(Action{At: at, Verb: Hit, Member: member, Call: Call(1 + d.faults.below(int(Check)-1)),
				Moment: Moment(d.faults.below(int(moments))), Effect: pick(d.faults, Freeze, CutOff, Fail, Fail), For: d.lasting() / 2})
		}
		if d.faults.happens(200) {
			d.add(Action{At: at, Verb: pick(d.faults, DoReadOnly, DoFull), Target: d.target(), For: 2 * s.TTL})
		}
		d.add(Action{At: at + d.faults.between(0, s.TTL/4).Round(time.Millisecond), Verb: DoClose, Member: member, For: pick(d.faults, 0, 0, d.lasting())})
		d.add(Action{At: at + d.lasting(), Verb: DoStart, Member: member})
	}
}
