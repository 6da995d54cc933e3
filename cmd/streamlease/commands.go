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
	well    = 0
	unwell  = 1
	misused = commandline.Misused
)

// errUnwell is the result of a command that found something which is not as it
// should be. What there is to say of it has been printed.
var errUnwell = errors.New("something is not as it should be")

// errMisused is the result of a command that was used wrongly.
var errMisused = errors.New("wrong use")

func misuse(format string, values ...any) error {
	return &explainedMisuse{fmt.Sprintf(format, values...)}
}

// explainedMisuse is an errMisused that says how.
type explainedMisuse struct{ text string }

// Error implements error.
func (m *explainedMisuse) Error() string { return m.text }

// Unwrap makes it an errMisused.
func (m *explainedMisuse) Unwrap() error { return errMisused }

// commands is the command line.
type commands struct {
	List       listCommand       `cmd:"" name:"ls" help:"List the streams: state, owner, token, lease, failures."`
	Members    membersCommand    `cmd:"" help:"List the members, and who is not there any more."`
	Show       showCommand       `cmd:"" help:"Show all that is known of one stream."`
	Announce   announceCommand   `cmd:"" help:"Announce streams."`
	HandOff    handOffCommand    `cmd:"" name:"handoff" help:"Ask the owner of a stream to give it to the others."`
	Quarantine quarantineCommand `cmd:"" help:"List, show, requeue or drop what could not be processed."`
	Purge      purgeCommand      `cmd:"" help:"Remove a service from the server, with all that it has there."`
	Doctor     doctorCommand     `cmd:"" help:"Say what is guaranteed on this server, what is not, and what to change."`
	Completion completionCommand `cmd:"" help:"Write a script that completes words in a shell."`

	CompleteWords completeWordsCommand `cmd:"" hidden:""`

	connection
}

const description = `Shows what a streamlease service on Redis is doing, and mends it.

Exit status: 0 all is well, 1 something is not as it should be, 2 wrong use.`

func newProgram(out, complaints io.Writer) commandline.Program {
	return commandline.Program{
		Name: "streamlease", Description: description, Commands: &commands{}, Out: out, Complaints: complaints,
		Options: []kong.Option{kong.ConfigureHelp(kong.HelpOptions{Compact: true, NoExpandSubcommands: true})},
	}
}

// run is the program: arguments in, exit status out.
func run(arguments []string, in io.Reader, out, complaints io.Writer) (status int) {
	program := newProgram(out, complaints)
	return program.Run(arguments, func(parsed *kong.Context) int {
		ctx, stop := commandline.UntilInterrupted()
		defer stop()
		options := &program.Commands.(*commands).connection
		c := &console{ctx: ctx, in: in, out: out, complaints: complaints, json: options.JSON}
		err := options.check(arguments)
		if err == nil {
			err = parsed.Run(c, options)
		}
		return c.conclude(err)
	})
}

// conclude says what a command came to, as far as it has not been said.
func (c *console) conclude(err error) (status int) {
	switch {
	case err == nil:
		return well
	case errors.Is(err, errUnwell):
	case c.ctx.Err() != nil:
		c.remark("Interrupted.")
	default:
		c.remark("streamlease: %v", err)
	}
	if errors.Is(err, errMisused) {
		return misused
	}
	return unwell
}
