package sim

import (
	"context"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/ports"
)

// source is the model of the load-balancer stream and its records. It keeps
// the contract of ports.StreamSource, except that nobody else calls at the
// same time, and that a Fetch does not wait: the world asks again.
type source struct {
	clock   *clock
	now     func() time.Duration // true
	ablated *Ablation
	pages   int // how long a page of deliveries is at most; 0: as long as is asked for

	records   []*record // by ID
	byID      map[int64]*record
	lastAdded int64
	delivered int64 // up to here, everything was
	backlog   int64
	returns   int64 // numbers what is given back
	taken     map[string]core.Tally
	fleet     fleet
	round     round
	// quarantined are the assignments in quarantine, oldest first.
	quarantined []core.StreamRef
	// removed hears of each assignment that is gone, and how it went.
	removed func(core.StreamRef, core.Outcome)
}

var _ ports.StreamSource = (*source)(nil)

func newSource(clock *clock, now func() time.Duration, ablated *Ablation) *source {
	s := &source{clock: clock, now: now, ablated: ablated}
	s.empty()
	return s
}

func (s *source) empty() {
	s.records, s.byID = nil, make(map[int64]*record)
	s.delivered, s.backlog = s.lastAdded, 0
	s.taken = make(map[string]core.Tally)
	s.fleet.version += int64(len(s.fleet.members))
	s.fleet.members = nil
	s.round = round{}
	s.quarantined = nil
}

func (s *source) time() time.Duration { return s.clock.at(s.now()) }

func (s *source) announce(name string, info core.Info) core.StreamRef {
	s.lastAdded++
	r := &record{id: s.lastAdded, announced: s.time()}
	r.assignment = core.Assignment{Ref: core.StreamRef{Name: name, MessageID: messageID(r.id)}, Info: info}
	s.records = append(s.records, r)
	s.byID[r.id] = r
	s.backlog++
	return r.assignment.Ref
}

// announceMalformed adds an entry that is no assignment.
func (s *source) announceMalformed(name string) core.StreamRef {
	ref := s.announce(name, nil)
	s.byID[s.lastAdded].malformed = true
	return ref
}

func (s *source) find(ref core.StreamRef) *record {
	r := s.byID[parseMessageID(ref.MessageID)]
	if r == nil || r.assignment.Ref != ref {
		return nil
	}
	return r
}

func (s *source) isDelivered(r *record) bool { return r.id <= s.delivered }

func (s *source) after(id int64) []*record {
	at, _ := slices.BinarySearchFunc(s.records, id+1, func(r *record, id int64) int { return int(r.id - id) })
	return s.records[at:]
}

func (s *source) remove(r *record, outcome core.Outcome) {
	if !s.isDelivered(r) {
		s.backlog--
	}
	if r.owned() {
		s.retake(r.taker, -1)
	}
	delete(s.byID, r.id)
	s.records = slices.DeleteFunc(s.records, func(other *record) bool { return other == r })
	if s.removed != nil {
		s.removed(r.assignment.Ref, outcome)
	}
}

// retake changes the number of assignments that a member has taken.
func (s *source) retake(member core.Member, by int64) {
	tally := s.taken[member.Incarnation]
	tally.Change++
	tally.Count += by
	s.taken[member.Incarnation] = tally
}

func (s *source) Fetch(_ context.Context, member core.Member, limit int, _ time.Duration) (core.Fetched, error) {
	var fetched core.Fetched
	for _, r := range slices.Clone(s.after(s.delivered)) {
		if len(fetched.Assignments) >= limit {
			break
		}
		s.delivered = r.id
		s.backlog--
		if r.malformed {
			s.quarantined = append(s.quarantined, r.assignment.Ref)
			s.remove(r, core.Quarantined)
			continue
		}
		r.bearer, r.changed = member.Incarnation, s.time()
		if r.settled != 0 { // claimed by its ref and given back before it was delivered
			s.giveBack(r)
		}
		fetched.Assignments = append(fetched.Assignments, r.assignment)
	}
	fetched.Left = s.backlog
	return fetched, nil
}

func (s *source) Deliveries(_ context.Context, member core.Member, cursor string, limit int) (core.DeliveryPage, error) {
	limit = shorter(limit, s.pages)
	page := core.DeliveryPage{Taken: s.taken[member.Incarnation]}
	for _, r := range s.after(parseMessageID(cursor)) {
		if !r.concerns(member) {
			continue
		}
		if last := len(page.Deliveries); last > 0 && last >= limit {
			page.Next = page.Deliveries[last-1].Assignment.Ref.MessageID
			break
		}
		page.Deliveries = append(page.Deliveries,
			core.Delivery{Assignment: r.assignment, Token: r.token, Taken: r.ownedBy(member)})
	}
	return page, nil
}

func (s *source) giveBack(r *record) {
	s.returns++
	r.givenBack = s.returns
}

// clone is what a replica, or a file on disk, knows of the source now.
func (s *source) clone() *source {
	copied := *s
	copied.records, copied.byID = nil, make(map[int64]*record, len(s.byID))
	for _, r := range s.records {
		twin := *r
		copied.records = append(copied.records, &twin)
		copied.byID[twin.id] = &twin
	}
	copied.taken = make(map[string]core.Tally, len(s.taken))
	for incarnation, tally := range s.taken {
		copied.taken[incarnation] = tally
	}
	copied.fleet.members = slices.Clone(s.fleet.members)
	copied.quarantined = slices.Clone(s.quarantined)
	return &copied
}

// restore goes back to what a clone knows. Message IDs go on growing, as a
// server's clock makes them.
func (s *source) restore(from *source) {
	lastAdded := s.lastAdded
	now, clock, ablated, removed := s.now, s.clock, s.ablated, s.removed
	*s = *from.clone()
	s.now, s.clock, s.ablated, s.removed = now, clock, ablated, removed
	s.lastAdded = lastAdded
}
