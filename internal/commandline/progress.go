package commandline

import (
	"fmt"
	"io"
	"time"

	"github.com/schollz/progressbar/v3"
)

// Progress shows how far a long command has come: a bar in a terminal, a line
// now and then elsewhere.
type Progress struct {
	out   io.Writer
	bar   *progressbar.ProgressBar // nil: no terminal
	shown time.Time
}

const (
	barSteps   = 1000
	barEvery   = 100 * time.Millisecond
	linesEvery = 15 * time.Second
)

// NewProgress shows it on out, which is best the standard error stream. Close it.
func NewProgress(out io.Writer) *Progress {
	p := &Progress{out: out, shown: time.Now()}
	if out := Terminal(out); out != nil {
		p.bar = progressbar.NewOptions(barSteps, progressbar.OptionSetWriter(out), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetElapsedTime(true), progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetWidth(30), progressbar.OptionShowDescriptionAtLineEnd())
	}
	return p
}

// Reach shows that a part of all, from 0 to 1, is done.
func (p *Progress) Reach(part float64, describe func() string) {
	since := time.Since(p.shown)
	switch {
	case p.bar == nil && since >= linesEvery:
		fmt.Fprintf(p.out, "%3.0f %%  %s\n", 100*part, describe())
	case p.bar != nil && since >= barEvery:
		p.bar.Describe(describe())
		_ = p.bar.Set(int(part * barSteps)) // a terminal that is gone ends nothing
	default:
		return
	}
	p.shown = time.Now()
}

// Close takes the bar away.
func (p *Progress) Close() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
