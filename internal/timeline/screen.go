package timeline

import (
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"
)

// redrawEvery is often enough for the eye.
const redrawEvery = 80 * time.Millisecond

// Config says how a History is shown.
type Config struct {
	// Title stands above the picture.
	Title string
	// Length is how long the run takes, about: what the width of the picture
	// stands for.
	Length time.Duration
	// Streams is how many streams there will be; a terminal that is too small
	// for them gets plain lines.
	Streams int
}

// Screen shows a History until it is closed.
type Screen struct {
	out     io.Writer
	history *History
	config  Config
	// size is that of the terminal; nil: the output is no terminal that can
	// show a picture, and lines are printed instead.
	size func() (width, height int, err error)

	stop    chan struct{}
	stopped sync.WaitGroup
	drawn   drawn
	printed printed
}

// drawn is the picture that stands on the terminal.
type drawn struct {
	lines, width, height int
}

// printed is how far the events have been printed as lines.
type printed struct {
	events, steps int
}

// Open begins to show the History. Close it before anything else is printed
// and before the program ends: it gives the cursor back.
func Open(out *os.File, history *History, config Config) *Screen {
	s := &Screen{out: out, history: history, config: config, stop: make(chan struct{})}
	if HasRoom(out, config.Streams, len(history.Facts().Members)) {
		s.size = sizeOf(out)
	}
	s.stopped.Go(s.run)
	return s
}

// HasRoom says whether a Screen would draw a picture of so many streams and
// members there: whether it is a terminal, large enough, and colours are wanted.
func HasRoom(out *os.File, streams, members int) bool {
	if !wantsPicture(out) {
		return false
	}
	width, height, err := sizeOf(out)()
	return err == nil && fits(width, height, streams, members)
}

// wantsPicture follows the conventions of no-color.org and of terminfo.
func wantsPicture(out *os.File) bool {
	return term.IsTerminal(int(out.Fd())) && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
}

func sizeOf(out *os.File) func() (width, height int, err error) {
	return func() (int, int, error) { return term.GetSize(int(out.Fd())) }
}

// Close shows what has happened until now and leaves it standing. It may be
// called again.
func (s *Screen) Close() {
	select {
	case <-s.stop:
	default:
		close(s.stop)
	}
	s.stopped.Wait()
}

func (s *Screen) run() {
	if s.size == nil {
		s.print()
		return
	}
	s.draw()
}

const (
	hideCursor  = "\x1b[?25l"
	showCursor  = "\x1b[?25h"
	clearLine   = "\x1b[K"
	clearBelow  = "\x1b[J"
	clearScreen = "\x1b[2J\x1b[H"
)

func (s *Screen) draw() {
	s.write(hideCursor)
	ticker := time.NewTicker(redrawEvery)
	defer ticker.Stop()
	for going := true; going; {
		s.redraw()
		select {
		case <-ticker.C:
		case <-s.stop:
			going = false
		}
	}
	s.redraw()
	s.write(showCursor)
}

// redraw writes a whole picture over the one that stands there, in one write,
// so that nobody sees half of it.
func (s *Screen) redraw() {
	width, height, err := s.size()
	if err != nil {
		return // the terminal is gone
	}
	frame := frame{
		facts:   s.history.Facts(),
		title:   s.config.Title,
		streams: s.config.Streams,
		length:  s.config.Length,
		width:   width,
		height:  height,
	}
	var picture strings.Builder
	switch {
	case s.drawn.lines > 0 && (width != s.drawn.width || height != s.drawn.height):
		picture.WriteString(clearScreen) // nobody knows where the old lines have moved
	case s.drawn.lines > 0:
		fmt.Fprintf(&picture, "\x1b[%dA\r", s.drawn.lines)
	}
	lines := frame.lines()
	for _, line := range lines {
		picture.WriteString(line + clearLine + "\r\n")
	}
	picture.WriteString(clearBelow)
	s.write(picture.String())
	s.drawn = drawn{lines: len(lines), width: width, height: height}
}

func (s *Screen) print() {
	s.write(s.config.Title + "\n")
	for {
		changed := s.history.whenChanged()
		s.printNew()
		select {
		case <-changed:
		case <-s.stop:
			s.printNew()
			return
		}
	}
}

func (s *Screen) printNew() {
	events := s.history.Facts().Events
	for _, event := range events[s.printed.events:] {
		if event.Kind == Step {
			s.printed.steps++
		}
		if line := plainLine(event, s.printed.steps); line != "" {
			s.write(line + "\n")
		}
	}
	s.printed.events = len(events)
}

// write ignores errors: a terminal that is gone is no reason to leave the
// members without an end.
func (s *Screen) write(text string) { _, _ = io.WriteString(s.out, text) }
