package telemetry

import (
	"errors"
	"strings"

	"go.opentelemetry.io/otel/attribute"

	"github.com/streamlease/streamlease/core"
)

// Scope is the name of the meter and of the tracer.
const Scope = "github.com/streamlease/streamlease"

// The attributes. Those of metrics take a few values each.
const (
	memberKey  = attribute.Key("streamlease.member")
	reasonKey  = attribute.Key("streamlease.reason")
	outcomeKey = attribute.Key("streamlease.outcome")
	kindKey    = attribute.Key("streamlease.kind")
	portKey    = attribute.Key("streamlease.port")
	methodKey  = attribute.Key("streamlease.method")

	// Of spans alone.
	streamKey    = attribute.Key("streamlease.stream")
	messageIDKey = attribute.Key("streamlease.message_id")
	tokenKey     = attribute.Key("streamlease.token")
	tokensKey    = attribute.Key("streamlease.tokens")
	itemsKey     = attribute.Key("streamlease.items")
)

// value writes a reason of the core, which is words, as OpenTelemetry writes
// values: taken_over.
func value(reason core.Reason) string { return strings.ReplaceAll(string(reason), " ", "_") }

// outcomeOf is what a call, or an item of one, came to: ok, expired, refused, or
// unknown. The other definite answers of a port are no failures.
func outcomeOf(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, core.ErrExpired):
		return "expired"
	case errors.Is(err, core.ErrRefused):
		return "refused"
	default:
		return "unknown"
	}
}

// settlementOf is how a settlement is called in metrics and spans.
func settlementOf(outcome core.Outcome) string {
	switch outcome {
	case core.Done:
		return "done"
	case core.HandedOff:
		return "handed_off"
	case core.Failed:
		return "failed"
	case core.Quarantined:
		return "quarantined"
	default:
		return "unknown"
	}
}

// endingOf is how a tenure ended for its owner, by the cause.
func endingOf(cause error) string {
	switch {
	case errors.Is(cause, core.ErrDone):
		return "done"
	case errors.Is(cause, core.ErrDisowned):
		return "disowned"
	default:
		return "given_back"
	}
}

func kindOf(hint core.HintKind) string {
	switch hint {
	case core.HintName:
		return "name"
	case core.HintRef:
		return "stream"
	case core.HintGrant:
		return "grant"
	case core.HintHandOff:
		return "hand_off"
	case core.HintGap:
		return "gap"
	default:
		return "unknown"
	}
}
