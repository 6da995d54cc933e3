package telemetry

import (
	"context"
	"slices"
	"time"

	"github.com/streamlease/streamlease/core"
)

// Heard looks at what the machine is about to hear.
func (m *Member) Heard(events []core.Event) {
	if m == nil || m.meters == nil {
		return
	}
	for _, event := range events {
		switch event := event.(type) {
		case core.HintsReceived:
			m.meters.hinted(event.Hints, m.now())
		case core.LeasesAnswered:
			m.meters.free.left(event.Page)
		case core.SweepAnswered:
			m.meters.swept(event, m.now())
		case core.AcquireAnswered:
			m.meters.free.owned(event.Results)
		}
	}
}

// Did looks at what the machine did upon hearing the events, and how it is now.
func (m *Member) Did(commands []core.Command, events []core.Event, status core.Status) {
	if m == nil || m.meters == nil {
		return
	}
	for _, command := range commands {
		switch command := command.(type) {
		case core.TenureBegan:
			m.meters.tenureBegan(command.Tenure, m.now())
		case core.TenureEnded:
			m.meters.ended.add(ending{endingOf(command.Cause), value(command.Reason)}, 1)
		}
	}
	for _, event := range events {
		if renewed, ok := event.(core.RenewAnswered); ok {
			m.meters.renewAnswered(renewed, status)
		}
	}
}

func (m *metrics) hinted(hints []core.Hint, now time.Duration) {
	for _, hint := range hints {
		m.hints.add(kindOf(hint.Kind), 1)
		isNews := m.free.hinted(hint, now)
		// What expired before this member began says nothing about the notifier.
		if isNews && hint.Age > 0 && hint.Age < now {
			m.hintLag.record(context.Background(), plain{}, hint.Age.Seconds())
		}
	}
}

func (m *metrics) swept(answered core.SweepAnswered, now time.Duration) {
	if answered.Err != nil {
		return
	}
	m.sweeps.add(plain{}, 1)
	m.listed.add("due", len(answered.Page.Due))
	m.listed.add("round", len(answered.Page.Round))
	m.free.swept(answered.Page, now)
}

func (m *metrics) tenureBegan(tenure core.Tenure, now time.Duration) {
	m.began.add(value(tenure.Reason), 1)
	m.failures.record(context.Background(), plain{}, float64(tenure.Failures))
	m.crashes.record(context.Background(), plain{}, float64(tenure.Crashes))
	origin, known := m.free.taken(tenure.Ref.Name, now)
	switch {
	case !known || tenure.Reason == core.ReasonAssigned || origin.how == offered:
	case origin.how == swept:
		m.sweptUp.add(plain{}, 1)
	default:
		m.recovery.record(context.Background(), plain{}, (now - origin.since).Seconds())
	}
}

func (m *metrics) renewAnswered(answered core.RenewAnswered, status core.Status) {
	isRenewed := func(result core.RenewResult) bool { return result.Err == nil }
	if answered.Err == nil && status.LeftAtRenewal >= 0 && slices.ContainsFunc(answered.Results, isRenewed) {
		m.timeLeft.record(context.Background(), plain{}, status.LeftAtRenewal.Seconds())
	}
}
