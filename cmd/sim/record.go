package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/streamlease/streamlease/internal/sim"
)

// recordFlags say what is kept of a run, and what is shown of it.
type recordFlags struct {
	Trace string `group:"Record" placeholder:"FILE" help:"Write everything that happens, a line for each event."`
	Live  bool   `group:"Record" default:"true" negatable:"" help:"In a terminal that is large enough, draw who owns what while it happens. Ctrl-C skips to the end."`
	Quiet bool   `group:"Record" short:"q" help:"Show the result only."`
}

// recorder hears of every event of a run.
type recorder struct {
	flags recordFlags
	trace *traceFile // nil: none is wanted
}

// open makes the files that are wanted, before anything runs.
func (f recordFlags) open() (*recorder, error) {
	r := &recorder{flags: f}
	if f.Trace != "" {
		trace, err := newTraceFile(f.Trace)
		if err != nil {
			return nil, err
		}
		r.trace = trace
	}
	return r, nil
}

func (r *recorder) close() error {
	if r.trace != nil {
		return r.trace.close()
	}
	return nil
}

// watch runs a scenario, shows it, and says how it went. shrink is the command
// that reduces it, should it fail.
func (c *console) watch(scenario sim.Scenario, options sim.Options, record *recorder, shrink string) error {
	show, shown := c.show(scenario, record.flags)
	options.Watch = show
	if record.trace != nil {
		options.Watch = func(e sim.Event) {
			record.trace.write(e)
			show(e)
		}
	}
	result := sim.Run(scenario, options)
	shown()
	if err := record.close(); err != nil {
		return err
	}
	return c.conclude(&result, shrink)
}

// show is what shows events as they happen, and what ends the showing.
func (c *console) show(scenario sim.Scenario, flags recordFlags) (show func(sim.Event), shown func()) {
	if flags.Quiet {
		bar := c.newProgress()
		faults := scenario.Setup.Filled().Faults
		return func(e sim.Event) {
			bar.reach(min(1, float64(e.At)/float64(faults)), func() string { return longTime(e.At) })
		}, bar.close
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
