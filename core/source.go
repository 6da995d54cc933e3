package core

import "time"

// Beat is what a member tells the fleet about itself.
type Beat struct {
	Member Member
	// HasRoom: the member could own one more stream.
	HasRoom bool
	// Owned counts the streams that the member owns or is about to.
	Owned int64
	// Version is the version of the program, for operators.
	Version string
	// Expiry: without another beat for so long the member has left.
	Expiry time.Duration
	// Leaving: the member leaves now.
	Leaving bool
	// FleetVersion is the Fleet.Version that the member knows; 0: none.
	FleetVersion int64
}

// Fleet is what a member hears about the others, itself included.
type Fleet struct {
	// Version grows when a member joins, leaves, or comes to or from no room.
	Version int64
	// Members are the live members, in any order; nil when the caller's
	// FleetVersion is still the newest.
	Members []FleetMember
	// Owned is the sum over all live members; OwnedWithRoom the same over
	// those that have room.
	Owned, OwnedWithRoom int64
	// Backlog counts the assignments that nobody was given yet.
	Backlog int64
	// OldestWait is how long the oldest of them has waited, by the source's
	// clock; 0 when Backlog is 0.
	OldestWait time.Duration
	// Taken is what this incarnation has taken and not settled.
	Taken Tally
}

// FleetMember is a live member as the others see it.
type FleetMember struct {
	Member  Member
	HasRoom bool
}

// Fetched is what Fetch answers.
type Fetched struct {
	// Assignments are new, each delivered to this member.
	Assignments []Assignment
	// Left counts the assignments that wait for a Fetch after this one.
	Left int64
}

// Delivery is an assignment that an incarnation was delivered or has taken,
// and that is not settled.
type Delivery struct {
	Assignment Assignment
	// Token is the highest token that ever took the assignment; 0: none did.
	Token Token
	// Taken: this incarnation took it, with Token.
	Taken bool
}

// DeliveryPage is one page of Deliveries.
type DeliveryPage struct {
	Deliveries []Delivery
	// Next is the cursor of the next page; empty: this was the last.
	Next string
	// Taken is the incarnation's tally at the instant the page was read, or
	// an earlier one of the same call.
	Taken Tally
}

// TakeRequest asks the source to record a tenure.
type TakeRequest struct {
	Ref StreamRef
	// Token is the token of the lease on Ref.Name.
	Token Token
	// StableAfter: a tenure that lasted so long sets failures and crashes to
	// zero when it ends.
	StableAfter time.Duration
	// Suspect: an assignment against which so many crashes stand, or more, is
	// not taken; 0: no limit.
	Suspect int
	// Trial: the tenure is on trial: its member begins no other suspect beside
	// it. A repeat without Trial ends the trial.
	Trial bool
}

// TakeResult is the answer to one TakeRequest.
type TakeResult struct {
	// Err is nil, or ErrDisowned (Remembered says by whom), ErrDone, ErrLost,
	// ErrNotYet (RetryIn says how long), ErrSuspect (Crashes says why),
	// ErrRefused; any other: unknown.
	Err error
	// Assignment is what was taken, when Err is nil.
	Assignment Assignment
	// Failures and Crashes are the counts that stand against the assignment.
	// When Err is ErrSuspect Crashes includes the suspicion that still stands.
	Failures, Crashes int
	// CrashedAlone: the crash that was counted last ended a tenure on trial,
	// and no trial was stood since.
	CrashedAlone bool
	// Remembered is the highest token that ever took the assignment, when Err
	// is ErrDisowned: the floor of the next Acquire.
	Remembered Token
	// RetryIn is what is left until the retry time, when Err is ErrNotYet.
	RetryIn time.Duration
	// Changed: this very call added the assignment to the member's Taken set
	// (false when it repeats an earlier success).
	Changed bool
	// Taken is the member's tally right after this item.
	Taken Tally
}

// Outcome is how a tenure ended.
type Outcome uint8

// The outcomes of a tenure.
const (
	// Done: finished; the assignment is removed for good.
	Done Outcome = iota + 1
	// HandedOff: given back on purpose; it costs the assignment nothing.
	HandedOff
	// Failed: given back with a reason; counted, and tried again later.
	Failed
	// Quarantined: moved to the quarantine, with the reason.
	Quarantined
)

// String returns the outcome's name in the words of the design.
func (o Outcome) String() string {
	switch o {
	case Done:
		return "Done"
	case HandedOff:
		return "HandedOff"
	case Failed:
		return "Failed"
	case Quarantined:
		return "Quarantined"
	default:
		return "no outcome"
	}
}

// Settlement tells the source how a tenure ended.
type Settlement struct {
	Ref     StreamRef
	Token   Token
	Outcome Outcome
	// Reason says why it failed or was quarantined; at most MaxReasonBytes of
	// it are kept.
	Reason string
	// RetryIn: after Failed nobody may take the assignment for so long, by the
	// source's clock.
	RetryIn time.Duration
	// StableAfter: see TakeRequest.
	StableAfter time.Duration
}

// MaxReasonBytes is how much of a reason the source keeps.
const MaxReasonBytes = 1 << 10

// SettleResult is the answer to one Settlement.
type SettleResult struct {
	// Err is nil when the settlement took effect, now or before, or when the
	// assignment was gone already; ErrDisowned when the tenure is not the one
	// that the source remembers: nothing happened; ErrRefused; any other:
	// unknown.
	Err error
	// Gone: the assignment does not exist any more.
	Gone bool
	// Remembered is the highest token that ever took the assignment, when Err
	// is ErrDisowned.
	Remembered Token
	// Changed: this very call removed the assignment from the member's Taken
	// set.
	Changed bool
	// Taken is the member's tally right after this item.
	Taken Tally
}

// SweepRequest asks for a page of what may be without an owner.
type SweepRequest struct {
	// Limit is the largest page.
	Limit int
	// Interval: a round starts at the earliest so long after the one before.
	Interval time.Duration
	// PerSecond is the pace of a round, in entries a second for the whole
	// fleet.
	PerSecond int
}

// Swept is one assignment that a sweep came by.
type Swept struct {
	Assignment Assignment
	// Token is the highest token that ever took the assignment; 0: none did.
	Token Token
	// Taker is the incarnation that took it with Token.
	Taker string
	// Settled: the last tenure was settled: it is given back, and free.
	Settled bool
	// Age is the time since the assignment was delivered, taken or given
	// back, whichever was last.
	Age time.Duration
	// RetryIn is what is left until the retry time; 0: it is due.
	RetryIn time.Duration
}

// SweepPage is what Sweep answers.
type SweepPage struct {
	// Due was given back and may be taken now, oldest first.
	Due []Swept
	// Round is the page of the fleet's shared round that this member was
	// handed; nobody else gets it in this round.
	Round []Swept
	// More: there was more that is due than fitted in; ask again at once.
	More bool
	// RoundNumber grows by one with each round; RoundSize is how many entries
	// the last complete round went through.
	RoundNumber, RoundSize int64
	// NextIn is the time until the next page of the round may be asked for.
	NextIn time.Duration
}

// AnnounceResult is the answer to one announced assignment.
type AnnounceResult struct {
	// Ref is the new assignment, when Err is nil.
	Ref StreamRef
	// Err is nil, ErrInvalid or ErrRefused; any other: unknown, and whoever
	// announces again may announce twice.
	Err error
}
