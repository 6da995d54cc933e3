package core

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"
)

// TestAnyOrderOfEvents throws random events at one machine: answers that are
// late, doubled, unknown, contradictory or too short, hints about anything,
// an application that settles what it does not own. Whatever comes, the
// machine must not panic, nor leave the transition table, nor break S3, S5
// and S6 in what it says, nor try two suspects at once.
func TestAnyOrderOfEvents(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := newChaos(t)
		for range rapid.IntRange(1, 150).Draw(t, "steps") {
			w.act()
			w.check()
			w.checkEnds()
		}
	})
}

// chaos is a world without any rules around one machine, and an observer that
// keeps its own books.
type chaos struct {
	t       *rapid.T
	machine *Machine
	now     time.Duration
	open    map[CallID]Command
	order   []CallID
	sentAt  map[CallID]time.Duration
	old     []Event
	request RequestID

	grantOf  map[StreamRef]GrantID // of the last Acquire for a ref
	valid    map[GrantID]time.Duration
	settling map[StreamRef]Token
	live     map[StreamRef]Tenure
	granted  map[StreamRef]GrantID
	claims   map[RequestID]bool
	heard    map[StreamRef][]hearing // begun in the application's view, and not ended
	serial   int                     // of the last tenure that began
	serials  map[StreamRef]int       // of the live tenures
	done     map[StreamRef]bool
	tried    TakeRequest     // the last that began a trial, or repeated its beginning
	working  map[string]bool // streams whose handler has not returned
	deadly   bool            // whatever may be a suspect is one, and little else goes wrong
}

func newChaos(t *rapid.T) *chaos {
	config := Config{Member: Member{ID: "m1", Incarnation: "i1"}, TTL: 10 * time.Second,
		Shape:       rapid.SampledFrom([]GrantShape{GrantPerMember, GrantPerLease}).Draw(t, "shape"),
		MaxStreams:  rapid.SampledFrom([]int{0, 1, 3}).Draw(t, "room"),
		ManualClaim: rapid.Bool().Draw(t, "manual"), Handlers: rapid.Bool().Draw(t, "handlers"), MaxFailures: 2,
		MaxCrashes: rapid.SampledFrom([]int{-1, 1, 2, 3}).Draw(t, "crashes")}
	machine, err := New(config)
	require.NoError(t, err)
	w := &chaos{t: t, machine: machine, open: map[CallID]Command{}, sentAt: map[CallID]time.Duration{},
		grantOf: map[StreamRef]GrantID{}, valid: map[GrantID]time.Duration{}, live: map[StreamRef]Tenure{},
		granted: map[StreamRef]GrantID{}, claims: map[RequestID]bool{}, heard: map[StreamRef][]hearing{}, serials: map[StreamRef]int{},
		done: map[StreamRef]bool{}, settling: map[StreamRef]Token{}, working: map[string]bool{}, deadly: rapid.Bool().Draw(t, "deadly")}
	w.step(Start{})
	return w
}

var chaosErrors = []error{nil, nil, nil, nil, nil, nil, ErrHeld, ErrDisowned, ErrDone, ErrExpired, ErrNotYet, ErrLost, ErrSuspect,
	&RefusedError{Command: "x"}, &RefusedError{Command: "x", Lasting: true}, errors.New("unknown")}

func (w *chaos) act() {
	t := w.t
	if rapid.IntRange(0, 9).Draw(t, "late") == 0 { // time passes before the event is taken in
		w.now += time.Duration(rapid.IntRange(0, 12000).Draw(t, "by")) * time.Millisecond
	}
	switch rapid.IntRange(0, 12).Draw(t, "act") {
	case 0, 1, 2, 3, 4:
		w.answerSome()
	case 5:
		w.now += time.Duration(rapid.IntRange(0, 3000).Draw(t, "ms")) * time.Millisecond
		w.step(Wake{})
	case 6:
		w.hint()
	case 7:
		w.request++
		w.claims[w.request] = true
		w.step(ClaimRequested{Request: w.request, Ref: w.ref()})
	case 8:
		w.settle()
	case 9:
		if n, ok := w.machine.Notification(); ok {
			w.received(n)
			w.step(NotificationReceived{})
		} else {
			w.step(Wake{})
		}
	case 10:
		switch rapid.IntRange(0, 40).Draw(t, "end") {
		case 0:
			w.step(CloseRequested{Grace: time.Duration(rapid.IntRange(0, 3).Draw(t, "grace")) * time.Second})
		case 1:
			w.step(CloseForced{})
		default:
			w.step(RequestAbandoned{Request: RequestID(rapid.IntRange(0, int(w.request)).Draw(t, "request"))})
		}
	case 11:
		again := Event(Wake{})
		if len(w.old) > 0 { // once more, or for a call that never was
			again = rapid.SampledFrom(w.old).Draw(t, "again")
		}
		w.step(again)
	case 12:
		name := w.ref().Name
		delete(w.working, name)
		w.step(HandlerReturned{Name: name})
	}
}

func (w *chaos) ref() StreamRef {
	return StreamRef{Name: rapid.SampledFrom([]string{"a", "b", "c"}).Draw(w.t, "name"),
		MessageID: rapid.SampledFrom([]string{"1", "2"}).Draw(w.t, "id")}
}

func (w *chaos) err() error {
	if w.deadly && rapid.IntRange(0, 9).Draw(w.t, "well") > 0 {
		return nil
	}
	return rapid.SampledFrom(chaosErrors).Draw(w.t, "err")
}

func (w *chaos) tally() Tally {
	return Tally{Change: rapid.Int64Range(0, 20).Draw(w.t, "change"), Count: rapid.Int64Range(0, 5).Draw(w.t, "count")}
}

func (w *chaos) token() Token { return Token(rapid.IntRange(0, 6).Draw(w.t, "token")) }

func (w *chaos) hint() {
	kinds := []HintKind{HintName, HintRef, HintGrant, HintHandOff, HintGap, 0}
	h := Hint{Kind: rapid.SampledFrom(kinds).Draw(w.t, "kind"), Ref: w.ref(), Grant: GrantID{1}}
	if w.machine.session != nil && rapid.Bool().Draw(w.t, "own") {
		h.Grant = w.machine.session.id
	}
	w.step(HintsReceived{Hints: []Hint{h, h}})
}

func (w *chaos) settle() {
	w.request++
	ref := w.ref()
	token := w.token()
	if tenure, ok := w.live[ref]; ok {
		token = tenure.Token
	}
	outcome := rapid.SampledFrom([]Outcome{Done, Failed, HandedOff}).Draw(w.t, "outcome")
	w.step(SettleRequested{Request: w.request, Ref: ref, Token: token, Outcome: outcome, Reason: "because"})
}

func (w *chaos) answerSome() {
	if len(w.order) == 0 {
		w.step(Wake{})
		return
	}
	i := rapid.IntRange(0, len(w.order)-1).Draw(w.t, "call")
	id := w.order[i]
	w.order = append(w.order[:i], w.order[i+1:]...)
	command := w.open[id]
	delete(w.open, id)
	a := Answered{Call: id, Sent: w.sentAt[id]}
	if rapid.IntRange(0, 5).Draw(w.t, "whole") == 0 {
		a.Err = w.err()
	}
	event := w.event(a, command)
	w.old = append(w.old, event)
	w.step(event)
}

// results is how many results the port answers for a batch: mostly one each.
func (w *chaos) results(requests int) int {
	if rapid.IntRange(0, 20).Draw(w.t, "short") == 0 {
		return requests - 1
	}
	return requests
}

func (w *chaos) event(a Answered, command Command) Event {
	t := w.t
	switch c := command.(type) {
	case SendHeartbeat:
		fleet := Fleet{Version: rapid.Int64Range(0, 3).Draw(t, "version"), Taken: w.tally(), Backlog: 1}
		if rapid.Bool().Draw(t, "members") {
			fleet.Members = []FleetMember{{w.machine.config.Member, true}, {Member{"m2", "i2"}, rapid.Bool().Draw(t, "m2")}}
		}
		return HeartbeatAnswered{a, fleet}
	case SendFetch:
		return FetchAnswered{a, Fetched{Assignments: []Assignment{{Ref: w.ref()}, {Ref: w.ref()}}, Left: 3}}
	case SendDeliveries:
		page := DeliveryPage{Taken: w.tally(), Deliveries: []Delivery{{Assignment{Ref: w.ref()}, w.token(), rapid.Bool().Draw(t, "taken")}}}
		return DeliveriesAnswered{a, page}
	case SendTake:
		results := make([]TakeResult, w.results(len(c.Requests)))
		for i := range results {
			results[i] = TakeResult{Err: w.takeErr(c.Requests[i]), Assignment: Assignment{Ref: c.Requests[i].Ref}, Taken: w.tally(), Changed: true,
				Failures: rapid.IntRange(0, 2).Draw(t, "failures"), Crashes: rapid.IntRange(0, 9).Draw(t, "crashes"),
				CrashedAlone: rapid.Bool().Draw(t, "alone"), Remembered: w.token(), RetryIn: time.Second}
			if a.Err == nil && results[i].Err == nil {
				w.noteTrialStood(c.Requests[i])
			}
		}
		return TakeAnswered{a, results}
	case SendSettle:
		results := make([]SettleResult, w.results(len(c.Settlements)))
		for i := range results {
			results[i] = SettleResult{Err: w.err(), Taken: w.tally(), Changed: true, Gone: rapid.IntRange(0, 9).Draw(t, "gone") == 0}
			if a.Err == nil && results[i].Err == nil && c.Settlements[i].Outcome == Done {
				w.settling[c.Settlements[i].Ref] = c.Settlements[i].Token
			}
		}
		return SettleAnswered{a, results}
	case SendSweep:
		swept := Swept{Assignment: Assignment{Ref: w.ref()}, Token: w.token(), Taker: "i2", Settled: rapid.Bool().Draw(t, "settled"), Age: time.Hour}
		return SweepAnswered{a, SweepPage{Due: []Swept{swept}, Round: []Swept{swept}, NextIn: time.Second}}
	case SendInspect:
		results := make([]InspectResult, w.results(len(c.Names)))
		for i := range results {
			results[i] = InspectResult{Err: w.err(), Held: rapid.Bool().Draw(t, "held")}
		}
		return InspectAnswered{a, results}
	default:
		return w.leaseEvent(a, command)
	}
}

func (w *chaos) leaseEvent(a Answered, command Command) Event {
	t := w.t
	switch c := command.(type) {
	case SendAcquire:
		results := make([]AcquireResult, w.results(len(c.Requests)))
		for i := range results {
			results[i] = AcquireResult{Err: w.err(), Token: w.token(), Tally: w.tally(), Holder: Holder{Member: Member{"m2", "i2"}, Lease: Lease{Ref: w.ref()}}}
			if a.Err == nil && results[i].Err == nil {
				w.extend(c.Requests[i].Grant, a.Sent)
			}
		}
		return AcquireAnswered{a, results}
	case SendRenew:
		results := make([]RenewResult, w.results(len(c.Grants)))
		for i := range results {
			results[i] = RenewResult{Err: w.err(), Tally: w.tally()}
			if a.Err == nil && results[i].Err == nil {
				w.extend(c.Grants[i], a.Sent)
			}
		}
		return RenewAnswered{a, results}
	case SendLeases:
		return LeasesAnswered{a, LeasePage{Leases: []Lease{{Ref: w.ref(), Grant: c.Grant, Token: w.token()}}, Expired: rapid.Bool().Draw(t, "over"), Tally: w.tally()}}
	case SendRelease:
		results := make([]ReleaseResult, w.results(len(c.Requests)))
		for i := range results {
			results[i] = ReleaseResult{Err: w.err(), Tally: w.tally(), Changed: true}
		}
		return ReleaseAnswered{a, results}
	case SendPublish:
		return PublishAnswered{a}
	default:
		return CheckAnswered{a}
	}
}

func (w *chaos) extend(grant GrantID, sent time.Duration) {
	w.valid[grant] = max(w.valid[grant], sent+w.machine.config.TTL-w.machine.config.Margin)
}

func (w *chaos) step(events ...Event) {
	for _, command := range w.machine.Step(w.now, events...) {
		w.note(command)
	}
}

func (w *chaos) note(command Command) {
	switch c := command.(type) {
	case Broken:
		w.t.Fatalf("the machine says that it is broken: %s", c.What)
	case TenureBegan:
		ref := c.Tenure.Ref
		require.NotContains(w.t, w.live, ref, "a tenure of %v began while another lived", ref)
		for other := range w.live {
			require.NotEqual(w.t, ref.Name, other.Name, "two tenures of one name")
		}
		require.False(w.t, w.done[ref], "S5: a tenure of %v began after it was done", ref)
		require.False(w.t, w.working[ref.Name], "%v began, and its earlier handler has not returned", ref)
		w.live[ref], w.granted[ref] = c.Tenure, w.grantOf[ref]
		w.serial++
		w.serials[ref] = w.serial
		delete(w.settling, ref) // said of an earlier tenure, perhaps with the same token
	case TenureEnded:
		tenure, ok := w.live[c.Ref]
		require.True(w.t, ok && tenure.Token == c.Token, "a tenure ended that did not live: %v", c.Ref)
		delete(w.live, c.Ref)
		if token, ok := w.settling[c.Ref]; ok && token == c.Token && errors.Is(c.Cause, ErrDone) {
			w.done[c.Ref] = true
		}
		if !errors.Is(c.Cause, ErrDisowned) {
			w.heard[c.Ref] = slices.DeleteFunc(w.heard[c.Ref], func(h hearing) bool {
				return h.serial == w.serials[c.Ref] // its own doing: no notification follows
			})
		}
	case Reply:
		if c.Err == nil && w.claims[c.Request] {
			require.Equal(w.t, w.live[c.Ref].Token, c.Token, "a Claim succeeded without a tenure")
			w.hear(c.Ref, c.Token)
		}
	case SendAcquire:
		for _, r := range c.Requests {
			w.grantOf[r.Ref] = r.Grant
			w.noteAcquired(r.Ref)
		}
	case SendTake:
		for _, r := range c.Requests {
			w.noteTrial(r)
		}
	}
	if call, ok := command.(PortCall); ok {
		id := call.Head().ID
		w.open[id], w.sentAt[id] = command, w.now
		w.order = append(w.order, id)
	}
}

// check is what must hold after every step.
func (w *chaos) check() {
	for ref, tenure := range w.live {
		grant := w.granted[ref]
		require.Less(w.t, w.now, w.valid[grant], "S3: %v is owned with token %d past its validity", ref, tenure.Token)
	}
	require.Equal(w.t, len(w.live), w.machine.owned, "the machine's own count")
	require.NoError(w.t, w.machine.Verify())
	occupied, lingering := 0, len(w.working)
	for _, first := range w.machine.names {
		for e := first; e != nil; e = e.next {
			if e.occupies() {
				occupied++
				if w.working[e.ref.Name] {
					lingering--
				}
			}
		}
	}
	if !w.machine.terminated { // then it takes no note of those that return
		require.Equal(w.t, lingering, w.machine.handlers.lingering, "handlers that go on after their tenures")
	}
	if room := w.machine.config.MaxStreams; room > 0 {
		require.LessOrEqual(w.t, occupied+lingering, room, "more streams and handlers than there is room for")
	}
}
