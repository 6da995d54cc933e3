package source

import (
	"encoding/json"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

// readers are all that reads a script's answer.
var readers = map[string]func(*reply){
	"take":       func(answer *reply) { readTake(answer, ports.StreamRef{Name: "s", MessageID: "1-1"}) },
	"settle":     func(answer *reply) { readSettle(answer, ports.StreamRef{Name: "s", MessageID: "1-1"}) },
	"fetch":      func(answer *reply) { readFetched(answer) },
	"deliveries": func(answer *reply) { readDeliveries(answer) },
	"sweep":      func(answer *reply) { readSweep(answer) },
	"heartbeat":  func(answer *reply) { readFleet(answer) },
}

// anyReply makes what a server might answer: any nesting, any values, now and
// then the very words of the contracts.
func anyReply(random *rand.Rand, depth int) any {
	words := []string{"taken", "disowned", "not yet", "suspect", "lost", "done", "verify", "gone", "given back", "page", "1-1", "0", "-1", "99999999999999999999", "\xff", `{"DataStreamName":"s"}`}
	switch pick := random.IntN(8); {
	case pick < 3:
		return words[random.IntN(len(words))]
	case pick < 5:
		return random.Int64() - random.Int64()
	case pick == 5:
		return nil
	case pick == 6 && depth > 0:
		values := make([]any, random.IntN(12))
		for i := range values {
			values[i] = anyReply(random, depth-1)
		}
		return values
	default:
		return random.Int64N(3)
	}
}

func TestNoReplyMakesAReaderPanic(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 5_000 {
		values := make([]any, random.IntN(16))
		for i := range values {
			values[i] = anyReply(random, 2)
		}
		for name, read := range readers {
			text, _ := json.Marshal(values)
			require.NotPanics(t, func() { read(readReply(values)) }, "%s: %s", name, text)
		}
	}
	for _, read := range readers {
		for _, raw := range []any{nil, int64(1), "x", []any{}, map[any]any{}} {
			require.NotPanics(t, func() { read(readReply(raw)) })
		}
	}
}

func TestAReplyThatBreaksItsContractIsAnUnknownOutcome(t *testing.T) {
	ref := ports.StreamRef{Name: "s", MessageID: "1-1"}
	payload := `{"DataStreamName":"s"}`
	for _, values := range [][]any{
		{"taken", payload, int64(0), int64(0), int64(0), int64(1), int64(1)},
		{"taken", payload, int64(0), "0", int64(0), int64(1), int64(1), int64(1)},
		{"taken", payload, int64(0), int64(0), "0", int64(1), int64(1), int64(1)},
		{"taken", payload, int64(-1), int64(0), int64(0), int64(1), int64(1), int64(1)},
		{"taken", "junk", int64(0), int64(0), int64(0), int64(1), int64(1), int64(1)},
		{"suspect", "3", int64(1), int64(1)},
		{"disowned", "x", int64(1), int64(1)},
		{"disowned", int64(7), int64(1), int64(1)},
		{"whatever", int64(1), int64(1)},
		{},
	} {
		result, verify := readTake(readReply(values), ref)
		require.False(t, verify)
		require.Error(t, result.Err)
		for _, known := range []error{ports.ErrDisowned, ports.ErrDone, ports.ErrLost, ports.ErrNotYet, ports.ErrSuspect, ports.ErrRefused} {
			require.NotErrorIs(t, result.Err, known)
		}
	}
	result, _ := readTake(readReply([]any{"taken", payload, int64(0), int64(0), int64(0), int64(1), int64(1), int64(1)}), ref)
	require.NoError(t, result.Err)
}

func TestMessageIDs(t *testing.T) {
	for text, want := range map[string]bool{
		"0-0": true, "1-1": true, "18446744073709551615-18446744073709551615": true,
		"": false, "1": false, "-": false, "1-": false, "-1": false, "01-1": false, "1-01": false,
		"18446744073709551616-0": false, "1-1-1": false, "+1-1": false, "1-1 ": false, "1 -1": false,
	} {
		require.Equal(t, want, IsMessageID(text), "%q", text)
	}
}
