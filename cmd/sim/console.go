package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"

	"golang.org/x/term"
)

// console is where a command says what it found. A writer that fails is no
// reason to end a run whose exit status still tells.
type console struct {
	out, complaints io.Writer
}

func (c *console) say(format string, values ...any) {
	fmt.Fprintf(c.out, format+"\n", values...)
}

// remark says what is no result.
func (c *console) remark(format string, values ...any) {
	fmt.Fprintf(c.complaints, format+"\n", values...)
}

// terminal returns the writer as a terminal; nil: it is none.
func terminal(writer io.Writer) *os.File {
	file, ok := writer.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return nil
	}
	return file
}

// untilInterrupted is a context that Ctrl-C ends. A second Ctrl-C ends the
// program, as always.
func untilInterrupted() (ctx context.Context, stop func()) {
	ctx, stop = signal.NotifyContext(context.Background(), os.Interrupt)
	context.AfterFunc(ctx, stop)
	return ctx, stop
}
