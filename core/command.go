package core

import "time"

// Command is what a Machine asks of its driver. Only the types of this file
// are commands.
type Command interface{ command() }

// Call is the head of each command that asks for a call to a port. Each is
// answered by one event with the same ID, whatever happens.
type Call struct {
	ID CallID
	// Timeout bounds the call. Fetch may wait its Wait in addition.
	Timeout time.Duration
	Reason  Reason
}

// Head returns the head of the command.
func (c Call) Head() Call { return c }

// PortCall is a command that asks for a call to a port: each Send… is one.
type PortCall interface {
	Command
	Head() Call
}

// The calls to the ports.
type (
	SendHeartbeat struct {
		Call
		Beat Beat
	}
	SendFetch struct {
		Call
		Max  int
		Wait time.Duration
	}
	SendDeliveries struct {
		Call
		// Member is whose deliveries are asked for: this one, or one that has
		// left the fleet.
		Member Member
		Cursor string
		Limit  int
	}
	SendTake struct {
		Call
		Requests []TakeRequest
	}
	SendSettle struct {
		Call
		Settlements []Settlement
	}
	SendSweep struct {
		Call
		Request SweepRequest
	}
	SendAcquire struct {
		Call
		Requests []AcquireRequest
		TTL      time.Duration
	}
	SendRenew struct {
		Call
		Grants []GrantID
		TTL    time.Duration
	}
	SendLeases struct {
		Call
		Grant  GrantID
		Cursor string
		Limit  int
	}
	SendRelease struct {
		Call
		Requests []ReleaseRequest
	}
	SendInspect struct {
		Call
		Names []string
	}
	SendPublish struct {
		Call
		Hints []Hint
	}
	// SendCheck asks every port that is a Checker.
	SendCheck struct{ Call }
)

// What else a machine asks for.
type (
	// CancelCall ends a call that is under way (a Fetch); it is answered as
	// any other.
	CancelCall struct{ ID CallID }
	// WakeAt asks for a Wake at the instant At. A later WakeAt replaces it.
	WakeAt struct{ At time.Duration }
	// Joined: the first heartbeat was answered; the member belongs to the
	// fleet.
	Joined struct{}
	// TenureBegan: the member owns the stream now. Whether, and how, the
	// application hears of it is another matter: by a notification or by a
	// Reply.
	TenureBegan struct{ Tenure Tenure }
	// TenureEnded: the member no longer owns the stream, from this instant.
	TenureEnded struct {
		Ref   StreamRef
		Token Token
		// Cause is ErrDisowned when it was lost, ErrDone when the application
		// finished it, ErrNotOwned when it was given back.
		Cause  error
		Reason Reason
	}
	// ContextEnded: the streams' contexts end although the tenures go on for
	// the grace period, because the member is closing.
	ContextEnded struct{}
	// Reply answers a request of the application.
	Reply struct {
		Request RequestID
		// Ref and Token name the tenure that a Claim began, or met.
		Ref   StreamRef
		Token Token
		Err   error
	}
	// Terminated: nothing more will come, except notifications that wait to
	// be received, the last of which is StreamTerminated with this cause.
	Terminated struct{ Cause error }
	// Broken: the machine met something that its own rules exclude and went
	// on as safely as it could. It is a bug; log it.
	Broken struct{ What string }
)

// Tenure is one span of ownership of one stream by this member.
type Tenure struct {
	Ref               StreamRef
	Token             Token
	Info              Info
	Failures, Crashes int
	// Claimed: the application asked for it by Claim, and hears of it by the
	// Reply alone.
	Claimed bool
	Reason  Reason
}

func (SendHeartbeat) command()  {}
func (SendFetch) command()      {}
func (SendDeliveries) command() {}
func (SendTake) command()       {}
func (SendSettle) command()     {}
func (SendSweep) command()      {}
func (SendAcquire) command()    {}
func (SendRenew) command()      {}
func (SendLeases) command()     {}
func (SendRelease) command()    {}
func (SendInspect) command()    {}
func (SendPublish) command()    {}
func (SendCheck) command()      {}
func (CancelCall) command()     {}
func (WakeAt) command()         {}
func (Joined) command()         {}
func (TenureBegan) command()    {}
func (TenureEnded) command()    {}
func (ContextEnded) command()   {}
func (Reply) command()          {}
func (Terminated) command()     {}
func (Broken) command()         {}

// NotificationKind is what a Notification says.
type NotificationKind uint8

// The notifications.
const (
	// StreamAdded: this member owns the stream; process it.
	StreamAdded NotificationKind = iota + 1
	// StreamExpired: somebody lost the stream, and nobody owns it.
	StreamExpired
	// StreamDisowned: this member no longer owns the stream; stop.
	StreamDisowned
	// StreamTerminated: the client has stopped.
	StreamTerminated
)

// String returns the notification's name.
func (k NotificationKind) String() string {
	switch k {
	case StreamAdded:
		return "StreamAdded"
	case StreamExpired:
		return "StreamExpired"
	case StreamDisowned:
		return "StreamDisowned"
	case StreamTerminated:
		return "StreamTerminated"
	default:
		return "no notification"
	}
}

// Notification is what waits to be received by the application.
type Notification struct {
	Kind NotificationKind
	Ref  StreamRef
	// Token is that of the tenure that began or ended.
	Token Token
	Info  Info
	// Err is the cause, of StreamDisowned and StreamTerminated.
	Err error
}
