package core

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// TestAFetchThatIsLostIsMissedWithinALease: nobody else hears what it was to
// bring, so its member must not wait for it longer than for anything else.
func TestAFetchThatIsLostIsMissedWithinALease(t *testing.T) {
	for ttl, wait := range map[time.Duration]time.Duration{
		time.Second:      500 * time.Millisecond,
		10 * time.Second: 5 * time.Second,
		time.Minute:      5 * time.Second,
	} {
		m, err := New(Config{Member: Member{ID: "m1", Incarnation: "i1"}, Shape: GrantPerMember, TTL: ttl})
		require.NoError(t, err)
		require.Equal(t, wait, m.fetchWait())
	}
}
