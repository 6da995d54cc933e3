package core

import (
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// bench is a machine with perfect ports: every call succeeds at once, but for
// Fetch, which waits for the benchmark.
type bench struct {
	b       *testing.B
	machine *Machine
	now     time.Duration
	wakeAt  time.Duration
	answers []Event
	fetch   Call
	request RequestID
	last    int // number of the last stream that was made up
	token   Token
	taken   Tally
	leases  Tally // the session's
	tokens  map[StreamRef]Token

	beats, renewed int

	// Results of single items, reused: the machine does not keep them.
	acquired [1]AcquireResult
	took     [1]TakeResult
	settled  [1]SettleResult
	released [1]ReleaseResult
	renewals [renewBatch]RenewResult
}

// newBench makes a member that owns benchStreams streams, which fall due for
// renewal evenly over the renewal interval.
func newBench(b *testing.B, config Config) *bench {
	config.Member = Member{ID: "m1", Incarnation: "i1"}
	machine, err := New(config)
	require.NoError(b, err)
	w := &bench{b: b, machine: machine, wakeAt: never, tokens: map[StreamRef]Token{}}
	w.step(Start{})
	const batch = 500
	pause := machine.Config().RenewEvery * batch / benchStreams
	for machine.owned < benchStreams {
		claims := make([]Event, batch)
		for i := range claims {
			w.request++
			claims[i] = ClaimRequested{Request: w.request, Ref: w.stranger()}
		}
		w.step(claims...)
		until := w.now + pause
		for w.wakeAt <= until {
			w.sleepUntilWoken()
		}
		w.now = until
	}
	return w
}

// stranger is a stream that nobody has heard of yet.
func (w *bench) stranger() StreamRef {
	w.last++
	return StreamRef{Name: fmt.Sprintf("order-%d", w.last), MessageID: fmt.Sprintf("1700000000000-%d", w.last)}
}

func (w *bench) strangers() []StreamRef {
	refs := make([]StreamRef, benchChunk)
	for i := range refs {
		refs[i] = w.stranger()
	}
	return refs
}

// sleepUntilWoken lets the time pass that the machine wants to pass.
func (w *bench) sleepUntilWoken() {
	w.now, w.wakeAt = max(w.now, w.wakeAt), never
	w.step(Wake{})
}

// deliver lets the Fetch that is out bring one stream.
func (w *bench) deliver(ref StreamRef) {
	require.NotZero(w.b, w.fetch.ID, "no Fetch is out")
	head := w.fetch
	w.fetch = Call{}
	w.step(FetchAnswered{Answered{Call: head.ID, Sent: w.now}, Fetched{Assignments: []Assignment{{Ref: ref}}}})
	w.step(NotificationReceived{})
}

func (w *bench) done(ref StreamRef) {
	w.request++
	w.step(SettleRequested{Request: w.request, Ref: ref, Token: w.tokens[ref], Outcome: Done})
	delete(w.tokens, ref)
}

func (w *bench) finish(refs []StreamRef) {
	for _, ref := range refs {
		w.done(ref)
	}
}

// step feeds the machine, and answers what it asks for until it rests.
func (w *bench) step(events ...Event) {
	for len(events) > 0 {
		w.answers = w.answers[:0]
		for _, command := range w.machine.Step(w.now, events...) {
			w.carryOut(command)
		}
		events = append(events[:0:0], w.answers...)
	}
}

func (w *bench) carryOut(command Command) {
	switch c := command.(type) {
	case WakeAt:
		w.wakeAt = c.At
	case TenureBegan:
		if c.Tenure.Claimed {
			return // one of those that stay
		}
		w.tokens[c.Tenure.Ref] = c.Tenure.Token
	case SendFetch:
		w.fetch = c.Call
	case SendHeartbeat:
		w.beats++
		w.answers = append(w.answers, HeartbeatAnswered{w.ok(c.Call), Fleet{Version: 1, Taken: w.taken}})
	case SendSweep:
		w.answers = append(w.answers, SweepAnswered{w.ok(c.Call), SweepPage{NextIn: longTime}})
	case SendTake:
		w.answers = append(w.answers, TakeAnswered{w.ok(c.Call), w.take(c.Requests)})
	case SendSettle:
		w.answers = append(w.answers, SettleAnswered{w.ok(c.Call), w.settle(c.Settlements)})
	case SendPublish:
		w.answers = append(w.answers, PublishAnswered{w.ok(c.Call)})
	case SendAcquire:
		w.answers = append(w.answers, AcquireAnswered{w.ok(c.Call), w.acquire(c.Requests)})
	case SendRenew:
		w.answers = append(w.answers, RenewAnswered{w.ok(c.Call), w.renew(c.Grants)})
	case SendRelease:
		w.answers = append(w.answers, ReleaseAnswered{w.ok(c.Call), w.release(c.Requests)})
	case Broken:
		w.b.Fatal(c.What)
	case SendDeliveries, SendLeases, SendInspect, SendCheck:
		w.b.Fatalf("the bench excludes %T", command)
	}
}

func (w *bench) ok(head Call) Answered { return Answered{Call: head.ID, Sent: w.now} }

// resultsFor are the reused results, if they are enough.
func resultsFor[T any](reused []T, items int) []T {
	if items <= len(reused) {
		return reused[:items]
	}
	return make([]T, items)
}

func (w *bench) acquire(requests []AcquireRequest) []AcquireResult {
	results := resultsFor(w.acquired[:], len(requests))
	for i := range results {
		w.token++
		w.leases.Change++
		w.leases.Count++
		results[i] = AcquireResult{Token: w.token, Tally: w.leasesOf()}
	}
	return results
}

// leasesOf is the tally of the grant that an item is about: the session's, or
// that of a grant which holds one lease.
func (w *bench) leasesOf() Tally {
	if w.machine.config.Shape == GrantPerLease {
		return Tally{Change: 1, Count: 1}
	}
	return w.leases
}

func (w *bench) take(requests []TakeRequest) []TakeResult {
	results := resultsFor(w.took[:], len(requests))
	for i := range results {
		w.taken.Change++
		w.taken.Count++
		results[i] = TakeResult{Assignment: Assignment{Ref: requests[i].Ref}, Changed: true, Taken: w.taken}
	}
	return results
}

func (w *bench) settle(settlements []Settlement) []SettleResult {
	results := resultsFor(w.settled[:], len(settlements))
	for i := range results {
		w.taken.Change++
		w.taken.Count--
		results[i] = SettleResult{Gone: true, Changed: true, Taken: w.taken}
	}
	return results
}

func (w *bench) release(requests []ReleaseRequest) []ReleaseResult {
	results := resultsFor(w.released[:], len(requests))
	for i := range results {
		w.leases.Change++
		w.leases.Count--
		results[i] = ReleaseResult{Changed: true, Tally: w.leasesOf()}
	}
	return results
}

func (w *bench) renew(grants []GrantID) []RenewResult {
	w.renewed += len(grants)
	results := resultsFor(w.renewals[:], len(grants))
	for i := range results {
		results[i] = RenewResult{Tally: w.leasesOf()}
	}
	return results
}
