// Package core is the protocol of one streamlease member, as a pure state
// machine: Step(now, events) returns commands. It has no clock, goroutine, I/O,
// randomness or logging of its own, so the same code runs in production, in
// tests and in the simulator, and a run can be repeated from its seed.
//
// Adapter authors import ports, applications the root package; this package is
// for those who want to know, or to drive it themselves. This comment is the
// protocol. Each rule is also a story in testdata/stories.
//
// # Driving a Machine
//
// The driver owns the machine. It calls Step with what happened and the
// instant of its monotonic clock, and carries out the commands in order:
//
//   - A Send… command is a call to a port. It may run concurrently with others
//     and is answered by exactly one …Answered event with its ID, which names
//     the instant just before the call was sent. A call that timed out is
//     answered with an error: its outcome is unknown.
//   - WakeAt replaces the machine's one timer.
//   - TenureBegan, TenureEnded and ContextEnded are to be carried out before
//     anything else happens: a TenureEnded cancels the stream's context.
//   - Reply answers a request of the application.
//   - Notification offers what the application should receive next; when it
//     was received, NotificationReceived is the first event of the next Step,
//     and counts before the alarms that are due by then. The channel between
//     them has no buffer, so received means received.
//
// Events of one Step are taken together: what they ask of a port goes out in
// common batches. Events that are doubled, late or out of place are ignored.
//
// # States
//
// What this member knows of one assignment (StreamRef):
//
//	              fetched, found, claimed:
//	              Acquire, then Take            application: Done
//	 ┌─────────┐ ─────────────────────▶ ┌───────┐ ───────────▶ ┌──────┐
//	 │ Unowned │                        │ Owned │              │ Done │
//	 └─────────┘ ◀───────────────────── └───────┘              └──────┘
//	   ▲   │       handed off, failed     │   ▲                  ▲  ▲
//	   │   │                     expired, │   │ claimed again:   │  │
//	   │   │                   overtaken, │   │ a new tenure     │  │
//	   │   │                       fenced ▼   │ and token        │  │
//	   │   │                         ┌──────────┐                │  │
//	   │   │   HandedOff with the    │ Disowned │ ───────────────┘  │
//	   │   │   old token took effect └──────────┘  finished         │
//	   │   │                              │        elsewhere        │
//	   └───│──────────────────────────────┘                         │
//	       └────────────────────────────────────────────────────────┘
//	                       finished or quarantined elsewhere
//
//	from \ to   Unowned  Owned  Disowned  Done
//	Unowned        ·       ✓       –       ✓
//	Owned          ✓       ·       ✓       ✓
//	Disowned       ✓       ✓       ·       ✓
//	Done           –       –       –       ·
//
// No other edge exists; a machine that would take one reports Broken instead.
// Nothing leaves Done.
//
// # A tenure, from beginning to end
//
// Every tenure begins the same way, fresh assignments included:
//
//	Acquire (lease store) → Take (source) → the application is told
//
// and every tenure ends the same way:
//
//	Settle (source) → Release (lease store) → publish that the name is free
//
// Take comes before anybody is told because the source is the first resource
// that the tokens fence: a member that froze after Fetch, or a Take that
// executes late, meets a higher token, or "gone". Settle comes before Release
// because whoever acquires the name next must find the tenure settled. Until
// the outcome of a settlement is known, the lease is kept and renewed, and the
// settlement repeated with the same token.
//
// # Self-fencing
//
// A grant is what is renewed: the member's session, or one lease. The member
// believes in it until
//
//	sent + TTL − margin
//
// on its own monotonic clock, sent being just before the last successful call
// that extended the grant was sent. At that instant, whether or not the store
// can be reached, every stream under the grant is Disowned: contexts end, the
// application hears StreamDisowned. The grant is dead to the member from then
// on, whatever the store says later; it opens another one, and what is
// answered to calls under the old one counts as lost. A Take that was granted
// too late is settled HandedOff, and nobody is told. No clock is ever compared
// between machines; the margin covers the difference of their rates.
//
// A process that is frozen cannot fence itself. Its writes carry its token,
// and a resource that remembers the highest token it saw refuses them.
//
// Leases of which each is a grant are renewed in batches, at eight instants of a
// renewal period. A member that has more of them than it can renew in time (its
// machine is busy, its store is slow) gives up those that it could not save, and
// takes on no others while it is late, as if MaxStreams were what it can keep
// (capacity.go, renewal.go).
//
// # Nothing unknown stays unknown
//
// A call may be lost before it was applied, or after; or execute late. What is
// idempotent (Take, Settle, Release) is repeated. For the rest there are two
// audits, which cost nothing while nothing is wrong (see ledger.go, audit.go):
//
//   - At the lease store each change of a session's set of leases has a
//     number. A number that no answer accounts for, once all calls sent before
//     it have ended, or a count that is not the member's own, makes the member
//     page through its session: what it does not know is released, what is
//     missing is disowned. A page says nothing about a name on which an
//     operation was sent, in flight or answered since the page was asked for.
//   - At the source Heartbeat answers the same numbers for what this
//     incarnation has taken. When they differ the member pages Deliveries: an
//     unknown tenure is settled HandedOff, an unknown delivery taken up, and a
//     tenure that is not listed repeats its Take, whose answer decides.
//
// A Fetch of unknown outcome is read back from Deliveries at once, and again when
// it can no longer be under way (readback.go): the source may give it something
// after the first look.
//
// A grant whose opening call has an unknown outcome is given up: paged
// through, what it holds released, never renewed.
//
// # Finding what has no owner
//
// Hints are only hints. A name that is said to be free wakes the first that
// waits on it; a ref is contended for; a lost session is paged through. The
// live members with room are ranked for each name by rendezvous hashing
// (rank.go): the first tries at once, each next one a rank delay later, after
// asking whether it is still free. After an outage the former owner ranks
// first; a member that gave a stream away ranks last, and its hint says who it is
// so that nobody waits for it. What a member that left
// the fleet was given and did not take is looked up once. Whatever was lost, the
// sweep finds everything that is announced, not settled and not leased.
//
// A stale view is no ground for action: a member whose own heartbeats or
// renewals take longer than TTL/12, or that woke up later than that, neither
// claims nor sweeps until it has seen fresh answers.
//
// Two assignments of one name never run at once, and two operations of one
// member never run on one name: the later assignment waits for the name,
// takes no room, and costs no failure.
//
// # Fair shares
//
// With other members around, a member fetches no more than
//
//	⌈(waiting, at least 1, + owned by members with room) / members with room⌉ − own
//
// within its room, which is reserved while the Fetch is out. While nothing waits,
// a member that has hardly more than the others listens beyond its share, for
// one at a time: the source gives to whoever has listened longest. Who has its share
// asks for news early (heartbeats may be a twentieth of their interval apart)
// and takes its part of what is left when nobody else has for one interval. A
// new member fetches one heartbeat interval after it joined.
//
// # Failures and crashes
//
// They are counted by the source, apart; Take answers the counts, and at a
// limit the member settles Quarantined and tells nobody. Failed sets a retry
// time: the member that set it tells the others when it has come. Hand-offs
// are never counted.
//
// A death is counted against every stream of the process, since nobody can see
// which one was the cause. So a stream that one more crash would bring to
// MaxCrashes is a suspect and is tried alone (trial.go): the source refuses it
// (ErrSuspect), the member keeps its lease, and takes one suspect at a time, on
// trial, until Config.Trial after the application has heard of it; then the
// source is told, and the next one begins. What is no suspect begins as ever.
// A stream is quarantined when a death during its trial was counted and it has
// stood no trial since, or at three times MaxCrashes: a stream that kills later
// than a trial lasts ends there, with those that shared all of it.
//
// A death becomes a crash one Take later than it is noted, because whoever is
// lost may live. The Take after n deaths knows of n − 1 crashes. So a stream that
// kills at once is a suspect after MaxCrashes deaths, dies alone twice, and is
// quarantined by the Take after MaxCrashes + 2 deaths. With MaxCrashes 1 there
// is no trial: the second death ends it, and whatever shared the first.
//
// # Handlers
//
// With Config.Handlers the application runs a handler for each stream that it
// hears of, from the reception of StreamAdded until HandlerReturned. One that
// goes on when its tenure is over, because it does not heed the end of its
// context, keeps its room: MaxStreams bounds what runs. Until it returns this
// member goes after no assignment of that name, since the stream would be worked
// on twice in one process; the others are told, once, that they may have it
// (handlers.go).
//
// # Notifications
//
// One notification waits per stream at most; the application may read late or
// never, and nothing else waits for it.
//
//	waiting \ new   Added                 Disowned         Expired
//	nothing         Added                 Disowned         Expired
//	Added           –                     both dropped     dropped
//	Disowned        Disowned, then Added  –                dropped
//	Expired         Added                 Disowned         Expired
//
// Expired is dropped when the member learns that somebody owns the stream; a
// tenure that a Claim began is announced by its Reply alone; a settlement by
// the application is no news to it.
//
// # Closing
//
// Contexts end at once. Streams are settled as the application settles them,
// and the rest is handed off after the grace period; what was fetched and not
// begun is published for the others; then the member leaves the fleet. If the
// store is gone, the end of the grants' validity ends the waiting; whatever
// else keeps the hand-off, a TTL without progress does. Terminated
// ends every tenure that is left: no StreamDisowned follows.
package core
