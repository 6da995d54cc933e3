package core

import "time"

// search pages through a grant that is over: one that somebody lost, for what
// it left behind, or one of this member's own whose opening has an unknown
// outcome, for what must be released.
//
// The leases of a lost grant disappear from it as they are taken. So there is
// no need to remember what others are to take: who is not first for a name
// comes back a rank delay later and looks at what is still there.
type search struct {
	grant  GrantID
	own    bool
	since  time.Duration
	pass   int // the largest rank that acts in this pass
	cursor string
	found  int // leases seen in this pass
	before int // leases seen in the pass before
	call   CallID
	resume bool // the next page may be asked for
	alarm  alarm
}

// searchLimit bounds how many grants are searched at once; more are left to
// the sweep.
const searchLimit = 1000

// search starts looking through a grant.
func (m *Machine) search(id GrantID, own bool) {
	if m.closing != nil && !own || len(m.searches) >= searchLimit || m.session != nil && m.session.id == id {
		return
	}
	for _, s := range m.searches {
		if s.grant == id {
			return
		}
	}
	m.searches = append(m.searches, &search{grant: id, own: own, since: m.now, before: -1, resume: true})
}

func (s *search) ring(*Machine) { s.resume = true }

// flushSearches asks for the next pages, as fast as what they bring can be
// leased.
func (m *Machine) flushSearches() {
	for _, s := range m.searches {
		if m.underWay[callLeases] >= batchesInFlight {
			return
		}
		if !s.resume || s.call != 0 || !s.own && (m.stale() || m.acquisitions.len() > backlogLimit) {
			continue
		}
		why := ReasonLostGrant
		if s.own {
			why = ReasonOwnGrant
		}
		c := m.call(callLeases, why)
		c.search = s
		s.call, s.resume = c.head.ID, false
		m.emit(SendLeases{Call: c.head, Grant: s.grant, Cursor: s.cursor, Limit: m.page(callLeases, leasesLimit)})
	}
}

func (m *Machine) leasesAnswered(a LeasesAnswered) {
	c := m.answer(a.Answered, callLeases)
	if c == nil {
		return
	}
	if len(c.grants) > 0 {
		m.grantPage(c.grants[0], c, a)
		return
	}
	s := c.search
	s.call = 0
	switch {
	case isExpired(a.Err):
		m.endSearch(s)
	case a.Err != nil:
		m.failed(a.Err)
		m.searchFailed(s)
	case s.own:
		m.ownPage(s, a.Page)
	case !a.Page.Expired:
		m.endSearch(s) // the hint was wrong: the grant lives
	default:
		m.lostPage(s, a.Page)
	}
}

func (m *Machine) searchFailed(s *search) {
	if m.now-s.since > 2*m.config.TTL {
		m.endSearch(s)
		return
	}
	m.set(&s.alarm, m.now+m.random.jitter(m.config.CallTimeout/2), s)
}

func (m *Machine) endSearch(s *search) {
	m.unset(&s.alarm)
	for i, other := range m.searches {
		if other == s {
			m.searches = append(m.searches[:i], m.searches[i+1:]...)
			return
		}
	}
}

// ownPage releases what an abandoned grant of this member's holds.
func (m *Machine) ownPage(s *search, page LeasePage) {
	for _, lease := range page.Leases {
		m.releases.push(releaseItem{lease: lease})
	}
	s.cursor = page.Next
	switch {
	case page.Next != "":
		s.resume = true
	case len(page.Leases) == 0 || page.Expired:
		m.endSearch(s)
	default:
		m.searchFailed(s) // look again whether the releases succeeded
	}
}

// lostPage goes after the leases of a lost grant, each in this member's turn.
func (m *Machine) lostPage(s *search, page LeasePage) {
	if s.cursor == "" {
		m.chooseRank(s, page)
	}
	for _, lease := range page.Leases {
		s.found++
		m.orphan(s, lease)
	}
	s.cursor = page.Next
	if page.Next != "" {
		s.resume = true
		return
	}
	m.nextPass(s)
}

// orphan goes after one lease that a lost grant left behind.
func (m *Machine) orphan(s *search, lease Lease) {
	ref := lease.Ref
	if ValidateName(ref.Name) != nil || ref.MessageID == "" {
		return
	}
	rank := m.rank(ref.Name)
	e := m.find(ref)
	switch {
	case rank < 0 || rank > s.pass && !m.config.ManualClaim && (e == nil || !e.mine):
		return
	case e == nil:
		if m.waiting >= waitingLimit {
			return
		}
		e = m.entryOf(ref)
	case e.phase != waiting || e.retry || e.yields:
		return
	}
	e.floor = max(e.floor, lease.Token)
	if m.applicationClaims(e) && !e.mine {
		m.expired(e)
		return
	}
	m.pursue(e)
}

// chooseRank lets the next rank act in the pass that begins, unless those
// before are still at it: what is left has become less.
func (m *Machine) chooseRank(s *search, page LeasePage) {
	left := int(page.Tally.Count)
	if page.Next == "" {
		left = len(page.Leases)
	}
	if s.before >= 0 && left >= s.before {
		s.pass++
	}
}

// nextPass ends the search when nothing is left, and otherwise comes back
// after a rank delay.
func (m *Machine) nextPass(s *search) {
	if s.found == 0 || s.pass > len(m.fleet.members)+1 || m.config.ManualClaim {
		m.endSearch(s)
		return
	}
	s.before, s.found, s.cursor = s.found, 0, ""
	m.set(&s.alarm, m.now+m.config.RankDelay, s)
}
