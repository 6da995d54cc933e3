package core

import "time"

// Event is what a Machine hears. Only the types of this file are events.
type Event interface{ event() }

// CallID numbers the calls that a machine asked for, in the order in which it
// asked.
type CallID int64

// RequestID is the number that the driver gave to a request of the
// application; the Reply carries it.
type RequestID int64

// Answered is the head of each answer from a port.
type Answered struct {
	Call CallID
	// Sent is the instant just before the call was sent: validity counts from
	// it.
	Sent time.Duration
	// Err is the error of the whole call: nil, ErrRefused, or any other:
	// unknown. A ctx that ended is such an other.
	Err error
}

// Head returns the head of the answer.
func (a Answered) Head() Answered { return a }

// PortAnswer is the event that answers a call to a port.
type PortAnswer interface {
	Event
	Head() Answered
}

// The answers of the ports, one for each command that asks for a call.
type (
	HeartbeatAnswered struct {
		Answered
		Fleet Fleet
	}
	FetchAnswered struct {
		Answered
		Fetched Fetched
	}
	DeliveriesAnswered struct {
		Answered
		Page DeliveryPage
	}
	TakeAnswered struct {
		Answered
		Results []TakeResult
	}
	SettleAnswered struct {
		Answered
		Results []SettleResult
	}
	SweepAnswered struct {
		Answered
		Page SweepPage
	}
	AcquireAnswered struct {
		Answered
		Results []AcquireResult
	}
	RenewAnswered struct {
		Answered
		Results []RenewResult
	}
	LeasesAnswered struct {
		Answered
		Page LeasePage
	}
	ReleaseAnswered struct {
		Answered
		Results []ReleaseResult
	}
	InspectAnswered struct {
		Answered
		Results []InspectResult
	}
	PublishAnswered struct{ Answered }
	CheckAnswered   struct{ Answered }
)

// What else a machine hears.
type (
	// Start joins the fleet. It comes once, first.
	Start struct{}
	// Wake says that the instant of a WakeAt has come. Every step looks at
	// the time; Wake does nothing else.
	Wake struct{}
	// HintsReceived are hints from the notifier.
	HintsReceived struct{ Hints []Hint }
	// ClaimRequested: the application calls Claim.
	ClaimRequested struct {
		Request RequestID
		Ref     StreamRef
	}
	// SettleRequested: the application calls Done, Fail or HandOff on the
	// tenure of Ref with Token.
	SettleRequested struct {
		Request RequestID
		Ref     StreamRef
		Token   Token
		Outcome Outcome
		Reason  string
	}
	// RequestAbandoned: the application no longer waits for the request. What
	// a Claim has got by then is given back.
	RequestAbandoned struct{ Request RequestID }
	// NotificationReceived: the application received Machine.Notification. It
	// is the first event of its Step.
	NotificationReceived struct{}
	// HandlerReturned: the application's handler of the stream has returned
	// (Config.Handlers).
	HandlerReturned struct{ Name string }
	// CloseRequested: the member ends. What the application has not settled
	// after Grace is handed off.
	CloseRequested struct{ Grace time.Duration }
	// CloseForced: whoever closes has run out of patience; what is left is
	// handed off at once, within two call timeouts.
	CloseForced struct{}
)

func (HeartbeatAnswered) event()    {}
func (FetchAnswered) event()        {}
func (DeliveriesAnswered) event()   {}
func (TakeAnswered) event()         {}
func (SettleAnswered) event()       {}
func (SweepAnswered) event()        {}
func (AcquireAnswered) event()      {}
func (RenewAnswered) event()        {}
func (LeasesAnswered) event()       {}
func (ReleaseAnswered) event()      {}
func (InspectAnswered) event()      {}
func (PublishAnswered) event()      {}
func (CheckAnswered) event()        {}
func (Start) event()                {}
func (Wake) event()                 {}
func (HintsReceived) event()        {}
func (ClaimRequested) event()       {}
func (SettleRequested) event()      {}
func (RequestAbandoned) event()     {}
func (NotificationReceived) event() {}
func (HandlerReturned) event()      {}
func (CloseRequested) event()       {}
func (CloseForced) event()          {}
