package page

import (
	"math"
	"time"

	"github.com/streamlease/streamlease/internal/sim"
)

// Feed tells of a run what its picture needs, bit by bit as the run goes on.
type Feed struct {
	tables
	end      time.Duration // how far the picture reaches
	told     bool          // something was told
	read     int           // so much of the trace
	calm     time.Duration // since when the time of faults is over; 0: it is not
	terms    []int         // so many of each list of terms
	log      eventLog
	troubles troubleLog

	leases, tenures, spans, faults, events, overlaps sheet

	openLeases, openTenures open
}

// never is further than any picture reaches.
const never = time.Duration(math.MaxInt64)

// NewFeed makes a feed of a run from its beginning on.
func NewFeed() *Feed { return newFeed(never) }

func newFeed(end time.Duration) *Feed {
	return &Feed{end: end, leases: sheet{width: 7}, tenures: sheet{width: 10}, spans: sheet{width: 5},
		faults: sheet{width: 3}, events: sheet{width: 7}, overlaps: sheet{width: 4}, log: newEventLog(), troubles: newTroubleLog(end)}
}

// Patch is what has changed since the patch before it. The result must have a
// trace and a chronicle, and be that of the same run each time.
func (f *Feed) Patch(r *sim.Result) Document {
	doc := f.patch(r)
	doc.Ended = micros(r.Ended)
	return doc
}

func (f *Feed) patch(r *sim.Result) (doc Document) {
	f.readTrace(r)
	f.readLeases(r)
	f.readTenures(r)
	f.readFaults(r)
	f.readOverlaps(r)
	doc.Terms = f.readTerms(&r.Chronicle)
	if !f.told {
		doc.Kinds, f.told = kindsOf(), true
	}
	doc.Leases, doc.Tenures, doc.Spans = f.leases.fresh(), f.tenures.fresh(), f.spans.fresh()
	doc.Faults, doc.Events, doc.Overlaps = f.faults.fresh(), f.events.fresh(), f.overlaps.fresh()
	f.tables.put(&doc)
	return doc
}

func (f *Feed) readTrace(r *sim.Result) {
	for i := f.read; i < len(r.Trace); i++ {
		e := &r.Trace[i]
		if e.Kind == sim.Started { // members in the order in which they came
			f.member(e.Member)
		}
		if e.Kind == sim.Healed {
			f.calm = e.At
		}
		f.troubles.see(e)
		if i > 0 && *e == r.Trace[i-1] {
			continue
		}
		if at := f.log.see(e); at >= 0 {
			told := f.log.list[at]
			f.events.put(at, row{micros(told.At), int64(told.kind), f.group(told.members), f.ref(told.Ref), f.token(told.Token),
				f.text(told.text), micros(told.Until)})
		}
	}
	f.read = len(r.Trace)
	for i, s := range f.troubles.spans {
		f.spans.put(i, row{f.member(s.member), int64(s.kind), micros(s.from), micros(s.to), f.text(s.text)})
	}
}

// open are the rows of a chronicle that may still change.
type open struct {
	rows []int
	next int // the first that was not looked at
}

// look shows each of them, and those that are new, and forgets what is over.
func (o *open) look(count int, show func(at int) (live bool)) {
	for ; o.next < count; o.next++ {
		o.rows = append(o.rows, o.next)
	}
	live := o.rows[:0]
	for _, at := range o.rows {
		if show(at) {
			live = append(live, at)
		}
	}
	o.rows = live
}

func (f *Feed) readLeases(r *sim.Result) {
	f.openLeases.look(len(r.Chronicle.Leases), func(at int) bool {
		l := r.Chronicle.Leases[at]
		if l.Live {
			l.Ends = r.Ended
		}
		f.leases.put(at, row{f.member(l.Member), f.ref(l.Ref), f.token(l.Token),
			micros(l.Begins), micros(lastsUntil(&r.Chronicle, l.Terms, l.Live, l.Ends, f.end)), int64(l.Terms), yes(l.Live)})
		return l.Live
	})
}

func (f *Feed) readTenures(r *sim.Result) {
	f.openTenures.look(len(r.Chronicle.Tenures), func(at int) bool {
		t := untilNow(r, at)
		f.tenures.put(at, row{f.member(t.Member), f.ref(t.Ref), f.token(t.Token), micros(t.Began),
			micros(lastsUntil(&r.Chronicle, t.Terms, t.Live, t.Ended, f.end)), micros(validUntil(&r.Chronicle, &t, f.end)),
			int64(t.Terms), yes(t.Live), f.text(t.Beginning), f.text(t.Ending)})
		return t.Live
	})
}

// untilNow is a tenure as it is: one that is live has lasted until now.
func untilNow(r *sim.Result, at int) sim.TenureSpan {
	t := r.Chronicle.Tenures[at]
	if t.Live {
		t.Ended = r.Ended
	}
	return t
}

func (f *Feed) readFaults(r *sim.Result) {
	calm := r.Ended
	if f.calm > 0 {
		calm = f.calm
	}
	for i, s := range faultsOf(r.Scenario.Actions, calm) {
		f.faults.put(i, row{micros(s.from), micros(s.to), f.text(s.text)})
	}
}

func (f *Feed) readOverlaps(r *sim.Result) {
	chronicle := r.Chronicle
	chronicle.Tenures = make([]sim.TenureSpan, len(r.Chronicle.Tenures))
	for i := range chronicle.Tenures {
		chronicle.Tenures[i] = untilNow(r, i)
	}
	found := overlapsOf(&chronicle, min(f.end, endOf(r)))
	for i, o := range found {
		f.overlaps.put(i, row{int64(f.names.number(o.name)), micros(o.from), micros(o.to), f.text(o.sentence())})
	}
	for i := len(found); i < len(f.overlaps.rows); i++ { // belief ended before it was to
		f.overlaps.put(i, row{f.overlaps.rows[i][0], 0, 0, none})
	}
}

func (f *Feed) readTerms(c *sim.Chronicle) (fresh [][]int64) {
	for i, terms := range c.Terms {
		if i == len(f.terms) {
			f.terms = append(f.terms, 0)
		}
		if f.terms[i] == len(terms) {
			continue
		}
		list := []int64{int64(i)}
		for _, term := range terms[f.terms[i]:] {
			list = append(list, micros(term.From), micros(term.Until))
		}
		f.terms[i] = len(terms)
		fresh = append(fresh, list)
	}
	return fresh
}
