package ports

import (
	"context"
	"time"
)

// StreamSource is the load-balancer stream (LBS) and the memory of what became
// of each assignment.
//
// What hands assignments out (a consumer group, a work queue) may forget or
// repeat; one record for each assignment, changed by compare-and-set, decides.
// Take and Settle are atomic, each for one ref; nothing else has to be. The
// records live outside of what hands out and survive its loss: a group or
// stream that is missing (flushed, failed over) is made again by the call that
// needs it.
//
// An assignment is undelivered until a Fetch answers it; then pending, free or
// taken; then settled and free again, or gone. An entry that is no well-formed
// assignment is quarantined by the adapter itself when it comes by it, with
// the reason, and never stops a reader.
type StreamSource interface {
	// Heartbeat says that beat.Member lives and answers the state of the
	// fleet. A member whose Expiry passed without another beat, or that said
	// Leaving, is no longer counted; a later beat of the same incarnation
	// joins again. Fleet.Version rises when a member joined, left, or came to
	// or from no room; Members is answered only if it differs from
	// beat.FleetVersion. Fleet.Taken counts what this incarnation has taken
	// and not settled, by the records; its change number rises by one with
	// every assignment that is added (Take) or removed (Settle, a Take by
	// another member, a purge).
	Heartbeat(ctx context.Context, beat Beat) (Fleet, error)

	// Fetch hands up to max undelivered assignments to member, each to one
	// member only, in the order in which they were announced, and says how
	// many are left. With none there it waits for the first, up to wait; with
	// a wait of 0 it answers at once. None is no error. Nothing that was
	// announced before the first member started is skipped. When the outcome
	// is unknown, or ctx was cancelled, whatever was delivered is found by
	// Deliveries.
	Fetch(ctx context.Context, member Member, max int, wait time.Duration) (Fetched, error)

	// Deliveries pages through what an incarnation was delivered, or has taken
	// by the records, and what is not settled. It may be the caller's own, or
	// that of a member that has left the fleet. The cursor is empty for
	// the first page, else the Next of the page before, or the message ID of
	// a delivery: then the page begins after it, in the order of announcement.
	// What changes while one pages may be listed or not; all else is listed
	// once.
	Deliveries(ctx context.Context, member Member, cursor string, limit int) (DeliveryPage, error)

	// Take records a tenure for each request, if no higher token ever took
	// the assignment; the record remembers the token and the member's
	// incarnation. The same token from the same incarnation is a success
	// until it is settled (so Take is idempotent); from another incarnation,
	// or lower, or settled, it is ErrDisowned with the remembered token. An
	// assignment that is gone is ErrDone. So is a ref that has the message ID of
	// an assignment and another name. One whose entry was trimmed while it was
	// pending is ErrLost, and its record goes to the quarantine; a Sweep may
	// have put it there before, and then it is gone. One whose retry time has
	// not come is ErrNotYet.
	//
	// A Take that follows a tenure without a settlement notes the earlier
	// taker, if it is another incarnation, as a suspect. The suspect's own late
	// settlement (ErrDisowned) clears it: it lived. A suspicion that still stands at the next Take or
	// Settle of the assignment counts as one crash. A tenure that lasted
	// StableAfter or longer sets failures and crashes to zero when it ends;
	// StableAfter 0: none does.
	//
	// An assignment against which Suspect crashes stand, or more, is
	// ErrSuspect with their number, and nothing changes; whatever else Take
	// answers comes first. A suspicion that still stands is one of them. A
	// tenure of StableAfter that the Take would end leaves none.
	//
	// A tenure that began with Trial is on trial until its Take is repeated
	// without; a repeat with Trial changes nothing. A suspicion remembers
	// whether its tenure was on trial: once it is counted CrashedAlone says
	// so, until another one is counted or the counts are set to zero. Who has
	// stood a trial has not crashed alone before it.
	//
	// Take does not ask whether the assignment was delivered. One that was
	// not stays Fetch's, and is delivered later if it is still there.
	Take(ctx context.Context, member Member, requests []TakeRequest) ([]TakeResult, error)

	// Settle ends tenures. It has an effect only while the remembered token
	// and taker are the tenure's own; else ErrDisowned, and nothing happens
	// but the clearing of a suspicion. An assignment that is gone already is a
	// success, and so is the same settlement again until the assignment is
	// taken anew; another outcome for a tenure that is settled is ErrDisowned. Done removes the
	// assignment for good; HandedOff gives it back; Failed gives it back,
	// counts a failure and sets the retry time; Quarantined moves it to the
	// quarantine with its reason, counts and last endings. The source stays
	// able to settle when it is out of memory for new work.
	Settle(ctx context.Context, member Member, settlements []Settlement) ([]SettleResult, error)

	// Sweep answers first what was given back and is due (found by an index,
	// whatever the number of assignments; it stays due until it is taken),
	// then the next page of a round over everything that was delivered and not
	// settled, whatever became of its delivery; never an undelivered
	// assignment. What is settled may be listed in the round too. The limit
	// bounds each of the two lists. The round is the whole
	// fleet's: each page goes to one member, at the pace and not before the
	// interval that the request names. A page that was handed out and lost
	// comes again in the next round.
	Sweep(ctx context.Context, member Member, request SweepRequest) (SweepPage, error)
}

// Announcer puts assignments on the LBS. A StreamSource may be one too.
type Announcer interface {
	// Announce adds the assignments, which need no MessageID, in order. A
	// name or info that breaks the rules is ErrInvalid and adds nothing.
	Announce(ctx context.Context, assignments []Assignment) ([]AnnounceResult, error)
}
