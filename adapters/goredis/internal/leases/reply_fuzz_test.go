package leases

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/adapters/internal/resptest"
	"github.com/streamlease/streamlease/ports"
)

// The targets of this file look for a reply that makes a reader panic, or from
// which something comes out that the type does not allow.

const (
	grantText = "00112233445566778899aabbccddeeff"
	someToken = "1795440002250600"
	largest   = "9223372036854775807"
)

// addReplies gives the fuzzer whole replies to start from.
func addReplies(f *testing.F, replies ...any) {
	for _, reply := range append(replies, nil, "x", 7, []any{}, []any{nil}) {
		f.Add(resptest.Encode(reply))
	}
}

func someGrant(t testing.TB) ports.GrantID {
	grant, err := ports.ParseGrantID(grantText)
	require.NoError(t, err)
	return grant
}

func FuzzAcquireReply(f *testing.F) {
	held := []any{"held", "9", "7", grantText, someToken, "1-1", "alice", "pod alice", "2500000"}
	addReplies(f,
		[]any{"acquired", someToken, "9", "7"},
		held, []any{"expired"}, []any{"exhausted"},
		[]any{"acquired", "3", "9", "7"},
		[]any{"acquired", "0", "9", "7"},
		[]any{"held", "9", "7", grantText, someToken, "1-1", "alice", "", largest},
		[]any{"held", "9", "7", grantText, "9223372036854775808", "1-1", "", "", "-1"},
	)
	request := ports.AcquireRequest{Ref: ports.StreamRef{Name: "s", MessageID: "1-1"}, Grant: someGrant(f), Floor: 3}
	f.Fuzz(func(t *testing.T, data []byte) {
		result := readAcquired(request, resptest.Decode(data))
		requireTally(t, result.Tally)
		if result.Err == nil {
			require.Greater(t, result.Token, request.Floor, "a token that is not above the floor")
		}
		requireHolder(t, request.Ref.Name, result.Holder)
	})
}

func FuzzRenewReply(f *testing.F) {
	addReplies(f, []any{"9", "7"}, []any{"9", "-7"}, []any{"9", "7", ""}, []any{9, 7}, []any{largest, "9223372036854775808"})
	grant := someGrant(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		result := readRenewed(grant, resptest.Decode(data))
		requireTally(t, result.Tally)
		if result.Err != nil {
			require.Zero(t, result.Tally)
		}
	})
}

func FuzzLeasesReply(f *testing.F) {
	addReplies(f,
		[]any{"live", "9", "7", "", "s", someToken, "1-1"},
		[]any{"expired", "9", "7", someToken, "s", someToken, "1-1", "t", "2", "x y"},
		[]any{"live", "9", "7", "", "a\xff", someToken, "1-1"},
		[]any{"live", "9", "7", "", "", someToken, "1-1"},
		[]any{"live", "9", "7", "", "s", "0", "1-1"},
		[]any{"live", "9", "7", "no token"},
		[]any{"dead", "9", "7", ""},
	)
	grant := someGrant(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		page, known, ok := readPage(grant, resptest.Decode(data))
		if !known || !ok {
			return
		}
		requireTally(t, page.Tally)
		require.NoError(t, checkCursor(page.Next), "Leases refuses the cursor that it answered")
		for _, lease := range page.Leases {
			require.NoError(t, ports.ValidateName(lease.Ref.Name))
			require.Positive(t, lease.Token)
			require.Equal(t, grant, lease.Grant)
		}
	})
}

func FuzzReleaseReply(f *testing.F) {
	addReplies(f, []any{"1", "9", "7"}, []any{"0", "9", "7"}, []any{"2", "9", "7"}, []any{"1", "9", "-7"})
	f.Fuzz(func(t *testing.T, data []byte) {
		result := readReleased("s", resptest.Decode(data))
		requireTally(t, result.Tally)
		if result.Err != nil {
			require.Zero(t, result.Tally)
			require.False(t, result.Changed)
		}
	})
}

func FuzzInspectReply(f *testing.F) {
	addReplies(f,
		[]any{grantText, someToken, "1-1", "alice", "pod alice", "2500000"},
		[]any{grantText, "0", "1-1", "alice", "pod alice", "2500000"},
		[]any{"00000000000000000000000000000000", someToken, "", "", "", "0"},
		[]any{grantText, someToken, "1-1", "not/one of ours", "pod alice", largest},
	)
	f.Fuzz(func(t *testing.T, data []byte) {
		result := readInspected("s", resptest.Decode(data))
		if !result.Held {
			require.Zero(t, result.Holder)
			return
		}
		require.NoError(t, result.Err)
		require.Positive(t, result.Holder.Lease.Token)
		require.False(t, result.Holder.Lease.Grant.IsZero())
		requireHolder(t, "s", result.Holder)
	})
}

func requireTally(t *testing.T, tally ports.Tally) {
	require.GreaterOrEqual(t, tally.Change, int64(0))
	require.GreaterOrEqual(t, tally.Count, int64(0))
}

func requireHolder(t *testing.T, name string, holder ports.Holder) {
	if holder == (ports.Holder{}) {
		return
	}
	require.Equal(t, name, holder.Lease.Ref.Name)
	require.GreaterOrEqual(t, holder.Lease.Token, ports.Token(0))
	require.False(t, holder.ExpiresIn < 0, "a time of %v", holder.ExpiresIn)
}
