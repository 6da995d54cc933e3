package history_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/streamlease/streamlease/conformance/internal/history"
	"github.com/streamlease/streamlease/ports"
)

var (
	mine  = ports.GrantID{1}
	yours = ports.GrantID{2}
)

func lease(grant ports.GrantID, token ports.Token) history.Lease {
	return history.Lease{Grant: grant, Token: token}
}

// story gives calls on "s" that follow each other, but for those that say when
// they were.
func story(calls ...history.Call) []history.Call {
	for i := range calls {
		calls[i].Name = "s"
		if calls[i].Return == 0 {
			calls[i].Begin, calls[i].Return = int64(10*i+1), int64(10*i+2)
		}
	}
	return calls
}

func acquired(grant ports.GrantID, token ports.Token) history.Call {
	return history.Call{Kind: history.Acquire, Lease: lease(grant, token), Answer: history.Yes}
}

func held(grant ports.GrantID, by history.Lease) history.Call {
	return history.Call{Kind: history.Acquire, Lease: lease(grant, 0), Answer: history.No, Holder: by}
}

func released(grant ports.GrantID, token ports.Token, answer history.Answer) history.Call {
	return history.Call{Kind: history.Release, Lease: lease(grant, token), Answer: answer}
}

func inspected(answer history.Answer, by history.Lease) history.Call {
	return history.Call{Kind: history.Inspect, Answer: answer, Holder: by}
}

func at(call history.Call, begin, end int64) history.Call {
	call.Begin, call.Return = begin, end
	return call
}

func unknown(call history.Call, begin int64) history.Call {
	call.Answer, call.Begin, call.Return = history.Unknown, begin, history.Never
	return call
}

func TestWhatAnOrderExplains(t *testing.T) {
	lost := unknown(acquired(mine, 0), 1)
	for name, calls := range map[string][]history.Call{
		"one after another":      story(acquired(mine, 5), held(yours, lease(mine, 5)), released(mine, 5, history.Yes), acquired(yours, 6)),
		"at the same time":       story(at(acquired(mine, 6), 1, 9), at(acquired(yours, 5), 1, 9), at(released(yours, 5, history.Yes), 1, 9)),
		"unknown and never done": story(lost, acquired(yours, 3)),
		"unknown and done late":  story(lost, acquired(yours, 3), released(yours, 3, history.Yes), inspected(history.Yes, lease(mine, 7)), released(mine, 7, history.Yes)),
		"unknown release, done":  story(acquired(mine, 5), unknown(released(mine, 5, history.Unknown), 12), acquired(yours, 6)),
		"unknown release, not":   story(acquired(mine, 5), unknown(released(mine, 5, history.Unknown), 12), inspected(history.Yes, lease(mine, 5))),
		"nothing to release":     story(released(mine, 5, history.No), inspected(history.No, history.Lease{})),
		"a holder nobody names":  story(acquired(mine, 5), held(yours, history.Lease{})),
	} {
		assert.Empty(t, history.Explain(calls), name)
	}
}

func TestWhatNoOrderExplains(t *testing.T) {
	for name, calls := range map[string][]history.Call{
		"two leases":                 story(acquired(mine, 5), acquired(yours, 6)),
		"a token that repeats":       story(acquired(mine, 5), released(mine, 5, history.Yes), acquired(yours, 5)),
		"a token below the floor":    story(history.Call{Kind: history.Acquire, Lease: lease(mine, 5), Floor: 5, Answer: history.Yes}),
		"held after its release":     story(acquired(mine, 5), released(mine, 5, history.Yes), held(yours, lease(mine, 5))),
		"free while held":            story(acquired(mine, 5), inspected(history.No, history.Lease{})),
		"another holder":             story(acquired(mine, 5), inspected(history.Yes, lease(yours, 5))),
		"released twice":             story(acquired(mine, 5), released(mine, 5, history.Yes), released(mine, 5, history.Yes)),
		"not released":               story(acquired(mine, 5), released(mine, 5, history.No)),
		"released by an older token": story(acquired(mine, 5), released(mine, 4, history.Yes)),
		"unknown, done twice":        story(unknown(acquired(mine, 0), 1), inspected(history.Yes, lease(mine, 7)), released(mine, 7, history.Yes), inspected(history.Yes, lease(mine, 8))),
		"unknown, with an old token": story(acquired(yours, 3), released(yours, 3, history.Yes), unknown(acquired(mine, 0), 21), inspected(history.Yes, lease(mine, 2))),
	} {
		text := history.Explain(calls)
		assert.Contains(t, text, `"s"`, name)
		assert.Contains(t, text, "can follow", name)
	}
}
