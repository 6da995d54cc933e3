package notify

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/streamlease/streamlease/ports"
)

// FuzzLostSession: whatever somebody writes into the index of deadlines, what is
// heard of names a grant.
func FuzzLostSession(f *testing.F) {
	f.Add("00112233445566778899aabbccddeeff")
	f.Add("00112233445566778899AABBCCDDEEFF")
	f.Add("00000000000000000000000000000000")
	f.Add("not/one of ours")
	f.Fuzz(func(t *testing.T, text string) {
		hint, ours := lostSession([]string{text})
		if !ours {
			return
		}
		require.Equal(t, ports.HintGrant, hint.Kind)
		require.False(t, hint.Grant.IsZero(), "a hint about no grant")
		require.Equal(t, text, hint.Grant.String(), "a hint about another grant")
	})
}
