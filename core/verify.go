package core

import (
	"errors"
	"fmt"
)

var errUnsound = errors.New("the machine's books are wrong")

func unsound(format string, args ...any) error {
	return fmt.Errorf("%w: %s", errUnsound, fmt.Sprintf(format, args...))
}

// Verify looks for what the machine's own rules exclude: a count that is not
// the number of what is counted, and work that nothing will ever go on with.
// It changes nothing and may be called between two Steps; it takes time in
// proportion to what the machine knows, so it is for those who test a machine.
func (m *Machine) Verify() error {
	if !m.started || m.terminated {
		return nil
	}
	v := verification{machine: m, places: make(map[*entry]place), grants: make(map[*grant]int64)}
	v.gather()
	for _, look := range []func() error{v.verifyEntries, v.verifyGrants, v.verifyCalls, v.verifyRequests, m.verifyPlans, m.verifyTrials} {
		if err := look(); err != nil {
			return err
		}
	}
	return nil
}

// place is where an entry stands in line, or which call is under way for it.
type place uint16

const (
	inAcquisitions place = 1 << iota
	inTakes
	inSettlements
	inReleases
	inInspections
	inSuspects
	acquireCalled
	takeCalled // with its token
	takeCalledEver
	settleCalled
	releaseCalled
	inspectCalled
)

// verification is one look at a machine.
type verification struct {
	machine *Machine
	places  map[*entry]place
	grants  map[*grant]int64 // leases of entries, by grant
}

func (v *verification) gather() {
	m := v.machine
	v.line(&m.acquisitions, inAcquisitions)
	v.line(&m.takes, inTakes)
	v.line(&m.settlements, inSettlements)
	v.line(&m.inspections, inInspections)
	v.line(&m.trials.suspects, inSuspects)
	for _, item := range m.releases.items[m.releases.first:] {
		v.release(item, inReleases)
	}
	for _, c := range m.calls {
		v.call(c)
	}
}

func (v *verification) line(queue *queue[*entry], place place) {
	for _, e := range queue.items[queue.first:] {
		v.places[e] |= place
	}
}

func (v *verification) release(item releaseItem, place place) {
	if e := item.entry; e != nil && e.token == item.lease.Token {
		v.places[e] |= place
	}
}

func (v *verification) call(c *call) {
	for i, e := range c.entries {
		switch c.kind {
		case callAcquire:
			v.places[e] |= acquireCalled
		case callTake:
			v.places[e] |= takeCalledEver
			if c.takes[i].Token == e.token {
				v.places[e] |= takeCalled
			}
		case callSettle:
			v.places[e] |= settleCalled
		case callInspect:
			v.places[e] |= inspectCalled
		}
	}
	for _, item := range c.releases {
		v.release(item, releaseCalled)
	}
}

// verifyEntries counts again what the machine counts as it goes.
func (v *verification) verifyEntries() error {
	m := v.machine
	var entries, waiting, occupied, owned int
	var taken int64
	for name, first := range m.names {
		busy := 0
		for e := first; e != nil; e = e.next {
			entries++
			waiting += count(e.phase <= probing)
			occupied += count(e.occupies())
			owned += count(e.state == Owned)
			taken += int64(count(e.taken))
			busy += count(e.phase > probing && !e.ghost)
			if err := v.verifyEntry(e, name); err != nil {
				return err
			}
		}
		if busy > 1 {
			return unsound("%d operations on the name %q at once", busy, name)
		}
	}
	counted := [5]int64{int64(entries), int64(waiting), int64(occupied), int64(owned), taken}
	kept := [5]int64{int64(m.entries), int64(m.waiting), int64(m.occupied), int64(m.owned), m.takenCount}
	if counted != kept {
		return unsound("entries, waiting, occupied, owned, taken: %v are counted, and there are %v", kept, counted)
	}
	return nil
}

func count(so bool) int {
	if so {
		return 1
	}
	return 0
}

func (v *verification) verifyEntry(e *entry, name string) error {
	switch {
	case e.ref.Name != name:
		return unsound("%q is kept under the name %q", e.ref, name)
	case e.told != (e.state == Owned):
		return unsound("%q is %v, and that it has begun and not ended is %v", e.ref, e.state, e.told)
	case e.hasLease && e.grant == nil:
		return unsound("%q has a lease without a grant", e.ref)
	case (e.settlement != nil) != (e.phase == settling):
		return unsound("%q has a settlement, or should", e.ref)
	case e.sent && v.places[e]&settleCalled == 0, e.checking && v.places[e]&takeCalledEver == 0:
		return unsound("%q waits for the answer of a call that is not under way", e.ref)
	case !v.goesOn(e):
		return unsound("nothing will go on with %q (phase %d; retry %v, yields %v, probe %v)", e.ref, e.phase, e.retry, e.yields, e.probe)
	case e.grant != nil:
		if of := e.grant.entries; int(e.grantPosition) >= len(of) || of[e.grantPosition] != e {
			return unsound("the grant of %q does not have it", e.ref)
		}
		v.grants[e.grant] += int64(count(e.hasLease))
	}
	return nil
}

// goesOn: the entry stands in line, waits for an answer or for its alarm, or
// has nothing to wait for.
func (v *verification) goesOn(e *entry) bool {
	m, alarmed, place := v.machine, e.alarm != nil && e.alarm.position > 0, v.places[e]
	switch e.phase {
	case waiting:
		return alarmed || !e.retry && !e.yields && !e.probe
	case probing:
		return place&(inInspections|inspectCalled) != 0
	case queued:
		return place&inAcquisitions != 0
	case acquiring:
		return place&acquireCalled != 0
	case leased:
		return alarmed || place&inTakes != 0 || m.awaitsTrial(e) && place&inSuspects != 0
	case taking:
		return place&takeCalled != 0
	case held:
		return alarmed || !e.recheck && !m.hasStoodTrial(e) || place&inTakes != 0 || e.checking
	case settling:
		return alarmed || e.sent || place&inSettlements != 0
	default:
		return alarmed || place&(inReleases|releaseCalled) != 0
	}
}

// verifyGrants: each live grant is renewed or fenced in time.
func (v *verification) verifyGrants() error {
	m := v.machine
	if g := m.session; g != nil && v.grants[g] == 0 {
		v.grants[g] = 0
	}
	live := 0
	for g, leases := range v.grants {
		live += count(g.opened && !g.dead)
		switch {
		case g.leases != leases:
			return unsound("grant %v counts %d leases and has %d", g.id, g.leases, leases)
		case g.opened && !g.dead && g.alarm.position == 0:
			return unsound("nothing will renew or end grant %v", g.id)
		case g.renewing && !g.dead && m.config.Shape == GrantPerMember && !m.renews(g): // else it may be too late for it
			return unsound("grant %v waits for a renewal that is not under way", g.id)
		}
	}
	if live != m.liveGrants {
		return unsound("%d live grants are counted, and there are %d", m.liveGrants, live)
	}
	return nil
}

func (m *Machine) renews(g *grant) bool {
	for _, queued := range m.renewals.items[m.renewals.first:] {
		if queued == g {
			return true
		}
	}
	if m.renewCall != nil {
		for _, called := range m.renewCall.grants {
			if called == g {
				return true
			}
		}
	}
	return false
}

// verifyCalls: what is kept of calls is kept of those that are under way.
func (v *verification) verifyCalls() error {
	m := v.machine
	var underWay [callKinds]int
	for _, c := range m.calls {
		underWay[c.kind]++
	}
	if underWay != m.underWay {
		return unsound("calls under way by kind: %v are counted, and there are %v", m.underWay, underWay)
	}
	if err := m.verifyLedger(&m.taken, callTake, callSettle); err != nil {
		return err
	}
	for g := range v.grants {
		if err := m.verifyLedger(g.ledger, callAcquire, callRelease); err != nil {
			return err
		}
	}
	switch {
	case m.renewCall != nil && underWay[callRenew] == 0:
		return unsound("a Renew is waited for that is not under way")
	case (m.fetch.out != 0) != (underWay[callFetch] > 0), (m.fetch.out != 0) != (m.reserved > 0):
		return unsound("room for %d streams is reserved, and %d calls of Fetch are under way", m.reserved, underWay[callFetch])
	}
	return nil
}

func (m *Machine) verifyLedger(l *ledger, kinds ...callKind) error {
	if l == nil {
		return nil
	}
	for _, id := range l.underWay {
		c := m.calls[id]
		if c == nil || c.kind != kinds[0] && c.kind != kinds[1] {
			return unsound("a change is expected of call %d, which is not under way", id)
		}
	}
	return nil
}

// verifyRequests: whoever calls waits for something that will answer.
func (v *verification) verifyRequests() error {
	m := v.machine
	waited := 0
	for _, first := range m.names {
		for e := first; e != nil; e = e.next {
			requests := m.claims[e]
			if e.settlement != nil {
				requests = append(requests[:len(requests):len(requests)], e.settlement.requests...)
			}
			for _, request := range requests {
				waited++
				if m.requests[request] != e {
					return unsound("request %d is not known to wait for %q", request, e.ref)
				}
			}
		}
	}
	if entries := len(m.claims); entries > 0 && waited == 0 {
		return unsound("Claims of %d entries are kept, and none waits", entries)
	}
	if waited != len(m.requests) {
		return unsound("%d requests are kept, and %d have something to wait for", len(m.requests), waited)
	}
	if notices := len(m.outbox.notices); notices != m.outbox.order.len() {
		return unsound("notifications of %d streams are kept, and %d will be given", notices, m.outbox.order.len())
	}
	return nil
}
