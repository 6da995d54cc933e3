package telemetry

import (
	"context"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/trace"

	"github.com/streamlease/streamlease/core"
)

// spans makes the spans of one member.
type spans struct {
	tracer trace.Tracer
	fixed  []attribute.KeyValue
}

// longestText bounds what comes from outside, a name or an error, in a span.
const longestText = 256

// Request is a call of the application, as a span; the zero value is none.
type Request struct{ span trace.Span }

// BeginRequest begins the span of a call that the application made with ctx:
// Claim, Done, Fail or HandOff. Without spans it is ctx and nothing.
func (m *Member) BeginRequest(ctx context.Context, method string, name string) (context.Context, Request) {
	if m == nil || m.spans == nil {
		return ctx, Request{}
	}
	ctx, span := m.spans.tracer.Start(ctx, "streamlease."+method, trace.WithAttributes(m.spans.fixed...),
		trace.WithAttributes(streamKey.String(shown(name))))
	return ctx, Request{span}
}

// About says which tenure the call is about.
func (r Request) About(ref core.StreamRef, token core.Token) {
	if r.span != nil {
		r.span.SetAttributes(messageIDKey.String(shown(ref.MessageID)), tokenKey.Int64(int64(token)))
	}
}

// End ends the span with the error that the application gets.
func (r Request) End(err error) {
	if r.span == nil {
		return
	}
	fail(r.span, err)
	r.span.End()
}

// call begins the span of a call to a port. It has no parent: one call serves
// many of the application.
func (s *spans) call(ctx context.Context, where place, command core.Command) (context.Context, trace.Span) {
	head, _ := command.(core.PortCall)
	return s.tracer.Start(ctx, "streamlease."+where.port+"."+where.method,
		trace.WithSpanKind(trace.SpanKindClient),
		trace.WithAttributes(s.fixed...),
		trace.WithAttributes(portKey.String(where.port), methodKey.String(where.method), reasonKey.String(value(head.Head().Reason))))
}

// describe says what went in and what came out.
func describe(span trace.Span, command core.Command, answer core.Event, err error) {
	if !span.IsRecording() {
		return
	}
	span.SetAttributes(outcomeKey.String(outcomeOf(err)))
	if items := itemsOf(command); items >= 0 {
		span.SetAttributes(itemsKey.Int(items))
	}
	if tokens := tokensOf(command, answer); len(tokens) > 0 {
		span.SetAttributes(tokensKey.Int64Slice(tokens))
	}
	fail(span, err)
}

func fail(span trace.Span, err error) {
	if err != nil {
		span.SetStatus(codes.Error, shown(err.Error()))
	}
}

func shown(text string) string {
	if len(text) > longestText {
		text = text[:longestText]
	}
	return strings.ToValidUTF8(text, "")
}
