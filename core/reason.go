package core

// Reason says why a command was given or a tenure ended, for logs, metrics and
// traces. The set is closed.
type Reason string

// Why calls are made.
const (
	ReasonJoining     Reason = "joining the fleet"
	ReasonHeartbeat   Reason = "heartbeat"
	ReasonShare       Reason = "share used up"
	ReasonStaleView   Reason = "stale view"
	ReasonLeaving     Reason = "leaving the fleet"
	ReasonRoom        Reason = "room for new streams"
	ReasonRenewal     Reason = "renewal"
	ReasonPursuit     Reason = "no owner"
	ReasonEnd         Reason = "tenure ended"
	ReasonProbe       Reason = "is it held"
	ReasonTold        Reason = "tell the others"
	ReasonSweep       Reason = "sweep"
	ReasonGap         Reason = "hints may be missing"
	ReasonAudit       Reason = "numbers differ"
	ReasonReadBack    Reason = "fetch of unknown outcome"
	ReasonReadAgain   Reason = "fetch that may have executed late"
	ReasonLostGrant   Reason = "what a lost grant leaves behind"
	ReasonEstate      Reason = "what a member that left was given"
	ReasonOwnGrant    Reason = "grant of unknown outcome"
	ReasonAfterOutage Reason = "after an outage"
)

// Why tenures begin.
const (
	ReasonAssigned Reason = "assigned"
	ReasonFound    Reason = "taken over"
	ReasonClaimed  Reason = "claimed by the application"
)

// Why tenures end.
const (
	ReasonAsked           Reason = "asked by the application"
	ReasonValidityOver    Reason = "local validity over"
	ReasonGrantExpired    Reason = "grant expired at the store"
	ReasonGrantAbandoned  Reason = "grant given up"
	ReasonLeaseMissing    Reason = "lease missing at the store"
	ReasonOvertaken       Reason = "taken by another member"
	ReasonGone            Reason = "assignment gone"
	ReasonUnwanted        Reason = "nobody waits for it"
	ReasonWish            Reason = "hand-off wished for"
	ReasonClosing         Reason = "closing"
	ReasonTooManyFailures Reason = "too many failures"
	ReasonTooManyCrashes  Reason = "too many crashes"
)
