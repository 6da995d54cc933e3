package sim

import (
	"slices"
	"strconv"
	"strings"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/simredis"
)

// What the adapters keep twice must agree: an index with the records, a count
// with what is counted. A difference harms nobody at once, and somebody later.

// checkSourceBooks compares the records with the tallies and with the index of
// what was given back.
func (r *reality) checkSourceBooks(p *process) {
	o, server := &r.world.observer, r.servers[0]
	o.checks[Contract]++
	owned := make(map[string]int)
	due := r.dueRefs()
	for _, is := range r.world.source.records {
		if is.owned() {
			owned[is.taker.Incarnation]++
		}
		if listed := due[is.assignment.Ref.MessageID]; listed != (is.settled != 0 && is.answered) {
			o.broken(p, is.assignment.Ref, is.token, "%s is settled: %v, and in the index of what was given back: %v",
				is.assignment.Ref, is.settled != 0, listed)
		}
	}
	for _, member := range r.world.processes {
		if text, found := server.FieldOf(keyRecords, "taken:"+member.member.Incarnation); found {
			if count := countIn(text); count != owned[member.member.Incarnation] {
				o.broken(p, core.StreamRef{}, 0, "%s has taken %d assignments by its tally, and %d by the records",
					member.label, count, owned[member.member.Incarnation])
			}
		}
	}
}

func (r *reality) dueRefs() map[string]bool {
	due := make(map[string]bool)
	for _, one := range r.servers[0].Scores(keyDue) {
		due[one.Name] = true
	}
	return due
}

// countIn is the count of a tally, or of a session's state.
func countIn(text string) int {
	words := strings.SplitN(text, " ", 3)
	if len(words) < 3 {
		return -1
	}
	count, _ := strconv.Atoi(words[1])
	return count
}

// checkLeaseBooks compares the leases with what is indexed of them.
func (r *reality) checkLeaseBooks(p *process) {
	r.world.observer.checks[Contract]++
	for at, shown := range r.world.leases.servers {
		server := r.servers[len(r.servers)-len(r.world.leases.servers)+at]
		deadlines := server.Scores(r.lockPrefix() + "deadlines")
		for _, g := range shown.known {
			switch {
			case g.deadline <= shown.time():
			case r.world.setup.Lease == Session:
				r.checkSession(p, g, server.Scores(keyPrefix+"session:"+g.id.String()), r.sessionState(g.id))
			default:
				r.checkLock(p, g, deadlines, server)
			}
		}
	}
}

func (r *reality) sessionState(id core.GrantID) string {
	state, _ := r.servers[0].FieldOf(keySessionStates, id.String())
	return state
}

// checkSession: the set of a session has the names of its leases, by token, and
// the session counts them.
func (r *reality) checkSession(p *process, g *grant, set []simredis.Score, state string) {
	listed := slices.EqualFunc(set, g.leases, func(one simredis.Score, l *lease) bool {
		return one.Name == l.ref.Name && core.Token(one.Score) == l.token
	})
	if !listed {
		r.world.observer.broken(p, core.StreamRef{}, 0, "a session has %d leases, and the names in its set are others: %v", len(g.leases), set)
	}
	if count := countIn(state); count != len(g.leases) {
		r.world.observer.broken(p, core.StreamRef{}, 0, "a session has %d leases, and counts %d", len(g.leases), count)
	}
}

// checkLock: a lease has its place in the index of deadlines, and its name leads
// to it.
func (r *reality) checkLock(p *process, g *grant, deadlines []simredis.Score, server *simredis.Server) {
	for _, l := range g.leases {
		if l.token == 0 {
			continue // its token is about to be drawn
		}
		indexed := slices.ContainsFunc(deadlines, func(one simredis.Score) bool { return one.Name == g.id.String() })
		named, _ := server.FieldOf(r.lockPrefix()+"names", l.ref.Name)
		if !indexed || named != g.id.String() {
			r.world.observer.broken(p, l.ref, l.token, "the lease on %s is in the index of deadlines: %v; its name leads to it: %v",
				l.ref.Name, indexed, named == g.id.String())
		}
	}
}
