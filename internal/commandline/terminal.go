package commandline

import (
	"context"
	"io"
	"os"
	"os/signal"

	"golang.org/x/term"
)

// Terminal returns the writer as a terminal; nil: it is none.
func Terminal(writer io.Writer) *os.File {
	file, ok := writer.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return file
}

// UntilInterrupted is a context that Ctrl-C ends. A second Ctrl-C ends the
// program, as always.
func UntilInterrupted() (ctx context.Context, stop func()) {
	ctx, stop = signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
