package failures_test

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/streamlease/streamlease"
)

// settings are what a member is told when it starts.
//
// Members of an earlier commit (see deploy_earlier_test.go) are told the same,
// asked the same, and report to the same books. So what there is here keeps its
// name and its meaning; what is new an earlier member does not know, and takes
// for zero.
type settings struct {
	// binary is the test binary that the member runs; empty: this one. It does
	// not go over the wire.
	binary string

	// Redis is the URL that the member dials: the service's Redis, or what
	// stands in front of it.
	Redis string
	// Resource is the URL of the resource's Redis.
	Resource string
	Service  string
	ID       string
	// Epoch is when the scenario began, in nanoseconds since 1970.
	Epoch int64

	// TTL, SweepInterval and Trial are those of the client's config; 0: its
	// defaults.
	TTL, SweepInterval, Trial time.Duration
	MaxStreams                int
	MaxCrashes                int
	ManualClaim               bool

	// JoinAt is when the member joins, in the time since Epoch; in the past: at
	// once.
	JoinAt time.Duration

	// Deaf: the application reads no notification until it is asked to hear.
	Deaf bool
	// Deadly are names of streams that kill their process (SIGKILL) as soon as
	// the application hears of them.
	Deadly []string

	// Toils: the application ends its streams by itself, as Seed says.
	Toils bool
	Seed  uint64
	// Log is the file for what the client logs; empty: standard error.
	Log string
}

// action is what a test may ask of a member.
type action string

const (
	// actFinish: write the last effect of each stream named, and call Done.
	// With no stream named: of each that is owned, and of each that comes.
	actFinish action = "finish"
	// actInsist: do so for every tenure that the member was ever told of, as an
	// application does that hears nothing of what it lost.
	actInsist action = "insist"
	// actDeafen: read no notification any more; actHear: go on reading.
	actDeafen action = "deafen"
	actHear   action = "hear"
	// actClose: end, by Close; actDone: end, by Done.
	actClose action = "close"
	actDone  action = "done"
)

// request is one line from a test to its member.
type request struct {
	Action action
	Refs   []streamlease.StreamRef `json:",omitempty"`
}

// event is what a member reports.
type event string

const (
	eventReady      event = "ready"
	eventAdded      event = "added"
	eventExpired    event = "expired"
	eventDisowned   event = "disowned"
	eventTerminated event = "terminated"
	// eventLostTheRace: Claim was refused, for the reason in Err.
	eventLostTheRace event = "lost the race"
	// eventWrote: the resource has answered; Err is errRefused if with a no.
	eventWrote event = "wrote"
	// eventSettling comes just before Done is called, eventSettled when it has
	// answered.
	eventSettling event = "settling"
	eventSettled  event = "settled"
	// eventInsisting comes instead of eventSettling when the application should
	// know that it lost the stream.
	eventInsisting event = "insisting"
	// eventGivingBack comes just before Fail or HandOff is called, eventGaveBack
	// when it has answered.
	eventGivingBack event = "giving back"
	eventGaveBack   event = "gave back"
	// eventAnnouncing: a producer is about to announce Names; eventAnnounced: it
	// knows that Refs were announced, and nothing of the others.
	eventAnnouncing event = "announcing"
	eventAnnounced  event = "announced"
	// eventStalled: the process was not given the machine for the time in Stall.
	eventStalled event = "stalled"
	// eventDeaf: nothing is read any more but what comes at this moment.
	eventDeaf event = "deaf"
	// eventClosing comes just before Close or Done is called, eventClosed when
	// it has returned.
	eventClosing event = "closing"
	eventClosed  event = "closed"
)

// report is one line from a member to its test.
type report struct {
	Event event
	// At is the time since the scenario's epoch. A member looks at the wall
	// clock once, when it starts, and from then on at its own monotonic clock,
	// so the times of all members of one machine compare.
	At    time.Duration
	Ref   streamlease.StreamRef
	Token streamlease.Token `json:",omitempty"`
	// Failures and Crashes are what eventAdded says of the assignment.
	Failures, Crashes int `json:",omitempty"`
	// Finish: the effect that was written was the last of its tenure.
	Finish bool          `json:",omitempty"`
	Stall  time.Duration `json:",omitempty"`
	// Names and Refs are those of eventAnnouncing and eventAnnounced.
	Names []string                `json:",omitempty"`
	Refs  []streamlease.StreamRef `json:",omitempty"`
	// Err is the name of the sentinel, else the text; empty: nil.
	Err string `json:",omitempty"`
}

// The names by which errors go over the wire.
const (
	errDisowned = "ErrDisowned"
	errRefused  = "refused"
)

var sentinels = map[string]error{
	errDisowned:         streamlease.ErrDisowned,
	"ErrNotOwned":       streamlease.ErrNotOwned,
	"ErrDone":           streamlease.ErrDone,
	"ErrHeld":           streamlease.ErrHeld,
	"ErrClosed":         streamlease.ErrClosed,
	"ErrUnknownOutcome": streamlease.ErrUnknownOutcome,
}

// errorName is the sentinel that err wraps; the text of one that wraps none of
// them, or more than one.
func errorName(err error) string {
	if err == nil {
		return ""
	}
	var found []string
	for name, sentinel := range sentinels {
		if errors.Is(err, sentinel) {
			found = append(found, name)
		}
	}
	if len(found) == 1 {
		return found[0]
	}
	return err.Error()
}

// encode writes one line; JSON, because names may contain any character.
func encode(value any) string {
	line, err := json.Marshal(value)
	if err != nil {
		panic(err) // all that is encoded here is plain data of ours
	}
	return string(line)
}
