package timeline

import (
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestWhatIsNoTerminalGetsPlainLines(t *testing.T) {
	reader, writer, err := os.Pipe()
	require.NoError(t, err)
	h := NewHistory("A")
	screen := Open(writer, h, Config{Title: "title", Streams: 1})
	h.Step("It begins.")
	h.Record(Event{Kind: Added, Member: "A", Stream: "s1\x1b", Token: 7})
	h.Say("It was %d.", 1)
	screen.Close()
	screen.Close()
	require.NoError(t, writer.Close())
	output, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Regexp(t, `^title

1  It begins\.
 +\d+\.\d\d s  A owns s1\?
   It was 1\.
$`, string(output))
}

func TestAPictureIsDrawnOverTheOneBefore(t *testing.T) {
	output := new(strings.Builder)
	width := 80
	s := &Screen{
		out: output, history: NewHistory("A"), config: Config{Title: "title", Streams: 1}, stop: make(chan struct{}),
		size: func() (int, int, error) { return width, 24, nil },
	}
	s.redraw()
	first := output.String()
	require.NotContains(t, first, "\x1b[2J", "what stood on the terminal before was wiped away")
	output.Reset()
	s.redraw()
	require.True(t, strings.HasPrefix(output.String(), "\x1b[6A\r"), "%q", output)
	output.Reset()
	width = 100
	s.redraw()
	require.True(t, strings.HasPrefix(output.String(), clearScreen), "%q", output)
}

func TestTheCursorComesBack(t *testing.T) {
	output := new(strings.Builder)
	s := &Screen{
		out: output, history: NewHistory("A"), stop: make(chan struct{}),
		size: func() (int, int, error) { return 80, 24, nil },
	}
	s.stopped.Go(s.run)
	s.Close()
	require.True(t, strings.HasPrefix(output.String(), hideCursor), "%q", output)
	require.True(t, strings.HasSuffix(output.String(), showCursor), "%q", output)
}
