package timeline

import "time"

// Kind is what an Event says.
type Kind string

// The kinds of events. They are words, so that members in other processes can
// send events as JSON.
const (
	// Step: the story comes to its next step; Note is its sentence.
	Step Kind = "step"
	// Said: Note is what became of the step.
	Said Kind = "said"
	// Announced: a producer has put the stream on the load-balancer stream.
	Announced Kind = "announced"
	// Joined: the member belongs to the fleet.
	Joined Kind = "joined"
	// Added: the member owns the stream, with the token.
	Added Kind = "added"
	// Working: the member has done its first work on the stream since Added;
	// its token is known to the resource from now on.
	Working Kind = "working"
	// Disowned: the member has heard that it lost the stream.
	Disowned Kind = "disowned"
	// Refused: a resource refused the member's write; Note says why.
	Refused Kind = "refused"
	// LateDone: the member said Done after it had lost the stream; Note is the
	// answer.
	LateDone Kind = "late done"
	// Finished: the member has finished the stream, and Done succeeded.
	Finished Kind = "finished"
	// Killed: the member is gone without a word.
	Killed Kind = "killed"
	// Frozen: the member stands still.
	Frozen Kind = "frozen"
	// Woken: the member goes on after it was frozen.
	Woken Kind = "woken"
	// Left: the member has closed.
	Left Kind = "left"
	// Failed: the member met an error that ended it; Note is the error.
	Failed Kind = "failed"
)

// Event is one thing that happened. Member, Stream, Token and Note are empty
// where they do not apply.
type Event struct {
	Kind   Kind   `json:"kind"`
	Member string `json:"member,omitempty"`
	Stream string `json:"stream,omitempty"`
	Token  int64  `json:"token,omitempty"`
	Note   string `json:"note,omitempty"`
	// At is the time since the History began. Record sets it if it is 0.
	At time.Duration `json:"-"`
}
