package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/internal/driver"
)

// Observer is the member as the driver calls it; nil when nothing is measured.
func (m *Member) Observer() driver.Observer {
	if m == nil {
		return nil
	}
	return m
}

// call is one call to a port that is under way.
type call struct {
	member  *Member
	command core.Command
	where   place
	ctx     context.Context
	span    trace.Span // nil: it has none
	began   time.Time
	ended   time.Time
}

// Begin implements driver.Observer.
func (m *Member) Begin(ctx context.Context, command core.Command) (context.Context, driver.Observation) {
	c := &call{member: m, command: command, where: placeOf(command), ctx: ctx, began: time.Now()}
	if m.spans != nil {
		c.ctx, c.span = m.spans.call(ctx, c.where, command)
	}
	return c.ctx, c
}

// Returned counts what the answer says.
func (c *call) Returned(answer core.Event) {
	c.ended = time.Now()
	err := errorOf(answer)
	if meters := c.member.meters; meters != nil {
		meters.callTimes.record(c.ctx, callKey{c.where.port, c.where.method, outcomeOf(err)}, c.ended.Sub(c.began).Seconds())
		meters.count(c.command, answer, c.member.now())
	}
	if c.span != nil {
		describe(c.span, c.command, answer, err)
	}
}

// End ends the span; whoever exports it may take long.
func (c *call) End() {
	if c.span != nil {
		c.span.End(trace.WithTimestamp(c.ended))
	}
}

// count looks at what stands in a call and its answer together.
func (m *metrics) count(command core.Command, answer core.Event, now time.Duration) {
	switch answer := answer.(type) {
	case core.RenewAnswered:
		m.countRenewals(command.(core.SendRenew), answer)
	case core.SettleAnswered:
		m.countSettlements(command.(core.SendSettle), answer)
	case core.InspectAnswered:
		m.free.inspected(command.(core.SendInspect).Names, answer.Results, now)
	}
}

func (m *metrics) countRenewals(asked core.SendRenew, answer core.RenewAnswered) {
	if answer.Err != nil {
		m.renewed.add(outcomeOf(answer.Err), len(asked.Grants))
		return
	}
	ok := 0
	for _, result := range answer.Results {
		if result.Err == nil {
			ok++
			continue
		}
		m.renewed.add(outcomeOf(result.Err), 1)
	}
	m.renewed.add("ok", ok)
}

// countSettlements leaves out those that had no effect, and those of which
// nobody knows: they are repeated.
func (m *metrics) countSettlements(asked core.SendSettle, answer core.SettleAnswered) {
	for i, result := range answer.Results {
		if result.Err == nil {
			m.settled.add(settlementOf(asked.Settlements[i].Outcome), 1)
		}
	}
}
