package telemetry

import "github.com/streamlease/streamlease/core"

// mostTokens bounds the list of a large batch.
const mostTokens = 16

// tokensOf lists the fencing tokens that a call carried, or brought: the first
// of a large batch.
func tokensOf(command core.Command, answer core.Event) (tokens []int64) {
	switch command := command.(type) {
	case core.SendTake:
		return firstTokens(command.Requests, func(r core.TakeRequest) core.Token { return r.Token })
	case core.SendSettle:
		return firstTokens(command.Settlements, func(s core.Settlement) core.Token { return s.Token })
	case core.SendRelease:
		return firstTokens(command.Requests, func(r core.ReleaseRequest) core.Token { return r.Lease.Token })
	case core.SendAcquire:
		if acquired, ok := answer.(core.AcquireAnswered); ok {
			return firstTokens(acquired.Results, func(r core.AcquireResult) core.Token { return r.Token })
		}
	}
	return nil
}

func firstTokens[T any](items []T, token func(T) core.Token) (tokens []int64) {
	for _, item := range items[:min(len(items), mostTokens)] {
		if token := token(item); token != 0 {
			tokens = append(tokens, int64(token))
		}
	}
	return tokens
}

// itemsOf is how many items a batch has; -1: the call is none.
func itemsOf(command core.Command) int {
	switch command := command.(type) {
	case core.SendTake:
		return len(command.Requests)
	case core.SendSettle:
		return len(command.Settlements)
	case core.SendAcquire:
		return len(command.Requests)
	case core.SendRenew:
		return len(command.Grants)
	case core.SendRelease:
		return len(command.Requests)
	case core.SendInspect:
		return len(command.Names)
	case core.SendPublish:
		return len(command.Hints)
	default:
		return -1
	}
}
