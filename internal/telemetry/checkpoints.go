package telemetry

import (
	"context"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"github.com/streamlease/streamlease/ports"
)

// checkpoints measures the calls to the one port that the machine knows nothing
// of.
type checkpoints struct {
	ports.Checkpoints
	member *Member
}

// Checkpoints measures the port's calls, if there is one and anything measures.
func (m *Member) Checkpoints(port ports.Checkpoints) ports.Checkpoints {
	if m == nil || port == nil {
		return port
	}
	return &checkpoints{port, m}
}

// Check implements ports.Checker, which the embedded interface would hide.
func (c *checkpoints) Check(ctx context.Context) ([]string, error) {
	if checker, checks := c.Checkpoints.(ports.Checker); checks {
		return checker.Check(ctx)
	}
	return nil, nil
}

// Load implements ports.Checkpoints.
func (c *checkpoints) Load(ctx context.Context, requests []ports.LoadRequest) (results []ports.LoadResult, err error) {
	tokens := func() []int64 {
		return firstTokens(requests, func(r ports.LoadRequest) ports.Token { return r.Token })
	}
	err = c.measured(ctx, "Load", len(requests), tokens, func(ctx context.Context) error {
		results, err = c.Checkpoints.Load(ctx, requests)
		return err
	})
	return results, err
}

// Save implements ports.Checkpoints.
func (c *checkpoints) Save(ctx context.Context, requests []ports.SaveRequest) (results []ports.SaveResult, err error) {
	tokens := func() []int64 {
		return firstTokens(requests, func(r ports.SaveRequest) ports.Token { return r.Token })
	}
	err = c.measured(ctx, "Save", len(requests), tokens, func(ctx context.Context) error {
		results, err = c.Checkpoints.Save(ctx, requests)
		return err
	})
	return results, err
}

// Finish implements ports.Checkpoints.
func (c *checkpoints) Finish(ctx context.Context, requests []ports.FinishRequest) (results []ports.FinishResult, err error) {
	tokens := func() []int64 {
		return firstTokens(requests, func(r ports.FinishRequest) ports.Token { return r.Token })
	}
	err = c.measured(ctx, "Finish", len(requests), tokens, func(ctx context.Context) error {
		results, err = c.Checkpoints.Finish(ctx, requests)
		return err
	})
	return results, err
}

func (c *checkpoints) measured(ctx context.Context, method string, items int, tokens func() []int64, call func(context.Context) error) error {
	began := time.Now()
	var span trace.Span
	if c.member.spans != nil {
		ctx, span = c.member.spans.checkpoint(ctx, method, items, tokens())
		defer span.End()
	}
	err := call(ctx)
	if c.member.meters != nil {
		c.member.meters.callTimes.record(ctx, callKey{"checkpoints", method, outcomeOf(err)}, time.Since(began).Seconds())
	}
	if span != nil {
		span.SetAttributes(outcomeKey.String(outcomeOf(err)))
		fail(span, err)
	}
	return err
}

func (s *spans) checkpoint(ctx context.Context, method string, items int, tokens []int64) (context.Context, trace.Span) {
	return s.tracer.Start(ctx, "streamlease.checkpoints."+method,
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(s.fixed...),
		trace.WithAttributes([]attribute.KeyValue{portKey.String("checkpoints"), methodKey.String(method),
			itemsKey.Int(items), tokensKey.Int64Slice(tokens)}...))
}
