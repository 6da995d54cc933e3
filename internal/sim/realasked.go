package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
)

// question is one item of what a process has asked a store for. A store changes
// because a member asked it to, in just these terms.
type question struct {
	process int
	what    Call
	ref     core.StreamRef
	token   core.Token
	grant   core.GrantID
	outcome core.Outcome
}

// questions are all that were ever asked, those that failed too: they may
// execute late. A Failed settlement has the time until its retry.
type questions map[question]time.Duration

// ask notes what a call asks for.
func (q questions) ask(p *process, command core.Command) {
	at := p.index
	switch command := command.(type) {
	case core.SendTake:
		for _, r := range command.Requests {
			q[question{process: at, what: Take, ref: r.Ref, token: r.Token}] = 0
		}
	case core.SendSettle:
		for _, s := range command.Settlements {
			q[question{process: at, what: Settle, ref: s.Ref, token: s.Token, outcome: s.Outcome}] = s.RetryIn
		}
	case core.SendAcquire:
		for _, r := range command.Requests {
			q[question{process: at, what: Acquire, grant: r.Grant}] = 0
			q[question{process: at, what: Renew, grant: r.Grant}] = 0 // it extends the grant, too
		}
	case core.SendRenew:
		for _, id := range command.Grants {
			q[question{process: at, what: Renew, grant: id}] = 0
		}
	case core.SendRelease:
		for _, r := range command.Requests {
			ref := core.StreamRef{Name: r.Lease.Ref.Name}
			q[question{process: at, what: Release, ref: ref, token: r.Lease.Token, grant: r.Lease.Grant}] = 0
			q[question{process: at, what: Release, grant: r.Lease.Grant}] = 0
		}
	}
}

func (q questions) asked(one question) bool {
	_, found := q[one]
	return found
}

// givesBack: p has asked for the end of a grant that is one lease. A renewal of
// it may be under way as well; what that comes to is of no matter.
func (r *reality) givesBack(p *process, id core.GrantID) bool {
	return r.world.setup.Lease != Session && r.asked.asked(question{process: p.index, what: Release, grant: id})
}

// askedToRelease: p has asked for the end of this very lease. With one grant for
// each lease, an Acquire that came to nothing takes back what it has got.
func (r *reality) askedToRelease(p *process, l core.Lease) bool {
	exact := question{process: p.index, what: Release, ref: core.StreamRef{Name: l.Ref.Name}, token: l.Token, grant: l.Grant}
	return r.asked.asked(exact) ||
		r.world.setup.Lease != Session && r.asked.asked(question{process: p.index, what: Acquire, grant: l.Grant})
}
