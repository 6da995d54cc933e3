package main

import (
	"bytes"
	"context"
	"time"

	"golang.org/x/term"

	"github.com/streamlease/streamlease/internal/commandline"
)

// watchFlags make a list live.
type watchFlags struct {
	Watch bool          `help:"Show it again and again, until Ctrl-C."`
	Every time.Duration `default:"2s" placeholder:"TIME" help:"How often --watch looks."`
}

// shortestEvery keeps --watch from being a load.
const shortestEvery = 100 * time.Millisecond

// watch draws what show writes, as often as was asked for. In a terminal each
// picture takes the place of the one before, and has rows for what fits.
func (w watchFlags) watch(c *console, show func(ctx context.Context, screen *console, rows int) error) error {
	if w.Every < shortestEvery {
		return misuse("--every: %v is too often; the shortest is %v", w.Every, shortestEvery)
	}
	ticker := time.NewTicker(w.Every)
	defer ticker.Stop()
	for {
		var picture bytes.Buffer
		screen := *c
		screen.out, screen.complaints = &picture, &picture
		if c.json {
			screen.complaints = c.complaints
		}
		err := show(c.ctx, &screen, c.rows())
		if c.ctx.Err() != nil {
			return nil // Ctrl-C is how one leaves
		}
		if err != nil {
			// It may pass: a failover is what one wants to watch.
			screen.remark("streamlease: %v", err)
		}
		c.draw(picture.Bytes())
		select {
		case <-c.ctx.Done():
			return nil
		case <-ticker.C:
		}
	}
}

// Around the rows of a list there is its header, the sum and the cursor's line.
const linesAround = 3

// rows is how many fit; all, where there is no terminal.
func (c *console) rows() int {
	const all = 1 << 30
	out := commandline.Terminal(c.out)
	if out == nil || c.json {
		return all
	}
	_, height, err := term.GetSize(int(out.Fd()))
	if err != nil {
		return all
	}
	return max(height-linesAround, 1)
}

func (c *console) draw(picture []byte) {
	const home, clearLine, clearRest = "\x1b[H", "\x1b[K", "\x1b[J"
	if commandline.Terminal(c.out) != nil && !c.json {
		picture = bytes.ReplaceAll(picture, []byte("\n"), []byte(clearLine+"\n"))
		picture = append([]byte(home), append(picture, clearRest...)...)
	}
	_, _ = c.out.Write(picture)
}
