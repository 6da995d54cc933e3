package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// The exit statuses.
const (
	held     = 0
	violated = 1
	misused  = 2
)

// errViolated is the result of a command whose run violated an invariant. What
// there is to say of it has been printed.
var errViolated = errors.New("an invariant was violated")

// commands is the command line.
type commands struct {
	List    listCommand    `cmd:"" help:"List the scenarios, or show one as a file."`
	Run     runCommand     `cmd:"" help:"Run one scenario."`
	Search  searchCommand  `cmd:"" help:"Draw worlds from seeds and run them, until one fails."`
	Replay  replayCommand  `cmd:"" help:"Run once more what a search drew from a seed."`
	Shrink  shrinkCommand  `cmd:"" help:"Reduce a run that fails to the few lines that make it fail."`
	Matrix  matrixCommand  `cmd:"" help:"Run every scenario on every combination of stores."`
	Exhaust exhaustCommand `cmd:"" help:"Go through everything that can happen in a small world."`
}

const description = `Breaks streamlease on purpose, in virtual time from one seed, and watches.

Exit status: 0 everything held, 1 an invariant was violated, 2 wrong use.`

// exited carries an exit status out of the parser, which goes on otherwise.
type exited int

func newParser(out, complaints io.Writer) *kong.Kong {
	return kong.Must(&commands{}, kong.Name("sim"), kong.Description(description),
		kong.Writers(out, complaints), kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}))
}

// run is the program: arguments in, exit status out.
func run(arguments []string, out, complaints io.Writer) (status int) {
	defer func() {
		if thrown := recover(); thrown != nil {
			code, ours := thrown.(exited)
			if !ours {
				panic(thrown)
			}
			status = int(code)
		}
	}()
	parsed, err := newParser(out, complaints).Parse(arguments)
	if err != nil {
		fmt.Fprintln(complaints, explained(err, arguments))
		return misused
	}
	err = parsed.Run(&console{out: out, complaints: complaints})
	switch {
	case err == nil:
		return held
	case errors.Is(err, errViolated):
		return violated
	default:
		fmt.Fprintf(complaints, "sim: %v\n", err)
		return misused
	}
}
