package timeline

import (
	"fmt"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
)

var sequences = regexp.MustCompile("\x1b\\[[0-9;?]*[A-Za-z]")

// seen is what stays of a line when the colours are taken away.
func seen(line string) string { return sequences.ReplaceAllString(line, "") }

func drawnAt(h *History, width, height int) []string {
	f := frame{facts: h.Facts(), title: "title", streams: 2, length: 10 * time.Second, width: width, height: height}
	var lines []string
	for _, line := range f.lines() {
		lines = append(lines, seen(line))
	}
	return lines
}

func TestThePictureShowsWhoOwnedWhatWhen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := oneIsLost(Killed)
		time.Sleep(time.Second)
		h.Record(Event{Kind: Refused, Member: "B", Stream: "s1", Token: 1})
		time.Sleep(time.Second)
		h.Record(Event{Kind: Finished, Member: "A", Stream: "s1", Token: 2})
		time.Sleep(time.Second)

		lines := drawnAt(h, 1+nameWidth+stateWidth+40, 24) // four columns a second
		require.Equal(t, "s1        "+"    ....BBBBxxxxxxxxAAAA!AAA*"+strings.Repeat(" ", 11)+" done", lines[2])
		require.Equal(t, " A        starts   owns  0   finished  1", lines[5])
		require.Equal(t, " B        killed   owns  0   finished  0", lines[6])
	})
}

func TestThePictureNeverReachesTheEdgesOfTheTerminal(t *testing.T) {
	h := NewHistory("A", "a member with a long name")
	h.Label("A", strings.Repeat("label ", 50))
	for i := range 30 {
		h.Record(Event{Kind: Added, Member: "A", Stream: fmt.Sprint(strings.Repeat("s", i), "\n\x1b[2J", "\u4e16"), Token: int64(i)})
		h.Step(strings.Repeat("word ", i))
		h.Say("%s", strings.Repeat("w", 10*i))
	}
	for width := range 130 {
		for _, height := range []int{0, 1, 5, 24, 40, 100} {
			lines := drawnAt(h, width, height)
			require.LessOrEqual(t, len(lines), max(height-1, 0))
			for _, line := range lines {
				require.LessOrEqual(t, len(line), max(width-1, 0), "at width %d: %q", width, line)
				require.Regexp(t, "^[ -~]*$", line)
			}
		}
	}
}

func TestTheStoryEndsWithItsLatestLine(t *testing.T) {
	h := NewHistory("A")
	for i := range 20 {
		h.Step(fmt.Sprint("step ", i))
	}
	h.Say("the end")
	lines := drawnAt(h, 80, 24)
	require.Len(t, lines, 23)
	require.Equal(t, "   the end", lines[22])
	require.Equal(t, "20 step 19", lines[21])
}

func TestATerminalThatIsTooSmallGetsNoPicture(t *testing.T) {
	require.True(t, fits(80, 24, 11, 3))
	require.False(t, fits(50, 24, 11, 3))
	require.False(t, fits(80, 20, 11, 3))
}
