package lockindex

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/adapters/internal/resptest"
	"github.com/streamlease/streamlease/ports"
)

// The targets of this file look for a reply that makes a reader panic, or from
// which something comes out that the type does not allow.

const (
	someValue = "00112233445566778899aabbccddeeff"
	someToken = "1795440002250600"
	largest   = "9223372036854775807"
)

func addReplies(f *testing.F, replies ...any) {
	for _, reply := range append(replies, nil, "x", 7, []any{}, []any{nil}) {
		f.Add(resptest.Encode(reply))
	}
}

// read reports whether the whole reply was as expected: only then its value is
// ever used.
func read[T any](data []byte, by func(*reply.Reader) T) (value T, whole bool) {
	r := reply.New(resptest.Decode(data))
	value = by(r)
	return value, r.Done()
}

// FuzzAcquiringReply: what opens a grant and draws a token.
func FuzzAcquiringReply(f *testing.F) {
	addReplies(f, []any{"opened"}, []any{"held"}, []any{"another"}, []any{"expired"}, []any{"opened", ""},
		[]any{"drawn", someToken}, []any{"drawn", "0"}, []any{"drawn", "9223372036854775808"}, []any{"exhausted"}, []any{"exhausted", "1"})
	f.Fuzz(func(t *testing.T, data []byte) {
		if answer, whole := read(data, opened); whole {
			require.Contains(t, []Opened{OpenedNow, OpenedHeld, OpenedAnother, OpenedExpired}, answer)
		}
		if token, whole := read(data, drawn); whole {
			require.GreaterOrEqual(t, token, ports.Token(0), "0 says that none is left")
		}
	})
}

// FuzzKeepingReply: what renews a lease and says what is left of one.
func FuzzKeepingReply(f *testing.F) {
	addReplies(f, []any{"s", "2500"}, []any{"s", largest}, []any{"s", "-1"}, []any{"", "2500"}, []any{"a\xff", "2500"},
		[]any{"live"}, []any{"expired"}, []any{"released"}, []any{"gone"},
		[]any{"opened"}, []any{"live", "s", someToken, "1-1"}, []any{"expired", "s", "0", ""}, []any{"live", "s", "-1", "1-1"})
	grant, err := ports.ParseGrantID(someValue)
	require.NoError(f, err)
	f.Fuzz(func(t *testing.T, data []byte) {
		if renewed, whole := read(data, renewal); whole && renewed != (Renewal{}) {
			require.NoError(t, ports.ValidateName(renewed.Name))
			require.False(t, renewed.TTL < 0, "a TTL of %v", renewed.TTL)
		}
		if phase, whole := read(data, matched); whole {
			require.Contains(t, []Phase{Live, Expired, Released, Unknown}, phase)
		}
		left, whole := read(data, func(r *reply.Reader) Left { return readLeft(r, grant) })
		if whole && left.Lease != (ports.Lease{}) {
			require.Equal(t, grant, left.Lease.Grant)
			require.NoError(t, ports.ValidateName(left.Lease.Ref.Name))
			require.GreaterOrEqual(t, left.Lease.Token, ports.Token(0))
		}
	})
}

// FuzzHoldingReply: who holds a name, by the index and by the lock.
func FuzzHoldingReply(f *testing.F) {
	addReplies(f, []any{someValue, "2500000"}, []any{"somebody's", largest},
		[]any{someValue, "2500000", someToken, "1-1", "alice", "pod alice"},
		[]any{someValue, "2500000", "0", "1-1", "alice", ""},
		[]any{someValue, "-1", someToken, "1-1", "alice", "pod alice", "more"})
	f.Fuzz(func(t *testing.T, data []byte) {
		held, whole := read(data, holding)
		if !whole {
			return
		}
		require.False(t, held.Holder.ExpiresIn < 0, "a time of %v", held.Holder.ExpiresIn)
		require.GreaterOrEqual(t, held.Holder.Lease.Token, ports.Token(0))
		if held.Opening {
			require.Zero(t, held.Holder.Lease.Token, "a lease that is being acquired has no token")
		}
	})
}

// FuzzLapsedReply: leases whose locks have gone.
func FuzzLapsedReply(f *testing.F) {
	addReplies(f, []any{"s", "1-1", "7"}, []any{"s", "1-1", "7", "t", "2-2", "1"}, []any{"s"}, []any{"s", "1-1"}, []any{"s", "1-1", "-7"},
		[]any{"s", "1-1", "9223372036854775807"}, []any{"", "1-1", "7"}, []any{"s", "", "7"}, []any{"a\xff", "1-1", "7"})
	f.Fuzz(func(t *testing.T, data []byte) {
		hints, whole := read(data, lostLeases)
		if !whole {
			return
		}
		for _, hint := range hints {
			require.Equal(t, ports.HintRef, hint.Kind)
			require.NoError(t, ports.ValidateName(hint.Ref.Name))
			require.NotEmpty(t, hint.Ref.MessageID)
			require.GreaterOrEqual(t, hint.Age, time.Duration(0))
		}
	})
}
