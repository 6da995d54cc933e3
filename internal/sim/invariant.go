package sim

import (
	"fmt"
	"time"

	"github.com/streamlease/streamlease/core"
)

// Invariant is the name of a sentence that must hold, as in the design.
type Invariant uint8

// The invariants.
const (
	S1       Invariant = iota + 1 // no two live leases on one name
	S2                            // tokens of a name strictly increase
	S3                            // nobody acts past its validity; validities never overlap
	S4                            // what an older tenure says changes nothing
	S5                            // a stream that is done is never heard of again
	S6                            // each tenure is heard to begin at most once, and to end
	L1                            // every assignment gets an owner
	L2                            // after a loss the stream is owned again, in time
	L4                            // what is unknown is resolved, in time
	Effect1                       // what reaches a resource that checks tokens is in order
	Counted                       // tenures and assignments are conserved
	Room                          // nobody owns more than it has room for
	Blame                         // only what crashed its owners is quarantined for crashes
	Patience                      // nothing is tried before its retry time
	Told                          // who gives a name back says so, and to whom it matters
	Kept                          // who is well keeps what it owns
	Thrift                        // no call is made for nothing
	Ends                          // a member that closes ends, and leaves nothing behind
	Sound                         // the machine meets nothing that its rules exclude
	Liveness                      // time goes on
	Expected                      // what the scenario says is so
	Contract                      // over real adapters: what a store does and answers is as its port says
	invariants
)

var invariantNames = [invariants]string{"", "S1", "S2", "S3", "S4", "S5", "S6", "L1", "L2", "L4",
	"fenced effect", "conservation", "room", "blame", "patience", "told", "kept", "thrift", "end", "sound", "time", "expectation", "contract"}

var invariantSentences = [invariants]string{"",
	"no two live leases exist on one name",
	"tokens of a name strictly increase",
	"a member never acts past its local validity, and owners' validities never overlap",
	"what an older tenure says changes nothing",
	"the application never hears again of a stream that is done",
	"of each tenure the application hears at most once that it began and, if so, once that it ended",
	"while one healthy member has room, every well-formed assignment gets an owner",
	"after an owner's loss the stream is owned again in time",
	"whatever had an unknown outcome is resolved in time",
	"a resource that checks tokens sees them in order, each from one tenure",
	"tenures begun are those ended and those live; assignments announced are those done, quarantined and pending",
	"nobody owns more streams than it has room for",
	"only a stream whose owners crashed is quarantined for crashes",
	"no tenure begins before the retry time",
	"who gives a name back, or leaves what it was given, says so",
	"a member that is well keeps what it owns",
	"while all is well no call is made for nothing",
	"a member that closes ends, whatever keeps it, and leaves nothing behind",
	"the machine meets nothing that its own rules exclude",
	"time goes on",
	"what the scenario expects is so",
	"what a store does was asked for, and what it answers is true",
}

// String returns the name, as docs and errors use it.
func (i Invariant) String() string { return invariantNames[i] }

// Sentence is what the invariant says.
func (i Invariant) Sentence() string { return invariantSentences[i] }

// Violation is an invariant that did not hold, and when.
type Violation struct {
	Invariant Invariant
	At        time.Duration
	Member    string
	Ref       core.StreamRef
	Token     core.Token
	Story     string
}

// String returns one line.
func (v Violation) String() string {
	return fmt.Sprintf("%v at %.6fs: %s", v.Invariant, v.At.Seconds(), v.Story)
}
