package member

import (
	"time"

	"github.com/streamlease/streamlease/bench/wire"
)

// What the members of a process may be: streamlease on one of its lease stores,
// or what is done without it.
const (
	Goredis   = "goredis"
	Redsync   = "redsync"
	Redislock = "redislock"
	Baseline  = "baseline"
)

// Settings are what a process is told when it starts.
type Settings struct {
	Store   string
	Redis   string // host:port
	Service string
	ID      string
	// Members is how many of them the process holds; 0: one.
	Members int
	TTL     time.Duration
	// SweepInterval is the least time between two rounds of the sweep.
	SweepInterval time.Duration
	// Contexts: the application asks for the context of each stream.
	Contexts bool
}

// Action is what a process is asked for.
type Action string

const (
	// Join makes the members part of the fleet.
	Join Action = "join"
	// Look asks for the Usage.
	Look Action = "look"
	// Record notes from now on when streams came.
	Record Action = "record"
	// Arrivals asks for what was noted since it was asked for last.
	Arrivals Action = "arrivals"
	// HandOff gives one stream to the others, and answers when.
	HandOff Action = "hand off"
	// Collect runs the garbage collector and gives free memory back.
	Collect Action = "collect"
	// Profile begins a CPU profile, written to Path when ProfileEnd comes with
	// one of the allocations beside it.
	Profile    Action = "profile"
	ProfileEnd Action = "profile end"
)

// Request is one question.
type Request struct {
	Action Action
	Path   string `json:",omitempty"`
}

// Reply answers one Request.
type Reply struct {
	Err      string    `json:",omitempty"`
	Usage    *Usage    `json:",omitempty"`
	Arrivals []Arrival `json:",omitempty"`
}

// Arrival is when an application was told of a stream, or gave it away.
type Arrival struct {
	Member int // of the process, from 0
	Name   string
	At     int64 // nanoseconds since 1970, by the machine's clock
}

// Usage is what a process has used, and has.
type Usage struct {
	At         time.Time
	CPU        time.Duration
	Resident   int64 // bytes
	Goroutines int
	Wire       wire.Counts

	// Owned is what the application of each member was told that it owns.
	Owned []int64
	// Added and Disowned are how often it was told so, or the contrary.
	Added, Disowned int64
	// Connected is how many members have a fresh view of the fleet, and Fleet
	// the smallest number of members that one of them sees.
	Connected, Fleet int

	// Attempts is how many leases were asked for and Acquired how many were had.
	Attempts, Acquired int64
	// Swept is how many streams the sweeps came by.
	Swept    int64
	Renewals Renewals
}

// Renewals says how late the renewals of a process were since it was asked last.
type Renewals struct {
	Calls int64
	// Grants is how many they renewed: sessions, or single leases.
	Grants int64
	// LongestCall is the longest time that one took.
	LongestCall time.Duration
	// LongestPause is the longest time from the end of one to the end of the
	// next.
	LongestPause time.Duration
}

// Worse adds up what both counted, and takes the longer times.
func (r Renewals) Worse(other Renewals) Renewals {
	return Renewals{
		Calls:        r.Calls + other.Calls,
		Grants:       r.Grants + other.Grants,
		LongestCall:  max(r.LongestCall, other.LongestCall),
		LongestPause: max(r.LongestPause, other.LongestPause),
	}
}
