package sim

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// DrawAdapters makes a scenario for adapters depth from a seed, with the lease
// store that it will run on. A run there is a hundred times as slow as one of the
// model, so its worlds are smaller; its times are no whole seconds, since an
// adapter has to turn them into units of a server; and what only an adapter can
// do wrong comes more often. nil: the seed says which shape of lease store.
func DrawAdapters(seed uint64, lease *Lease) Scenario {
	d := drawing{sizes: newChance(seed, ofSizes), faults: newChance(seed, ofFaults)}
	s := Scenario{Name: fmt.Sprintf("seed %d", seed), About: "Drawn from a seed.", Setup: d.setup()}
	d.scenario = &s
	if lease != nil {
		s.Setup.Lease = *lease
	}
	d.smaller()
	if d.faults.happens(400) {
		talesOfAdapters[d.faults.below(len(talesOfAdapters))](&d)
	} else {
		d.drawFaults()
	}
	slices.SortStableFunc(s.Actions, func(a, b Action) int { return cmp.Compare(a.At, b.At) })
	return s
}

// smaller makes the world one that is played through in a moment.
func (d *drawing) smaller() {
	c, s := d.sizes, &d.scenario.Setup
	s.TTL = pick(c, time.Second, 1337400*time.Microsecond, 1500500*time.Microsecond, 2*time.Second+999*time.Microsecond)
	s.Sweep = pick(c, s.TTL, 3*s.TTL)
	s.Members, s.Streams = min(s.Members, 3), min(s.Streams, 8)
	s.WorkMin = pick(c, 10*time.Millisecond, s.TTL/10, s.TTL/2, 2*s.TTL).Round(time.Millisecond)
	s.WorkMax = s.WorkMin * time.Duration(1+c.below(4))
	s.Faults = time.Duration(3+c.below(6)) * s.TTL
	s.Pages = pick(c, 0, 1, 2, 3)
}

// talesOfAdapters lists chains of events that try an adapter. Append only: their
// order is part of what a seed means.
var talesOfAdapters = []func(*drawing){
	(*drawing).settledTwice, (*drawing).settledTwice, (*drawing).serverBehind, (*drawing).serverBehind,
	(*drawing).renewedTooLate, (*drawing).renewedTooLate, (*drawing).tokenDrawnTwice, (*drawing).counterLost,
	(*drawing).halfBatches, (*drawing).halfBatches, (*drawing).scriptsForgotten, (*drawing).unheardOfAny,
	(*drawing).settledTooLate, (*drawing).takesLate, (*drawing).crowdedLocks, (*drawing).manyOfOne,
	(*drawing).givenBackUnheard, (*drawing).givenBackUnheard, (*drawing).leavesMany,
}

// settledTwice: a settlement comes through so late that its member has settled
// once more, and has the stream again.
func (d *drawing) settledTwice() {
	s := &d.scenario.Setup
	d.hear()
	s.Members, s.Room, s.Fails, s.GivesUp, s.MaxFailures = 1+d.faults.below(2), 0, 200, 600, 0
	s.Again, s.WorkMin, s.WorkMax, s.Faults = true, 10*time.Millisecond, s.TTL/4, 8*s.TTL
	for range 6 + d.faults.below(10) {
		d.add(Action{At: d.sometime(), Verb: Hit, Member: d.member(), Call: Settle, Moment: pick(d.faults, Late, Late, Applied),
			Effect: pick(d.faults, Fail, CutOff), For: d.lasting() / 3})
	}
}

// serverBehind: of several lease servers another one is out of reach each time,
// and each has counted its tokens by itself.
func (d *drawing) serverBehind() {
	s := d.several()
	d.hear()
	s.SmallTokens = d.faults.happens(800)
	s.Again, s.WorkMin, s.WorkMax, s.Faults = true, s.TTL/10, s.TTL, 8*s.TTL
	first := d.faults.below(3)
	for i := range 8 {
		target := LeaseServer1 + Target((first+i)%3)
		if s.Lease != Quorum {
			target = LeaseServers
		}
		d.add(Action{At: time.Duration(i) * s.TTL, Verb: pick(d.faults, DoDown, DoDown, DoLaggard), Target: target,
			By: s.TTL / 10, For: s.TTL/2 + d.lasting()/6})
	}
	if d.faults.happens(300) {
		d.add(Action{At: d.sometime(), Verb: DoFlush, Target: pick(d.faults, d.target(), LeaseServers)})
	}
}

// renewedTooLate: a renewal executes when the grant is over; its member stands
// still, or is gone.
func (d *drawing) renewedTooLate() {
	s := d.several()
	d.hear()
	s.WorkMin, s.WorkMax, s.Faults = 2*s.TTL, 4*s.TTL, 10*s.TTL
	for range 3 + d.faults.below(6) {
		at, member := s.TTL+d.sometime()/2, d.member()
		d.add(Action{At: at, Verb: Hit, Member: member, Call: Renew, Moment: Late, Effect: pick(d.faults, Crash, CutOff, Freeze),
			For: s.TTL - d.faults.between(0, s.TTL/2).Round(time.Millisecond)})
		if d.faults.happens(500) {
			d.add(Action{At: at + s.TTL/2, Verb: DoCut, Member: member, Way: Calls, For: s.TTL})
		}
	}
}

// halfBatches: connections break in the middle of batches, and after them.
func (d *drawing) halfBatches() {
	s := d.several()
	s.Streams, s.Again, s.GivesUp, s.WorkMin, s.WorkMax = 8, true, 200, 10*time.Millisecond, s.TTL
	for range 2 + d.faults.below(4) {
		d.add(Action{At: d.sometime(), Verb: DoBurst, Times: 4 + d.faults.below(20)})
	}
	for range 8 + d.faults.below(16) {
		d.add(Action{At: d.sometime(), Verb: Hit, Member: d.member(), Call: pick(d.faults, Acquire, Acquire, Take, Settle, Release, Renew),
			Moment: Applied, Effect: pick(d.faults, Fail, CutOff), Half: d.faults.happens(600)})
	}
}

// scriptsForgotten: servers are restarted, with their data and without scripts
// and settings, while much is under way.
func (d *drawing) scriptsForgotten() {
	s := d.several()
	s.Streams, s.Again, s.WorkMin, s.WorkMax = 8, true, s.TTL/10, s.TTL
	for range 3 + d.faults.below(5) {
		d.add(Action{At: d.sometime(), Verb: DoDown, Target: d.target(), For: d.faults.between(time.Millisecond, s.TTL/2).Round(time.Millisecond)})
	}
}

// unheardOfAny: calls of every kind take effect, or not, and their members hear
// nothing or of a broken connection.
func (d *drawing) unheardOfAny() {
	s := d.several()
	s.Again, s.Fails, s.GivesUp = true, 100, 200
	for call := Heartbeat; call < Check; call++ {
		for range 2 {
			d.add(Action{At: d.sometime(), Verb: Hit, Member: d.member(), Call: call, Moment: pick(d.faults, Before, Applied),
				Effect: pick(d.faults, CutOff, Fail)})
		}
	}
}

// crowdedLocks: several members go for each name at once, and some of their
// requests come late.
func (d *drawing) crowdedLocks() {
	s := d.several()
	d.hear()
	s.Members, s.Streams, s.Again, s.GivesUp, s.WorkMin, s.WorkMax = 3, 2, true, 500, 10*time.Millisecond, 50*time.Millisecond
	for range 4 + d.faults.below(6) {
		d.add(Action{At: d.sometime(), Verb: DoHints, HintFate: FalseHints, Rate: 1000, During: s.TTL / 4})
		d.add(Action{At: d.sometime(), Verb: Hit, Member: d.member(), Call: pick(d.faults, Acquire, Release), Moment: pick(d.faults, Late, Applied),
			Effect: pick(d.faults, Fail, CutOff), For: d.lasting() / 3})
	}
}

// leavesMany: a member leaves with many streams while all is well, and the sweep
// is far away.
func (d *drawing) leavesMany() {
	s := d.several()
	d.hear()
	s.Members, s.Streams, s.Again, s.Fails, s.Sweep = 2+d.faults.below(2), 8+d.faults.below(8), false, 0, 6*s.TTL
	s.WorkMin, s.WorkMax, s.Faults = 6*s.TTL, 12*s.TTL, 8*s.TTL
	d.add(Action{At: 4*s.TTL + d.sometime()/3, Verb: DoClose, Member: d.member()})
}

// manyOfOne: a member has many streams, and loses what it has heard of them.
func (d *drawing) manyOfOne() {
	s := &d.scenario.Setup
	s.Members, s.Streams, s.Room, s.Pages = 1+d.faults.below(2), 8+d.faults.below(8), 0, 1+d.faults.below(3)
	s.WorkMin, s.WorkMax, s.Faults = 2*s.TTL, 6*s.TTL, 8*s.TTL
	for range 3 + d.faults.below(5) {
		at, member := d.sometime(), d.member()
		d.add(Action{At: at, Verb: Hit, Member: member, Call: pick(d.faults, Acquire, Take, Fetch, Release), Moment: Applied, Effect: pick(d.faults, CutOff, Fail)})
		if d.faults.happens(300) {
			d.add(Action{At: at, Verb: DoEvict, Stream: d.stream()})
		}
		if d.faults.happens(300) {
			d.add(Action{At: at, Verb: DoFreeze, Member: member, For: s.TTL + d.lasting()})
		}
	}
}
