package driver

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/ports"
)

// Translator carries the commands of one member's machine to its ports. It has
// no state: its methods may be called concurrently.
type Translator struct {
	Ports  ports.Set
	Member core.Member
	// Warn hears what Check had to say, one sentence at a time. May be nil.
	Warn func(warning string)
}

// Call performs the call that the command asks for and returns its answer:
// always one, with the command's ID and with sent, the instant just before the
// call. What a port does wrong becomes an unknown outcome: a panic, and results
// that are not one for each request. ctx should end after Allowance(command).
//
// The command must be one for which Header reports true; for any other the
// answer is nil.
func (t Translator) Call(ctx context.Context, sent time.Duration, command core.Command) (answer core.Event) {
	defer func() {
		if value := recover(); value != nil {
			answer = Unanswered(command, sent, fmt.Errorf("the port panicked: %v\n%s", value, debug.Stack()))
		}
	}()
	answer, err := t.perform(ctx, sent, command)
	if err != nil {
		return Unanswered(command, sent, err)
	}
	return answer
}

func (t Translator) perform(ctx context.Context, sent time.Duration, command core.Command) (core.Event, error) {
	switch command := command.(type) {
	case core.SendAcquire, core.SendRenew, core.SendLeases, core.SendRelease, core.SendInspect:
		return t.callLeases(ctx, sent, command)
	case core.SendPublish:
		return t.publish(ctx, sent, command)
	case core.SendCheck:
		return t.check(ctx, sent, command)
	default:
		return t.callSource(ctx, sent, command)
	}
}

func (t Translator) callSource(ctx context.Context, sent time.Duration, command core.Command) (core.Event, error) {
	switch command := command.(type) {
	case core.SendHeartbeat:
		fleet, err := t.Ports.Source.Heartbeat(ctx, command.Beat)
		return core.HeartbeatAnswered{Answered: head(command.Call, sent), Fleet: fleet}, named("heartbeat", err)
	case core.SendFetch:
		fetched, err := t.Ports.Source.Fetch(ctx, t.Member, command.Max, command.Wait)
		return core.FetchAnswered{Answered: head(command.Call, sent), Fetched: fetched}, named("fetch", err)
	case core.SendDeliveries:
		page, err := t.Ports.Source.Deliveries(ctx, command.Member, command.Cursor, command.Limit)
		return core.DeliveriesAnswered{Answered: head(command.Call, sent), Page: page}, named("deliveries", err)
	case core.SendTake:
		results, err := t.Ports.Source.Take(ctx, t.Member, command.Requests)
		return core.TakeAnswered{Answered: head(command.Call, sent), Results: results},
			matched("take", len(results), len(command.Requests), err)
	case core.SendSettle:
		results, err := t.settle(ctx, command.Settlements)
		return core.SettleAnswered{Answered: head(command.Call, sent), Results: results},
			matched("settle", len(results), len(command.Settlements), err)
	case core.SendSweep:
		page, err := t.Ports.Source.Sweep(ctx, t.Member, command.Request)
		return core.SweepAnswered{Answered: head(command.Call, sent), Page: page}, named("sweep", err)
	default:
		return nil, nil
	}
}

func (t Translator) callLeases(ctx context.Context, sent time.Duration, command core.Command) (core.Event, error) {
	switch command := command.(type) {
	case core.SendAcquire:
		results, err := t.Ports.Leases.Acquire(ctx, t.Member, command.Requests, command.TTL)
		return core.AcquireAnswered{Answered: head(command.Call, sent), Results: results},
			matched("acquire", len(results), len(command.Requests), err)
	case core.SendRenew:
		results, err := t.Ports.Leases.Renew(ctx, command.Grants, command.TTL)
		return core.RenewAnswered{Answered: head(command.Call, sent), Results: results},
			matched("renew", len(results), len(command.Grants), err)
	case core.SendLeases:
		page, err := t.Ports.Leases.Leases(ctx, command.Grant, command.Cursor, command.Limit)
		return core.LeasesAnswered{Answered: head(command.Call, sent), Page: page}, named("leases", err)
	case core.SendRelease:
		results, err := t.Ports.Leases.Release(ctx, command.Requests)
		return core.ReleaseAnswered{Answered: head(command.Call, sent), Results: results},
			matched("release", len(results), len(command.Requests), err)
	case core.SendInspect:
		results, err := t.Ports.Leases.Inspect(ctx, command.Names)
		return core.InspectAnswered{Answered: head(command.Call, sent), Results: results},
			matched("inspect", len(results), len(command.Names), err)
	default:
		return nil, nil
	}
}

func (t Translator) publish(ctx context.Context, sent time.Duration, command core.SendPublish) (core.Event, error) {
	if t.Ports.Notifier == nil {
		return nil, errors.New("publish: there is no notifier")
	}
	err := t.Ports.Notifier.Publish(ctx, command.Hints)
	return core.PublishAnswered{Answered: head(command.Call, sent)}, named("publish", err)
}

func (t Translator) check(ctx context.Context, sent time.Duration, command core.SendCheck) (core.Event, error) {
	warnings, err := Check(ctx, t.Ports)
	if t.Warn != nil {
		for _, warning := range warnings {
			t.Warn(warning)
		}
	}
	return core.CheckAnswered{Answered: head(command.Call, sent)}, err
}

func head(call core.Call, sent time.Duration) core.Answered {
	return core.Answered{Call: call.ID, Sent: sent}
}

// named puts the method before an error: a bare "context deadline exceeded"
// helps nobody who reads it in a log.
func named(method string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %w", method, err)
}

// matched refuses to guess which result belongs to which request.
func matched(method string, results, requests int, err error) error {
	if err == nil && results != requests {
		err = fmt.Errorf("the port gave %d results to %d requests", results, requests)
	}
	return named(method, err)
}
