package source

import (
	"testing"
	"time"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/resptest"
	"github.com/streamlease/streamlease/ports"
)

// The targets of this file look for a reply that makes a reader panic, or from
// which something comes out that the type does not allow. Whatever a reply
// holds, there are as many results as requests.

const (
	somePayload = `{"DataStreamName":"s","Info":{"n":9007199254740993}}`
	someID      = "1766666666666-1"
	someToken   = "1795440002250600"
	largest     = int64(1<<63 - 1)
)

// addReplies gives the fuzzer whole replies to start from, and the ends of what
// numbers can be.
func addReplies(f *testing.F, replies ...any) {
	for _, reply := range append(replies, nil, "x", 7, []any{}, []any{nil}) {
		f.Add(resptest.Encode(reply))
	}
}

func FuzzFetchReply(f *testing.F) {
	addReplies(f,
		[]any{0, 0},
		[]any{12, 1, someID, somePayload, "1766666666666-2", `{"DataStreamName":"a\xff"}`},
		[]any{-1, 0, "01-1", somePayload},
	)
	f.Fuzz(func(t *testing.T, data []byte) {
		answer := readReply(resptest.Decode(data))
		fetched, _, bad := readFetched(answer)
		if !answer.ok() {
			return
		}
		require.GreaterOrEqual(t, fetched.Left, int64(0))
		for _, assignment := range fetched.Assignments {
			requireAssignment(t, assignment)
		}
		requireMalformed(t, bad)
	})
}

func FuzzDeliveriesReply(f *testing.F) {
	addReplies(f,
		[]any{"restoring"},
		[]any{"page", 5, 2, "", someID, somePayload, someToken, 1, "1-2", "junk", "0", 0},
		[]any{"page", 5, 2, someID},
		[]any{"page", 5, 2, "no message ID"},
		[]any{"page", largest, -1, "", someID, somePayload, "9223372036854775808", 1},
	)
	f.Fuzz(func(t *testing.T, data []byte) {
		answer := readReply(resptest.Decode(data))
		answer.text()
		page, bad := readDeliveries(answer)
		if !answer.ok() {
			return
		}
		requireTally(t, page.Taken)
		for _, delivery := range page.Deliveries {
			requireAssignment(t, delivery.Assignment)
			require.GreaterOrEqual(t, delivery.Token, ports.Token(0))
		}
		require.True(t, page.Next == "" || IsMessageID(page.Next), "the cursor of the next page, %q, is one that Deliveries refuses", page.Next)
		requireMalformed(t, bad)
	})
}

func FuzzSweepReply(f *testing.F) {
	due := []any{someID, somePayload, someToken, "alice", 1, 17, 0}
	addReplies(f,
		[]any{[]any{}, []any{}, 0, 1, 0, 30_000},
		[]any{due, []any{"1-2", somePayload, "0", "", 0, 17, 5}, 1, 7, 1000, 0},
		[]any{[]any{}, []any{}, 0, largest, largest, largest},
		[]any{due, []any{someID, somePayload, someToken, "not/one of ours", 0, largest, largest}, 0, 1, 1, 0},
	)
	f.Fuzz(func(t *testing.T, data []byte) {
		answer := readReply(resptest.Decode(data))
		page, bad := readSweep(answer)
		if !answer.ok() {
			return
		}
		for _, swept := range append(page.Due, page.Round...) {
			requireAssignment(t, swept.Assignment)
			require.GreaterOrEqual(t, swept.Token, ports.Token(0))
			require.True(t, swept.Taker == "" || isIncarnation(swept.Taker), "taker %q", swept.Taker)
			requireTimes(t, swept.Age, swept.RetryIn)
		}
		require.GreaterOrEqual(t, page.RoundNumber, int64(0))
		require.GreaterOrEqual(t, page.RoundSize, int64(0))
		requireTimes(t, page.NextIn)
		requireMalformed(t, bad)
	})
}

func FuzzHeartbeatReply(f *testing.F) {
	addReplies(f,
		[]any{"layout", "2.0"},
		[]any{"fleet", 1795440002250600, 10, 4, 3, 250, 9, 7},
		[]any{"fleet", 1, 10, 4, 3, 250, 9, 7, "alice", "pod \x00\xff", 1, "b ob", "", 0},
		[]any{"fleet", 1, 10, 4, 3, largest, 9, 7},
	)
	f.Fuzz(func(t *testing.T, data []byte) {
		answer := readReply(resptest.Decode(data))
		answer.text()
		fleet := readFleet(answer)
		if !answer.ok() {
			return
		}
		for _, count := range []int64{fleet.Version, fleet.Owned, fleet.OwnedWithRoom, fleet.Backlog} {
			require.GreaterOrEqual(t, count, int64(0))
		}
		requireTimes(t, fleet.OldestWait)
		requireTally(t, fleet.Taken)
		for _, member := range fleet.Members {
			require.True(t, isIncarnation(member.Member.Incarnation), "incarnation %q", member.Member.Incarnation)
		}
	})
}

func FuzzTakeReply(f *testing.F) {
	verify := []any{"verify", somePayload, 1, 1}
	addReplies(f,
		[]any{[]any{"taken", somePayload, 1, 2, 0, 1, 9, 7}, []any{"disowned", someToken, 9, 7}, []any{"not yet", 500, 9, 7}, []any{"suspect", 9, 9, 7}},
		[]any{[]any{"lost", 9, 7}, verify, []any{"done", 9, 7}},
		[]any{verify, verify, verify},
		[]any{verify},
		[]any{[]any{"not yet", largest, 9, 7}, []any{"taken", somePayload, largest, -1, 1, 1, 9, 7}},
		[]any{[]any{"done", 9, 7}, []any{"done", 9, 7}, []any{"done", 9, 7}, []any{"done", 9, 7}},
	)
	requests := []ports.TakeRequest{{Ref: someRef("s")}, {Ref: someRef("t")}, {Ref: someRef("s")}, {Ref: someRef("s")}}
	f.Fuzz(func(t *testing.T, data []byte) {
		results := make([]ports.TakeResult, len(requests))
		questions := []takeQuestion{{index: 0}, {index: 1}, {index: 2, verified: true}, {index: 3}}
		const asked = 3 // the bytes of a batch may end before its questions
		unanswered, ok := readTakes(readReply(resptest.Decode(data)), requests, questions, asked, results)
		if !ok {
			return
		}
		again := map[int]bool{}
		for _, question := range unanswered {
			require.False(t, again[question.index], "request %d is asked twice in one batch", question.index)
			again[question.index] = true
		}
		for i, result := range results {
			if again[i] {
				require.Zero(t, result, "request %d has a result, and is asked again", i)
				continue
			}
			requireTaken(t, requests[i].Ref, result)
		}
	})
}

// FuzzTakeReplyAgain: nothing is asked for a third time, or a server could make
// Take ask for ever.
func FuzzTakeReplyAgain(f *testing.F) {
	verify := []any{"verify", somePayload, 1, 1}
	addReplies(f, []any{verify}, []any{verify, verify}, []any{[]any{"done", 9, 7}, verify})
	requests := []ports.TakeRequest{{Ref: someRef("s")}, {Ref: someRef("s")}}
	questions := []takeQuestion{{index: 0, verified: true}, {index: 1, verified: true}}
	f.Fuzz(func(t *testing.T, data []byte) {
		results := make([]ports.TakeResult, len(requests))
		unanswered, ok := readTakes(readReply(resptest.Decode(data)), requests, questions, len(questions), results)
		if ok {
			require.Less(t, len(unanswered), len(questions))
		}
	})
}

func requireTaken(t *testing.T, ref ports.StreamRef, result ports.TakeResult) {
	requireTally(t, result.Taken)
	requireTimes(t, result.RetryIn)
	require.GreaterOrEqual(t, result.Remembered, ports.Token(0))
	require.GreaterOrEqual(t, result.Failures, 0)
	require.GreaterOrEqual(t, result.Crashes, 0)
	if result.Err == nil {
		require.Equal(t, ref, result.Assignment.Ref)
		require.NoError(t, ports.ValidateInfo(result.Assignment.Info))
	}
}

func FuzzSettleReply(f *testing.F) {
	addReplies(f,
		[]any{[]any{"gone", 1, 9, 7}, []any{"given back", 0, 9, 7}},
		[]any{[]any{"disowned", someToken, 9, 7}, []any{"disowned", "0", 9, 7}},
		[]any{[]any{"gone", 1, 9, 7}, nil},
		[]any{[]any{"disowned", "-1", 9, 7}, []any{"gone", 1, -9, 7}},
	)
	settlements := []ports.Settlement{{Ref: someRef("s")}, {Ref: someRef("never asked")}, {Ref: someRef("t")}}
	f.Fuzz(func(t *testing.T, data []byte) {
		results := make([]ports.SettleResult, len(settlements))
		if !readSettles(readReply(resptest.Decode(data)), settlements, []int{0, 2}, results) {
			require.Equal(t, make([]ports.SettleResult, len(settlements)), results)
			return
		}
		require.Zero(t, results[1])
		for _, result := range results {
			requireTally(t, result.Taken)
			require.GreaterOrEqual(t, result.Remembered, ports.Token(0))
		}
	})
}

func someRef(name string) ports.StreamRef { return ports.StreamRef{Name: name, MessageID: someID} }

func requireAssignment(t *testing.T, assignment ports.Assignment) {
	require.NoError(t, ports.ValidateName(assignment.Ref.Name))
	require.NoError(t, ports.ValidateInfo(assignment.Info))
	require.True(t, IsMessageID(assignment.Ref.MessageID), "message ID %q", assignment.Ref.MessageID)
}

// requireMalformed: the reasons become JSON in a script.
func requireMalformed(t *testing.T, entries []malformed) {
	for _, entry := range entries {
		require.True(t, IsMessageID(entry.id), "message ID %q", entry.id)
		require.True(t, utf8.ValidString(entry.problem.Error()))
		require.Less(t, len(entry.problem.Error()), 1<<10)
	}
}

func requireTally(t *testing.T, tally ports.Tally) {
	require.GreaterOrEqual(t, tally.Change, int64(0))
	require.GreaterOrEqual(t, tally.Count, int64(0))
}

func requireTimes(t *testing.T, times ...time.Duration) {
	for _, one := range times {
		require.False(t, one < 0, "a time of %v", one)
	}
}
