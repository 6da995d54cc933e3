package commandline

import (
	"fmt"
	"io"

	"github.com/alecthomas/kong"
)

// Misused is the exit status of a program that was used wrongly.
const Misused = 2

// Program is a command line.
type Program struct {
	Name, Description string
	// Commands is a pointer to what kong reads into.
	Commands any
	// Options are further ones.
	Options []kong.Option
	// Out is for results, Complaints for all else.
	Out, Complaints io.Writer
}

// exited carries an exit status out of the parser, which goes on otherwise.
type exited int

// Parser is what reads the arguments.
func (p Program) Parser() *kong.Kong {
	return kong.Must(p.Commands, append([]kong.Option{
		kong.Name(p.Name), kong.Description(p.Description),
		kong.Writers(p.Out, p.Complaints), kong.Exit(func(code int) { panic(exited(code)) }),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	}, p.Options...)...)
}

// Run reads the arguments and calls execute with the command, whose result is
// the exit status. Wrong use is explained and is Misused; help is 0.
func (p Program) Run(arguments []string, execute func(*kong.Context) int) (status int) {
	defer func() {
		if thrown := recover(); thrown != nil {
			code, ours := thrown.(exited)
			if !ours {
				panic(thrown)
			}
			status = int(code)
		}
	}()
	parsed, err := p.Parser().Parse(arguments)
	if err != nil {
		fmt.Fprintln(p.Complaints, explained(p.Name, err, arguments))
		return Misused
	}
	return execute(parsed)
}
