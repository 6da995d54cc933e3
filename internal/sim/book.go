package sim

import (
	"time"

	"github.com/streamlease/streamlease/core"
)

// The observer's books, of names, of assignments and of tenures.

// nameBook is what is known of a name.
type nameBook struct {
	drawn   core.Token    // the highest token that Acquire answered
	token   core.Token    // of the lease that was given last, and not taken back
	live    []*tenure     // in the view of their members
	leases  int           // acquired so far
	books   []*book       // of its assignments that are not gone, and some that are
	freed   time.Duration // when the last tenure ended
	freedBy *process      // who says so, and is to publish it; nil: nobody does
	idle    time.Duration // since when its lease has been without a tenure, that was seen; -1: it has not
	// idleToken and idleGrant are that lease's, and idleDeadline its deadline then, by the
	// clock of idleServer.
	idleToken    core.Token
	idleGrant    core.GrantID
	idleDeadline time.Duration
	idleServer   *leaseServer
	stray        bool       // the lease came about when nobody waited for it
	given        core.Token // of the last lease that its holder gave back
	untold       untold     // what is to be said of that
}

// book is what is known of one assignment.
type book struct {
	ref         core.StreamRef
	name        *nameBook
	announcedAt time.Duration
	done        bool // settled so, by the records
	gone        bool // done, quarantined, or lost with the store's data
	vanished    bool // lost with the store's data
	toldDone    bool // the application was answered so
	token       core.Token
	taker       *process
	taken       bool
	retryAt     time.Duration
	suspect     *process      // lost it without a word
	gaveUp      *process      // its settlement was refused, last
	gaveUpToken core.Token    // of that settlement
	restored    bool          // the source lost writes, and with them who had settled
	owners      int           // tenures begun
	ownerless   time.Duration // since when nobody has owned it, that was seen
	untried     time.Duration // since when it has awaited its trial, that was seen
	failedBy    *process      // who set its retry time
	failedAt    time.Duration // and when, which nobody else knows
	hinted      bool          // a member heard that it is free
	hintLost    bool          // a hint was lost, and none heard
	unheard     bool          // it was without an owner when nobody could hear of it
	waited      bool          // for another of its name
	settledLast time.Duration // when its taker was last seen to own it, or to know that it does not
	seenTo      time.Duration // when it was last seen not to await the member that it was delivered to
	gap         time.Duration // the last word that hints were missed
	late        bool          // it was delivered to a Fetch that its member had long given up
	trial       bool          // its tenure is on trial
	failures    int           // as the last Take answered
	crashes     int
	alone       bool          // the last of the crashes was on trial
	begunToken  core.Token    // of the last tenure that a member believed in
	handedOff   core.Token    // of the last tenure that was handed off
	offeredAt   time.Duration // when a member last told the others of it, by the source's clock
}

// tenure is one span of ownership in the view of a member, and what its
// application knows of it.
type tenure struct {
	process *process
	ref     core.StreamRef
	token   core.Token
	grant   core.GrantID
	began   time.Duration
	live    bool
	heard   bool
	asked   bool
	replied bool // by the Reply to a Claim
	robbed  bool // the store lost its lease; its owner will find out
	// unfounded is when it was last seen to be on record.
	unfounded time.Duration
}

func (o *observer) name(name string) *nameBook {
	n := o.names[name]
	if n == nil {
		n = &nameBook{idle: -1}
		o.names[name] = n
	}
	return n
}
