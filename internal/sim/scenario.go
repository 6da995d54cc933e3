package sim

import "time"

// Scenario is a world and what happens in it. It can be written as a text file
// (ParseScenario, String).
type Scenario struct {
	// Name is what the CLI calls it; About says in a sentence what it shows.
	Name, About string
	Setup       Setup
	Actions     []Action // in the order of their instants
	Expects     []Expectation
}

// Expectation is what must be so, at the latest, at an instant.
type Expectation struct {
	By     time.Duration
	Stream string // empty: every stream
	Owned  bool   // owned by a member that is well, or done; false: done
}

// Action is one thing that happens at an instant. The verb says which fields
// it uses.
type Action struct {
	At       time.Duration
	Verb     Verb
	Member   string
	As       string
	Stream   string
	Target   Target
	Way      Way
	HintFate HintFate
	Call     Call
	Moment   Moment
	Effect   Effect
	For      time.Duration // how long it lasts, or how long a fault stops a process or delays a request
	By       time.Duration // how much
	During   time.Duration // how long noise lasts
	Rate     int           // in a thousand
	Times    int
	Half     bool
}

// Verb is what an action does.
type Verb uint8

// The verbs.
const (
	DoCrash     Verb = iota + 1 // the process dies
	DoRestart                   // it dies, and another begins, with the same ID or a new one
	DoStart                     // a process begins; with an ID that lives, a second one
	DoClose                     // the client is closed
	DoFreeze                    // the process stands still
	DoThaw                      // it goes on before its time
	DoCut                       // its connection is silent
	DoSlow                      // its connection is slow
	DoLag                       // its loop comes round late
	DoNap                       // its loop stands still once its application has read what is next
	DoDrift                     // its clock runs at another rate
	Hit                         // the next call of a kind is hit
	DoNoise                     // calls are hit by chance
	DoHints                     // hints are lost, late, doubled or false, by chance
	DoDown                      // a store is down, and comes back with its data
	DoFlush                     // it loses its data
	DoRollback                  // its last writes are lost
	DoFull                      // it is out of memory
	DoReadOnly                  // it takes no writes
	DoLaggard                   // it is slow
	DoStep                      // its wall clock is set
	DoEvict                     // an operator, or an eviction, removes the lease of a name
	DoDrop                      // an operator removes the assignment of a name
	DoAnnounce                  // a producer announces a stream
	DoBurst                     // it announces many
	DoMalformed                 // it announces something that is no assignment
	DoOversized                 // it announces an assignment whose info is over the limit
	DoStuck                     // an application stands still; its client does not
	DoDawdle                    // an application reads its notifications slowly
	DoClaim                     // an application claims a stream
	DoGiveUp                    // it gives a claim up
	DoWish                      // an operator wishes a stream to be handed off
	DoPoison                    // from now on work on a stream fails
	DoFinish                    // the work on a stream is done now
	verbs
)

// Target is which store an action is about.
type Target uint8

// The targets.
const (
	Store        Target = iota // all of them
	Source                     // the source
	LeaseServers               // the lease store
	LeaseServer1               // one server of a quorum
	LeaseServer2
	LeaseServer3
)

// Way is which direction of a connection is cut.
type Way uint8

// The ways.
const (
	All Way = iota
	Requests
	Replies
	Calls
	HintsOnly
)

// HintFate is what happens to hints.
type HintFate uint8

// The fates.
const (
	LostHints HintFate = iota
	LateHints
	DoubledHints
	FalseHints
)

var (
	targetWords = []string{"store", "source", "leases", "leases1", "leases2", "leases3"}
	wayWords    = []string{"all", "requests", "replies", "calls", "hints"}
	fateWords   = []string{"lost", "late", "doubled", "false"}
)
