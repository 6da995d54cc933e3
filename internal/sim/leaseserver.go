package sim

import (
	"errors"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// lease is the right to one name on one server: live, or what a grant that is
// over left behind.
type lease struct {
	ref   core.StreamRef
	token core.Token
	grant *grant
}

// grant is what is renewed.
type grant struct {
	server   *leaseServer
	id       core.GrantID
	member   core.Member
	deadline time.Duration // by the server's clock
	lost     bool
	tally    core.Tally
	leases   []*lease // by token
	place    int      // in server.known
	armed    bool     // an appointment looks at the deadline
}

// leaseServer is the lease store of one server. It keeps the contract of
// ports.LeaseStore, except that nobody else calls at the same time; a test
// compares it with adapters/memory.
type leaseServer struct {
	shape   core.GrantShape
	clock   *clock
	now     func() time.Duration // true
	names   map[string]*lease
	grants  map[core.GrantID]*grant
	known   []*grant // all of grants, in an order that does not depend on the map
	counter core.Token
	// clockless: the clock is of no help when tokens are drawn.
	clockless bool
	ablated   *Ablation
	// grew hears that a grant has a new deadline, over that it is lost.
	grew, over func(*grant)
	// overwrote hears of a live lease that another took the name from.
	overwrote func(*lease)
}

func newLeaseServer(shape core.GrantShape, clock *clock, now func() time.Duration, ablated *Ablation) *leaseServer {
	s := &leaseServer{shape: shape, clock: clock, now: now, ablated: ablated}
	s.empty()
	return s
}

func (s *leaseServer) empty() {
	s.names = make(map[string]*lease)
	s.grants = make(map[core.GrantID]*grant)
	s.known = nil
	s.counter = 0
}

func (s *leaseServer) time() time.Duration { return s.clock.at(s.now()) }

// find returns the grant as it is now: lost if its deadline has come.
func (s *leaseServer) find(id core.GrantID) *grant {
	if g := s.grants[id]; g != nil {
		s.expire(g)
	}
	return s.grants[id] // nil when nothing was left of it
}

// held returns the live lease on a name, or nil; left is what a grant that is
// over left behind.
func (s *leaseServer) held(name string) (live, left *lease) {
	l := s.names[name]
	if l == nil {
		return nil, nil
	}
	if s.expire(l.grant); l.grant.lost {
		if s.names[name] == nil {
			return nil, nil
		}
		return nil, l
	}
	return l, nil
}

// expire ends the grant if its deadline has come. It never lives again.
func (s *leaseServer) expire(g *grant) {
	if g.lost || g.deadline > s.time() {
		return
	}
	g.lost = true
	if s.over != nil {
		s.over(g)
	}
	if len(g.leases) == 0 {
		s.forget(g)
	}
}

// expireAll is for a clock that was set.
func (s *leaseServer) expireAll() {
	for _, g := range slices.Clone(s.known) {
		s.expire(g)
	}
}

func (s *leaseServer) open(id core.GrantID, member core.Member) *grant {
	g := &grant{server: s, id: id, member: member, place: len(s.known), deadline: -1}
	s.grants[id] = g
	s.known = append(s.known, g)
	return g
}

// extend moves the deadline, never to an earlier instant.
func (s *leaseServer) extend(g *grant, ttl time.Duration) {
	g.deadline = max(g.deadline, s.time()+ttl)
	if s.grew != nil {
		s.grew(g)
	}
}

func (s *leaseServer) forget(g *grant) {
	if s.grants[g.id] != g {
		return
	}
	delete(s.grants, g.id)
	last := s.known[len(s.known)-1]
	s.known[g.place], last.place = last, g.place
	s.known = s.known[:len(s.known)-1]
}

func (s *leaseServer) acquire(member core.Member, r core.AcquireRequest, ttl time.Duration) core.AcquireResult {
	g := s.find(r.Grant)
	opens := r.Open || s.ablated.UnknownGrantOpened
	live, left := s.held(r.Ref.Name)
	if s.ablated.HeldNotChecked {
		left, live = s.names[r.Ref.Name], nil
	}
	switch {
	case g == nil && !opens, g != nil && g.lost:
		return core.AcquireResult{Err: core.ErrExpired}
	case g == nil && (s.shape == core.GrantPerMember || live == nil):
		g = s.open(r.Grant, member)
		s.extend(g, ttl)
	}
	if live != nil {
		result := core.AcquireResult{Err: core.ErrHeld, Holder: s.holder(live)}
		if g != nil {
			result.Tally = g.tally
		}
		return result
	}
	if left != nil {
		if !left.grant.lost && s.overwrote != nil {
			s.overwrote(left)
		}
		s.remove(left)
	}
	if len(g.leases) == 0 || !s.ablated.AcquireDoesNotExtend {
		s.extend(g, ttl)
	}
	s.counter = s.draw(r.Floor)
	s.put(g, r.Ref, s.counter)
	return core.AcquireResult{Token: s.counter, Tally: g.tally}
}

func (s *leaseServer) draw(floor core.Token) core.Token {
	if s.clockless {
		return max(s.counter+1, floor+1)
	}
	return max(s.counter+1, core.Token(s.time()/time.Microsecond), floor+1)
}

func (s *leaseServer) put(g *grant, ref core.StreamRef, token core.Token) {
	l := &lease{ref: ref, token: token, grant: g}
	s.names[ref.Name] = l
	at := len(g.leases)
	for at > 0 && g.leases[at-1].token > token {
		at--
	}
	g.leases = slices.Insert(g.leases, at, l)
	g.tally.Change++
	g.tally.Count++
}

func (s *leaseServer) remove(l *lease) {
	g := l.grant
	delete(s.names, l.ref.Name)
	g.leases = slices.DeleteFunc(g.leases, func(other *lease) bool { return other == l })
	g.tally.Change++
	g.tally.Count--
	if len(g.leases) == 0 && (g.lost || s.shape == core.GrantPerLease) {
		s.forget(g)
	}
}

func (s *leaseServer) holder(l *lease) core.Holder {
	return core.Holder{Member: l.grant.member, Lease: l.terms(), ExpiresIn: l.grant.deadline - s.time()}
}

func (l *lease) terms() core.Lease { return core.Lease{Ref: l.ref, Grant: l.grant.id, Token: l.token} }

func (s *leaseServer) renew(id core.GrantID, ttl time.Duration) core.RenewResult {
	g := s.find(id)
	if g == nil || g.lost {
		return core.RenewResult{Err: core.ErrExpired}
	}
	s.extend(g, ttl)
	return core.RenewResult{Tally: g.tally}
}

var errCursor = errors.New("no such cursor")

func (s *leaseServer) page(id core.GrantID, cursor core.Token, limit int) (page core.LeasePage, next core.Token, err error) {
	g := s.find(id)
	if g == nil {
		return page, 0, core.ErrExpired
	}
	page.Expired, page.Tally = g.lost, g.tally
	for _, l := range g.leases {
		if l.token <= cursor {
			continue
		}
		if last := len(page.Leases); last > 0 && last >= limit {
			return page, page.Leases[last-1].Token, nil
		}
		page.Leases = append(page.Leases, l.terms())
	}
	return page, 0, nil
}

func (s *leaseServer) release(r core.ReleaseRequest) (result core.ReleaseResult) {
	l := s.names[r.Lease.Ref.Name]
	exact := l != nil && (l.token == r.Lease.Token && l.grant.id == r.Lease.Grant || s.ablated.ReleaseByName)
	g := s.find(r.Lease.Grant)
	if exact && s.names[r.Lease.Ref.Name] == l {
		s.remove(l)
		result.Changed, result.Tally = true, l.grant.tally
	}
	if g == nil || s.grants[g.id] != g {
		return result
	}
	result.Tally = g.tally
	if r.EndGrant && len(g.leases) == 0 {
		s.forget(g)
	}
	return result
}

// clone is what a replica, or a file on disk, knows of the server now.
func (s *leaseServer) clone() *leaseServer {
	copied := *s
	copied.empty()
	copied.counter = s.counter
	for _, g := range s.known {
		twin := *g
		twin.place, twin.leases, twin.armed = len(copied.known), nil, false
		for _, l := range g.leases {
			other := &lease{ref: l.ref, token: l.token, grant: &twin}
			twin.leases = append(twin.leases, other)
			copied.names[l.ref.Name] = other
		}
		copied.grants[twin.id] = &twin
		copied.known = append(copied.known, &twin)
	}
	return &copied
}

// restore goes back to what a clone knows.
func (s *leaseServer) restore(from *leaseServer) {
	back := from.clone()
	s.names, s.grants, s.known, s.counter = back.names, back.grants, back.known, back.counter
	for _, g := range s.known {
		g.server = s
		if s.grew != nil && !g.lost {
			s.grew(g)
		}
	}
}
