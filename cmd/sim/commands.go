package main

import (
	"errors"
	"fmt"
	"io"

	"github.com/alecthomas/kong"

	"github.com/streamlease/streamlease/internal/commandline"
)

// The exit statuses.
const (
	held     = 0
	violated = 1
	misused  = commandline.Misused
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
	Demo    demoCommand    `cmd:"" help:"Play in a browser: break members, and see who takes over."`
}

const description = `Breaks streamlease on purpose, in virtual time from one seed, and watches.

Exit status: 0 everything held, 1 an invariant was violated, 2 wrong use.`

func newProgram(out, complaints io.Writer) commandline.Program {
	return commandline.Program{
		Name: "sim", Description: description, Commands: &commands{}, Out: out, Complaints: complaints,
	}
}

// run is the program: arguments in, exit status out.
func run(arguments []string, out, complaints io.Writer) (status int) {
	return newProgram(out, complaints).Run(arguments, func(parsed *kong.Context) int {
		err := parsed.Run(&console{out: out, complaints: complaints})
		switch {
		case err == nil:
			return held
		case errors.Is(err, errViolated):
			return violated
		default:
			fmt.Fprintf(complaints, "sim: %v\n", err)
			return misused
		}
	})
}
