package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A check that finds nothing wrong proves nothing until it has found something.
func TestVerifyFindsWhatIsWrong(t *testing.T) {
	for name, harm := range map[string]func(*Machine, *entry){
		"counts of entries":             func(m *Machine, _ *entry) { m.entries++ },
		"counts of room":                func(m *Machine, _ *entry) { m.occupied-- },
		"counts of tenures":             func(m *Machine, _ *entry) { m.owned++ },
		"counts of what is on record":   func(m *Machine, _ *entry) { m.takenCount-- },
		"counts of leases":              func(_ *Machine, e *entry) { e.grant.leases++ },
		"counts of live grants":         func(m *Machine, _ *entry) { m.liveGrants++ },
		"a grant that nobody renews":    func(m *Machine, e *entry) { m.unset(&e.grant.alarm) },
		"a renewal that never comes":    func(_ *Machine, e *entry) { e.grant.renewing = true },
		"a Take that nobody repeats":    func(_ *Machine, e *entry) { e.recheck = true },
		"a settlement that nobody asks": func(m *Machine, e *entry) { m.settle(e, settlement{}); m.settlements.pop() },
		"a release that nobody asks":    func(m *Machine, e *entry) { m.release(e, thenForget); m.releases.pop() },
		"an Acquire that nobody asks": func(m *Machine, _ *entry) {
			m.pursue(m.entryOf(StreamRef{Name: "b", MessageID: "2"}))
			m.acquisitions.pop()
		},
		"an answer that never comes":    func(m *Machine, _ *entry) { m.underWay[callTake]++ },
		"a change that nobody makes":    func(m *Machine, _ *entry) { m.taken.sent(999, m.sequence) },
		"a request that nobody answers": func(m *Machine, e *entry) { m.requests[7] = e },
		"the heartbeat":                 func(m *Machine, _ *entry) { m.unset(&m.fleet.alarm) },
		"the sweep": func(m *Machine, _ *entry) {
			m.unset(&m.sweep.alarm)
			m.underWay[callSweep] = 0
			dropCalls(m, callSweep)
		},
		"a trial of nobody": func(m *Machine, _ *entry) { m.trials.stood = true },
		"two tenures of one name": func(m *Machine, _ *entry) {
			twin := m.entryOf(StreamRef{Name: "a", MessageID: "2"})
			m.setPhase(twin, held)
		},
		"a grant without its entry": func(_ *Machine, e *entry) { e.grantPosition = 3 },
	} {
		t.Run(name, func(t *testing.T) {
			m, e := ownerOfOne(t)
			require.NoError(t, m.Verify())
			harm(m, e)
			require.ErrorIs(t, m.Verify(), errUnsound)
		})
	}
}

func dropCalls(m *Machine, kind callKind) {
	for id, c := range m.calls {
		if c.kind == kind {
			delete(m.calls, id)
		}
	}
}

// ownerOfOne is a machine that owns one stream, and is well.
func ownerOfOne(t *testing.T) (*Machine, *entry) {
	t.Helper()
	return ownerOfOneBy(t, GrantPerMember)
}

func ownerOfOneBy(t *testing.T, shape GrantShape) (*Machine, *entry) {
	t.Helper()
	m, err := New(Config{Member: Member{ID: "m1", Incarnation: "i1"}, Shape: shape, TTL: 10 * time.Second})
	require.NoError(t, err)
	ref := StreamRef{Name: "a", MessageID: "1"}
	pending := m.Step(0, Start{})
	for range 3 {
		var events []Event
		for _, command := range pending {
			if event := agree(command, ref, m.now); event != nil {
				events = append(events, event)
			}
		}
		pending = append([]Command(nil), m.Step(m.now+time.Millisecond, events...)...)
		if e := m.find(ref); e != nil && e.phase == held {
			return m, e
		}
		if m.joined && m.find(ref) == nil {
			pending = append(pending, m.Step(m.now, HintsReceived{Hints: []Hint{{Kind: HintRef, Ref: ref}}})...)
		}
	}
	t.Fatal("the stream was not begun")
	return nil, nil
}

// agree answers a call as a store would that has the stream for this member.
func agree(command Command, ref StreamRef, sent time.Duration) Event {
	switch c := command.(type) {
	case SendHeartbeat:
		return HeartbeatAnswered{Answered: Answered{Call: c.ID, Sent: sent}, Fleet: Fleet{Version: 1}}
	case SendAcquire:
		return AcquireAnswered{Answered: Answered{Call: c.ID, Sent: sent},
			Results: []AcquireResult{{Token: 1, Tally: Tally{Change: 1, Count: 1}}}}
	case SendTake:
		return TakeAnswered{Answered: Answered{Call: c.ID, Sent: sent},
			Results: []TakeResult{{Assignment: Assignment{Ref: ref}, Taken: Tally{Change: 1, Count: 1}, Changed: true}}}
	default:
		return nil
	}
}

// A batch may be down to one item because larger ones timed out. That one opens
// no session that is open: late it would bring a dead one back, and unanswered
// it would end a healthy one.
func TestAnAcquireOfOneItemOpensNoSessionThatIsOpen(t *testing.T) {
	m, _ := ownerOfOne(t)
	m.sizes[callAcquire] = size{halvings: mostHalvings}
	other := StreamRef{Name: "b", MessageID: "2"}
	for _, command := range m.Step(m.now, HintsReceived{Hints: []Hint{{Kind: HintRef, Ref: other}}}) {
		if acquire, is := command.(SendAcquire); is {
			require.Equal(t, []AcquireRequest{{Ref: other, Grant: m.session.id}}, acquire.Requests)
			return
		}
	}
	t.Fatal("nothing was acquired")
}
