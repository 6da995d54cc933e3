package sim

import (
	"slices"
	"strings"
	"time"

	"github.com/streamlease/streamlease/core"
)

// past is what was true of the servers at some time, to hold answers against:
// an answer tells of an instant between the call and itself.
type past struct {
	now    func() time.Duration
	takes  map[core.StreamRef][]taken
	ends   map[question]bool // settlements that took effect, by whoever
	leases map[core.Lease]bool
	heldTo map[string]time.Duration // when a name was last seen to be locked anywhere
	// leased, opened are since when a name has its lease, and a server its grant.
	leased map[string]time.Duration
	opened map[core.GrantID]time.Duration
	// recordsChanged, leasesChanged are when something of them last did.
	recordsChanged, leasesChanged time.Duration
	meddled                       time.Duration // when servers last changed by other than requests
	said                          []said        // lately, to those who listen
}

// said is one message that a process has published.
type said struct {
	process int
	at      time.Duration
	text    string
}

// saidFor is how long a message is remembered.
const saidFor = time.Minute

// notePublished notes a request that publishes something.
func (h *past) notePublished(p *process, words []string) {
	if len(words) != 3 || !strings.EqualFold(words[0], "publish") {
		return
	}
	h.said = append(slices.DeleteFunc(h.said, func(one said) bool { return one.at < h.now()-saidFor }), said{p.index, h.now(), words[2]})
}

func (h *past) hasSaid(p *process, since time.Duration, text string) bool {
	return slices.ContainsFunc(h.said, func(one said) bool {
		return one.process == p.index && one.at >= since && strings.Contains(one.text, text)
	})
}

// taken is one Take that took effect.
type taken struct {
	token       core.Token
	incarnation string
}

func (h *past) init(w *World) {
	h.now = func() time.Duration { return w.now }
	h.takes, h.ends = make(map[core.StreamRef][]taken), make(map[question]bool)
	h.leases, h.heldTo = make(map[core.Lease]bool), make(map[string]time.Duration)
	h.leased, h.opened = make(map[string]time.Duration), make(map[core.GrantID]time.Duration)
	h.meddled = -1
}

// touch: somebody else than a member has changed the servers.
func (h *past) touch() { h.recordsChanged, h.leasesChanged = h.now(), h.now() }

func (h *past) noteRecord(was, is *record) {
	if is.bearer != was.bearer || is.token != was.token || is.taker != was.taker || is.settled != was.settled || is.retryAt != was.retryAt {
		h.recordsChanged = h.now()
	}
	ref := is.assignment.Ref
	if is.token != was.token || is.taker != was.taker {
		h.takes[ref] = append(h.takes[ref], taken{is.token, is.taker.Incarnation})
	}
	if was.settled == 0 && is.settled != 0 {
		h.ends[question{ref: ref, token: is.token, outcome: is.settled}] = true
	}
}

func (h *past) recordGone(was *record, outcome core.Outcome) {
	h.recordsChanged = h.now()
	h.ends[question{ref: was.assignment.Ref, token: was.token, outcome: outcome}] = true
}

func (h *past) hasTaken(ref core.StreamRef, one taken) bool {
	return slices.Contains(h.takes[ref], one)
}

// noteHeld notes which names are locked on any server, and with which tokens. On
// a quorum a token may be written where the lock is not, and count all the same.
func (h *past) noteHeld(store *leaseStore) {
	for _, server := range store.servers {
		for name, l := range server.names {
			h.heldTo[name] = h.now()
			h.leases[l.terms()] = true
		}
	}
}

// noteLease: what was before is another lease, or the same.
func (h *past) noteLease(is leaseTruth, same bool) {
	if is.lease == nil {
		h.leasesChanged = h.now()
		return
	}
	if !same {
		h.leasesChanged = h.now()
		h.leased[is.lease.ref.Name] = h.now()
	}
}

// kept: the name has had its present lease since before then.
func (h *past) kept(name string, since time.Duration) bool {
	at, found := h.leased[name]
	return found && at < since
}
