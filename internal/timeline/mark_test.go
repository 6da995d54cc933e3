package timeline

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestAMemberIsMarkedByTheLetterThatTellsItFromOthers(t *testing.T) {
	for _, row := range []struct{ members, marks []string }{
		{[]string{"A", "B"}, []string{"A", "B"}},
		{[]string{"m1", "m2", "billing"}, []string{"1", "2", "b"}},
		{[]string{"é1", "é2"}, []string{"1", "2"}},
		{[]string{""}, []string{"\ufffd"}},
	} {
		facts := NewHistory(row.members...).Facts()
		var marks []string
		for i := range row.members {
			marks = append(marks, facts.mark(i))
		}
		require.Equal(t, row.marks, marks)
	}
}

func TestAHistoryGoesByTheClockOfItsWorld(t *testing.T) {
	h := NewHistoryOf(func() time.Duration { return 42 * time.Second })
	h.Say("now")
	require.Equal(t, 42*time.Second, h.Facts().Events[0].At)
	require.Equal(t, 42*time.Second, h.Facts().At)
}
