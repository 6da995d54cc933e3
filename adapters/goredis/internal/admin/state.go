package admin

import (
	"time"

	"github.com/streamlease/streamlease/ports"
)

// State is where the life of an assignment is.
type State string

// The states of an assignment.
const (
	// Waiting: announced, and given to no member yet.
	Waiting State = "waiting"
	// Delivered: given to a member that has not taken it.
	Delivered State = "delivered"
	// Taking: a member has the lease and has not taken the assignment yet.
	Taking State = "taking"
	// Owned: a member has taken it and holds the lease.
	Owned State = "owned"
	// Unowned: its owner lost the lease, and nobody has taken it since.
	Unowned State = "unowned"
	// Free: given back, and nobody has taken it since.
	Free State = "free"
	// Retrying: failed, and the time to try again has not come.
	Retrying State = "retrying"
	// Blocked: another assignment of the same name is owned, which comes first.
	Blocked State = "blocked"
	// Malformed: no assignment. It goes to the quarantine when a member comes by.
	Malformed State = "malformed"
)

// States are all of them, from the beginning of a life to its troubles.
var States = []State{Waiting, Delivered, Taking, Owned, Unowned, Free, Retrying, Blocked, Malformed}

// Stream is one assignment, as an operator sees it.
type Stream struct {
	Ref   ports.StreamRef
	State State
	// Announced is how long ago that was.
	Announced time.Duration
	// Owner holds the lease, or took the assignment last.
	Owner ports.Member
	// Token is the highest that took the assignment; 0: none did.
	Token ports.Token
	// Since is how long ago it was taken or, when it is settled, given back.
	Since time.Duration
	// LeaseLeft is how long the lease lasts if nobody renews it.
	LeaseLeft time.Duration
	// RetryIn is the time until it may be taken again.
	RetryIn           time.Duration
	Failures, Crashes int
	// Suspected: an earlier owner may have crashed with it.
	Suspected bool
	// Problem is what is wrong with a malformed one.
	Problem string
}

// judge fills in the state, once it is known who holds the name.
func (s *stored) judge(lease ports.InspectResult) Stream {
	stream := s.Stream
	mine := lease.Held && lease.Holder.Lease.Ref.MessageID == s.Ref.MessageID
	if mine {
		stream.LeaseLeft, stream.Owner = lease.Holder.ExpiresIn, lease.Holder.Member
	}
	switch {
	case s.Problem != "":
		stream.State = Malformed
	case mine && s.isOpen && lease.Holder.Member.Incarnation == s.Owner.Incarnation:
		stream.State = Owned
	case mine:
		stream.State = Taking
	case s.hasRecord && !s.isOpen && s.RetryIn > 0:
		stream.State = Retrying
	case lease.Held:
		stream.State = Blocked
	case s.isOpen:
		stream.State = Unowned
	case s.hasRecord:
		stream.State = Free
	case s.isDelivered:
		stream.State = Delivered
	default:
		stream.State = Waiting
	}
	return stream
}
