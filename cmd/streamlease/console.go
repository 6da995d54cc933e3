package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/streamlease/streamlease/internal/commandline"
)

// console is where a command says what it found. A writer that fails is no
// reason to leave work half done.
type console struct {
	ctx             context.Context
	in              io.Reader
	out, complaints io.Writer
	json            bool
}

func (c *console) say(format string, values ...any) {
	fmt.Fprintf(c.out, format+"\n", values...)
}

// remark says what is no result.
func (c *console) remark(format string, values ...any) {
	fmt.Fprintf(c.complaints, format+"\n", values...)
}

// object writes one line of JSON.
func (c *console) object(value any) {
	encoder := json.NewEncoder(c.out)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(value) // what is written here can be encoded
}

// confirm asks before something is done that cannot be undone. Where nobody can
// answer it is misuse not to have said yes.
func (c *console) confirm(yes bool, question string) error {
	if yes {
		return nil
	}
	if file, isFile := c.in.(*os.File); isFile && commandline.Terminal(file) == nil {
		return misuse("%s Nobody can answer here: give --yes.", question)
	}
	fmt.Fprintf(c.complaints, "%s [y/N] ", question)
	answer, _ := bufio.NewReader(c.in).ReadString('\n')
	if word := strings.ToLower(strings.TrimSpace(answer)); word != "y" && word != "yes" {
		c.remark("Nothing was done.")
		return errUnwell
	}
	return nil
}
