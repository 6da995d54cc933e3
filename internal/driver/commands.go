package driver

import (
	"time"

	"github.com/streamlease/streamlease/core"
)

// Header is the head of a command that asks for a call to a port, and false
// for every other command.
func Header(command core.Command) (core.Call, bool) {
	if call, ok := command.(core.PortCall); ok {
		return call.Head(), true
	}
	return core.Call{}, false
}

// Allowance is how long the call may take: its timeout, and for a Fetch its
// wait in addition.
func Allowance(command core.Command) time.Duration {
	call, _ := Header(command)
	if fetch, waits := command.(core.SendFetch); waits {
		return call.Timeout + fetch.Wait
	}
	return call.Timeout
}

// Unanswered is the answer to a call that has no results, only an error: it was
// refused, its reply was lost, nobody knows. It is nil for a command that asks
// for no call.
func Unanswered(command core.Command, sent time.Duration, err error) core.Event {
	call, _ := Header(command)
	answered := core.Answered{Call: call.ID, Sent: sent, Err: err}
	switch command.(type) {
	case core.SendHeartbeat:
		return core.HeartbeatAnswered{Answered: answered}
	case core.SendFetch:
		return core.FetchAnswered{Answered: answered}
	case core.SendDeliveries:
		return core.DeliveriesAnswered{Answered: answered}
	case core.SendTake:
		return core.TakeAnswered{Answered: answered}
	case core.SendSettle:
		return core.SettleAnswered{Answered: answered}
	case core.SendSweep:
		return core.SweepAnswered{Answered: answered}
	case core.SendAcquire:
		return core.AcquireAnswered{Answered: answered}
	case core.SendRenew:
		return core.RenewAnswered{Answered: answered}
	case core.SendLeases:
		return core.LeasesAnswered{Answered: answered}
	case core.SendRelease:
		return core.ReleaseAnswered{Answered: answered}
	case core.SendInspect:
		return core.InspectAnswered{Answered: answered}
	case core.SendPublish:
		return core.PublishAnswered{Answered: answered}
	case core.SendCheck:
		return core.CheckAnswered{Answered: answered}
	default:
		return nil
	}
}
