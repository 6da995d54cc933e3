package main

import (
	"fmt"
	"io"
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
