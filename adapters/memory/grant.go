package memory

import (
	"cmp"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/ports"
)

// grant is what is renewed. It lives until its deadline; then it is lost, and
// kept only for what it left behind.
type grant struct {
	id     ports.GrantID
	member ports.Member
	// deadline is nil once the grant is over.
	deadline *appointment[*grant]
	leases   *journal[ports.Token, *lease]
	tally    ports.Tally
	// lostAs is its number among the lost grants; 0: it is not lost.
	lostAs int64
	// lostAt is when it expired.
	lostAt time.Time
}

// lease is the right to one name.
type lease struct {
	ref   ports.StreamRef
	token ports.Token
	grant *grant
}

func (g *grant) isLost() bool { return g.lostAs != 0 }

func (l *lease) isLive() bool { return !l.grant.isLost() }

func (l *lease) terms() ports.Lease {
	return ports.Lease{Ref: l.ref, Grant: l.grant.id, Token: l.token}
}

// holder says who has a live lease.
func (l *lease) holder(now time.Time) ports.Holder {
	return ports.Holder{
		Member:    l.grant.member,
		Lease:     l.terms(),
		ExpiresIn: l.grant.deadline.at.Sub(now),
	}
}

// open makes a grant with nothing in it.
func (l *Leases) open(id ports.GrantID, member ports.Member, deadline time.Time) *grant {
	opened := &grant{
		id:     id,
		member: member,
		leases: newJournal[ports.Token, *lease](cmp.Compare[ports.Token]),
	}
	opened.deadline = l.deadlines.add(deadline, opened)
	l.grants[id] = opened
	return opened
}

// extend moves the deadline of a grant, never to an earlier instant.
func (l *Leases) extend(extended *grant, deadline time.Time) {
	if deadline.After(extended.deadline.at) {
		l.deadlines.move(extended.deadline, deadline)
	}
}

func (l *Leases) add(added *lease) {
	l.names[added.ref.Name] = added
	added.grant.leases.add(added.token, added)
	added.grant.tally.Change++
	added.grant.tally.Count++
}

// remove frees a name. With the last lease of a session that is lost, or of a
// single grant, the grant goes too.
func (l *Leases) remove(removed *lease) {
	left := removed.grant
	delete(l.names, removed.ref.Name)
	left.leases.remove(removed.token)
	left.tally.Change++
	left.tally.Count--
	if left.tally.Count == 0 && (left.isLost() || l.shape == ports.GrantPerLease) {
		l.forget(left)
	}
}

func (l *Leases) forget(forgotten *grant) {
	delete(l.grants, forgotten.id)
	if forgotten.isLost() {
		l.lost.remove(forgotten.lostAs)
	}
	if forgotten.deadline != nil {
		l.deadlines.remove(forgotten.deadline)
		forgotten.deadline = nil
	}
}

func grantExpired(id ports.GrantID) error {
	return fmt.Errorf("%w: %v", ports.ErrExpired, id)
}
