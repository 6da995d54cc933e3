package memory

import (
	"time"

	"github.com/streamlease/streamlease/ports"
)

// entry is one assignment with everything that is known of it.
type entry struct {
	id         messageID
	assignment ports.Assignment
	// announcedAt is when it was announced, changedAt when it was delivered,
	// taken or given back, whichever was last.
	announcedAt, changedAt time.Time
	// bearer is the incarnation that the assignment was delivered to, or that
	// took it since; empty once it was given back.
	bearer string
	// retry is its place among what was given back, if it is there.
	retry *appointment[*entry]
	// trimmed: the announcement was deleted; only the record is left.
	trimmed bool
	record  record
}

// concerns: the incarnation was delivered the assignment or has taken it.
func (e *entry) concerns(member ports.Member) bool {
	return e.bearer == member.Incarnation || e.record.isOwnedBy(member)
}

// record is the memory of who took an assignment and how it went.
type record struct {
	// token is the highest that ever took the assignment; 0: none did. taker
	// took it with this token, at takenAt.
	token   ports.Token
	taker   ports.Member
	takenAt time.Time
	// trial: the tenure is on trial.
	trial bool
	// settled is how that tenure ended; 0: it goes on.
	settled ports.Outcome
	// retryAt is when the assignment may be taken again after it failed.
	retryAt           time.Time
	failures, crashes int
	// crashedAlone: the last crash ended a tenure on trial.
	crashedAlone bool
	// suspect lost the assignment without a word and may have crashed.
	suspect suspect
	endings []Ending
}

type suspect struct {
	member ports.Member
	token  ports.Token
	alone  bool // its tenure was on trial
}

// Ending is how one tenure of an assignment ended.
type Ending struct {
	Member ports.Member
	Token  ports.Token
	At     time.Time
	// Outcome is 0 when the tenure was never settled: a crash.
	Outcome ports.Outcome
	Reason  string
}

// endingsKept is how many endings a record holds.
const endingsKept = 5

func (r *record) isOwned() bool { return r.token != 0 && r.settled == 0 }

func (r *record) isOwnedBy(member ports.Member) bool {
	return r.isOwned() && r.taker.Incarnation == member.Incarnation
}

// convict counts a suspicion that still stands as a crash.
func (r *record) convict(now time.Time) {
	if r.suspect == (suspect{}) {
		return
	}
	r.crashes++
	r.crashedAlone = r.suspect.alone
	r.note(Ending{
		Member: r.suspect.member, Token: r.suspect.token, At: now,
		Reason: "lost the stream and was not heard of since: counted as a crash",
	})
	r.suspect = suspect{}
}

// acquit clears the suspicion against a member that settles late: it lived.
func (r *record) acquit(member ports.Member) {
	if r.suspect.member.Incarnation == member.Incarnation {
		r.suspect = suspect{}
	}
}

// crashesStanding is the number of crashes that a Take would find.
func (r *record) crashesStanding(now time.Time, stableAfter time.Duration) int {
	switch {
	case r.isOwned() && r.isStable(now, stableAfter):
		return 0
	case r.suspect != (suspect{}):
		return r.crashes + 1
	default:
		return r.crashes
	}
}

// endTrial: the tenure has stood its trial, if it was on trial. What was before
// no longer speaks against it.
func (r *record) endTrial() {
	if r.trial {
		r.trial, r.suspect.alone, r.crashedAlone = false, false, false
	}
}

// isStable: the tenure lasted long enough. stableAfter 0: none does.
func (r *record) isStable(now time.Time, stableAfter time.Duration) bool {
	return stableAfter > 0 && now.Sub(r.takenAt) >= stableAfter
}

// forgive sets the counts to zero when the tenure that ends now was long
// enough.
func (r *record) forgive(now time.Time, stableAfter time.Duration) {
	if r.isStable(now, stableAfter) {
		r.failures, r.crashes, r.crashedAlone = 0, 0, false
	}
}

// note remembers an ending, from the first one that is bad news.
func (r *record) note(ending Ending) {
	if ending.Outcome == ports.HandedOff && len(r.endings) == 0 {
		return
	}
	r.endings = append(r.endings, ending)
	if len(r.endings) > endingsKept {
		r.endings = r.endings[1:]
	}
}
