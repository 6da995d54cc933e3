package sim

import (
	"strconv"
	"strings"
	"time"

	"github.com/streamlease/streamlease/core"
)

// record is one assignment that is neither done nor quarantined, with what
// became of it. All instants are by the source's clock.
type record struct {
	id         int64
	assignment core.Assignment
	announced  time.Duration
	changed    time.Duration // delivered, taken or given back, whichever was last
	malformed  bool
	bearer     string // the incarnation it was delivered to, or that took it since
	givenBack  int64  // its place among what was given back; 0: it is not

	token    core.Token
	taker    core.Member
	takenAt  time.Duration
	trial    bool // that tenure is on trial
	settled  core.Outcome
	retryAt  time.Duration
	failures int
	crashes  int
	suspect  core.Member // lost it without a word

	// answered: a Fetch has answered it. The model has that from the order.
	answered bool
	// crashedAlone, suspectAlone: the last crash, and the suspect's tenure, were
	// on trial.
	crashedAlone, suspectAlone bool
}

func (r *record) owned() bool { return r.token != 0 && r.settled == 0 }

func (r *record) ownedBy(member core.Member) bool {
	return r.owned() && r.taker.Incarnation == member.Incarnation
}

// convict counts a suspicion that still stands as a crash.
func (r *record) convict() {
	if r.suspect.Incarnation != "" {
		r.crashes++
		r.crashedAlone = r.suspectAlone
		r.suspect = core.Member{}
	}
}

func (r *record) acquit(member core.Member) {
	if r.suspect.Incarnation == member.Incarnation {
		r.suspect = core.Member{}
	}
}

func (r *record) forgive(now, stableAfter time.Duration) {
	if r.stable(now, stableAfter) {
		r.failures, r.crashes, r.crashedAlone = 0, 0, false
	}
}

func (r *record) stable(now, stableAfter time.Duration) bool {
	return stableAfter > 0 && now-r.takenAt >= stableAfter
}

// crashesStanding is the number of crashes that a Take would find.
func (r *record) crashesStanding(now, stableAfter time.Duration) int {
	switch {
	case r.owned() && r.stable(now, stableAfter):
		return 0
	case r.suspect.Incarnation != "":
		return r.crashes + 1
	default:
		return r.crashes
	}
}

func (r *record) endTrial() {
	if r.trial {
		r.trial, r.suspectAlone, r.crashedAlone = false, false, false
	}
}

func (r *record) concerns(member core.Member) bool {
	return r.bearer == member.Incarnation || r.ownedBy(member)
}

func (r *record) swept(now time.Duration) core.Swept {
	return core.Swept{
		Assignment: r.assignment, Token: r.token, Taker: r.taker.Incarnation, Settled: r.settled != 0,
		Age: now - r.changed, RetryIn: max(r.retryAt-now, 0),
	}
}

func messageID(id int64) string { return strconv.FormatInt(id, 10) }

func parseMessageID(text string) int64 {
	first, second, isReal := strings.Cut(text, "-")
	id, err := strconv.ParseInt(first, 10, 64)
	if err != nil || !isReal {
		return id
	}
	sequence, _ := strconv.ParseInt(second, 10, 64)
	return id<<20 + sequence // a server's: milliseconds, and a number within one
}
