package telemetry

import "github.com/streamlease/streamlease/core"

// place is a method of a port.
type place struct{ port, method string }

// placeOf is where the call goes that a command asks for.
func placeOf(command core.Command) place {
	switch command.(type) {
	case core.SendHeartbeat:
		return place{"source", "Heartbeat"}
	case core.SendFetch:
		return place{"source", "Fetch"}
	case core.SendDeliveries:
		return place{"source", "Deliveries"}
	case core.SendTake:
		return place{"source", "Take"}
	case core.SendSettle:
		return place{"source", "Settle"}
	case core.SendSweep:
		return place{"source", "Sweep"}
	case core.SendAcquire:
		return place{"leases", "Acquire"}
	case core.SendRenew:
		return place{"leases", "Renew"}
	case core.SendLeases:
		return place{"leases", "Leases"}
	case core.SendRelease:
		return place{"leases", "Release"}
	case core.SendInspect:
		return place{"leases", "Inspect"}
	case core.SendPublish:
		return place{"notifier", "Publish"}
	case core.SendCheck:
		return place{"all", "Check"}
	default:
		return place{"unknown", "unknown"}
	}
}

// errorOf is the error of a whole call.
func errorOf(answer core.Event) error {
	switch answer := answer.(type) {
	case core.HeartbeatAnswered:
		return answer.Err
	case core.FetchAnswered:
		return answer.Err
	case core.DeliveriesAnswered:
		return answer.Err
	case core.TakeAnswered:
		return answer.Err
	case core.SettleAnswered:
		return answer.Err
	case core.SweepAnswered:
		return answer.Err
	case core.AcquireAnswered:
		return answer.Err
	case core.RenewAnswered:
		return answer.Err
	case core.LeasesAnswered:
		return answer.Err
	case core.ReleaseAnswered:
		return answer.Err
	case core.InspectAnswered:
		return answer.Err
	case core.PublishAnswered:
		return answer.Err
	case core.CheckAnswered:
		return answer.Err
	default:
		return nil
	}
}
