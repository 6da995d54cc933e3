package main

import (
	"time"

	"github.com/schollz/progressbar/v3"
)

// progress shows how far a long command has come: a bar in a terminal, a line
// now and then elsewhere.
type progress struct {
	console *console
	bar     *progressbar.ProgressBar // nil: no terminal
	shown   time.Time
}

const (
	barSteps   = 1000
	barEvery   = 100 * time.Millisecond
	linesEvery = 15 * time.Second
)

func (c *console) newProgress() *progress {
	p := &progress{console: c, shown: time.Now()}
	if out := terminal(c.complaints); out != nil {
		p.bar = progressbar.NewOptions(barSteps, progressbar.OptionSetWriter(out), progressbar.OptionClearOnFinish(),
			progressbar.OptionSetElapsedTime(true), progressbar.OptionSetPredictTime(false),
			progressbar.OptionSetWidth(30), progressbar.OptionShowDescriptionAtLineEnd())
	}
	return p
}

// reach shows that a part of all, from 0 to 1, is done.
func (p *progress) reach(part float64, describe func() string) {
	since := time.Since(p.shown)
	switch {
	case p.bar == nil && since >= linesEvery:
		p.console.remark("%3.0f %%  %s", 100*part, describe())
	case p.bar != nil && since >= barEvery:
		p.bar.Describe(describe())
		_ = p.bar.Set(int(part * barSteps)) // a terminal that is gone ends nothing
	default:
		return
	}
	p.shown = time.Now()
}

// close takes the bar away.
func (p *progress) close() {
	if p.bar != nil {
		_ = p.bar.Finish()
	}
}
