package main

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/streamlease/streamlease/internal/commandline"
	"github.com/streamlease/streamlease/internal/sim"
	"github.com/streamlease/streamlease/internal/sim/page"
)

// recordFlags say what is kept of a run, and what is shown of it.
type recordFlags struct {
	Trace string `group:"Record" placeholder:"FILE" help:"Write everything that happens, a line for each event."`
	HTML  string `group:"Record" name:"html" placeholder:"FILE" help:"Write a page that shows the run: who owned what, who believed so, and why."`
	Live  bool   `group:"Record" default:"true" negatable:"" help:"In a terminal that is large enough, draw who owns what while it happens. Ctrl-C skips to the end."`
	Quiet bool   `group:"Record" short:"q" help:"Show the result only."`
}

// recorder hears of every event of a run.
type recorder struct {
	flags recordFlags
	trace *traceFile // nil: none is wanted
	page  *os.File   // nil: none is wanted
}

// longestPage is the longest time of faults that there are pages of.
const longestPage = 24 * time.Hour

// open makes the files that are wanted, before anything runs.
func (f recordFlags) open(scenario *sim.Scenario) (r *recorder, err error) {
	r = &recorder{flags: f}
	if f.HTML != "" && scenario.Setup.Filled().Faults > longestPage {
		return nil, fmt.Errorf("--html: nobody reads a page of more than %v; let --duration be less", longestPage)
	}
	if f.Trace != "" {
		if r.trace, err = newTraceFile(f.Trace); err != nil {
			return nil, err
		}
	}
	if f.HTML != "" {
		if r.page, err = os.Create(f.HTML); err != nil {
			return nil, fmt.Errorf("--html: %w", err)
		}
	}
	return r, nil
}

// close writes what is left to write. again is the command that runs the same.
func (r *recorder) close(result *sim.Result, again string) error {
	if r.trace != nil {
		if err := r.trace.close(); err != nil {
			return err
		}
	}
	if r.page == nil {
		return nil
	}
	written := page.Write(r.page, page.Run{Result: *result, Replay: again})
	if err := errors.Join(written, r.page.Close()); err != nil {
		return fmt.Errorf("--html: %w", err)
	}
	return nil
}

// repetition is how to have a run again, and less of it: commands without the
// program.
type repetition struct {
	again  string
	shrink string // empty: there is no less of it
}

// watch runs a scenario, shows it, and says how it went.
func (c *console) watch(scenario sim.Scenario, seed uint64, world *worldFlags, record *recorder, repeat repetition) error {
	return c.watchPlay(scenario, record, repeat, func(options sim.Options) sim.Result {
		options.Seed, options.Ablation = seed, world.Ablate.off()
		return world.play(scenario, options)
	})
}

// watchPlay shows what is played, and says how it went.
func (c *console) watchPlay(scenario sim.Scenario, record *recorder, repeat repetition, play func(sim.Options) sim.Result) error {
	var options sim.Options
	show, shown := c.show(scenario, record.flags)
	options.Watch = show
	if record.trace != nil {
		options.Watch = func(e sim.Event) {
			record.trace.write(e)
			show(e)
		}
	}
	options.Trace, options.Chronicle = record.page != nil, record.page != nil
	result := play(options)
	shown()
	if err := record.close(&result, program+repeat.again); err != nil {
		return err
	}
	next := ""
	if repeat.shrink != "" {
		next = "shrink it with: " + program + repeat.shrink
	}
	return c.conclude(&result, next)
}

// show is what shows events as they happen, and what ends the showing.
func (c *console) show(scenario sim.Scenario, flags recordFlags) (show func(sim.Event), shown func()) {
	if flags.Quiet {
		bar := commandline.NewProgress(c.complaints)
		faults := scenario.Setup.Filled().Faults
		return func(e sim.Event) {
			bar.Reach(min(1, float64(e.At)/float64(faults)), func() string { return longTime(e.At) })
		}, bar.Close
	}
	if flags.Live {
		if view := c.liveView(scenario); view != nil {
			return view.show, view.close
		}
	}
	lines := narrator{console: c}
	return lines.tell, func() { c.say("") }
}

// traceFile takes the events of a run, one for each line.
type traceFile struct {
	file   *os.File
	buffer *bufio.Writer
}

func newTraceFile(path string) (*traceFile, error) {
	file, err := os.Create(path)
	if err != nil {
		return nil, fmt.Errorf("--trace: %w", err)
	}
	return &traceFile{file: file, buffer: bufio.NewWriter(file)}, nil
}

// write keeps an error until close: the buffer remembers it.
func (t *traceFile) write(e sim.Event) { fmt.Fprintln(t.buffer, e) }

func (t *traceFile) close() error {
	flushed := t.buffer.Flush()
	closed := t.file.Close()
	if flushed != nil {
		return fmt.Errorf("--trace: %w", flushed)
	}
	if closed != nil {
		return fmt.Errorf("--trace: %w", closed)
	}
	return nil
}
