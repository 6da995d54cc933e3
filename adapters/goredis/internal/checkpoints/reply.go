package checkpoints

import (
	"errors"
	"fmt"
	"strings"

	"github.com/streamlease/streamlease/adapters/internal/conn"
	"github.com/streamlease/streamlease/adapters/internal/reply"
	"github.com/streamlease/streamlease/ports"
)

// read reads what a script answered for one request; success is the word that
// its contract has for that.
func read(script *conn.Script, ref ports.StreamRef, success string, answer conn.Answer) (position string, err error) {
	if answer.Err != nil {
		return "", failed(script, ref, answer.Err)
	}
	reader := reply.New(answer.Reply)
	switch word := reader.Word(success, "done", "disowned", "error"); word {
	case "done":
		err = fmt.Errorf("%w: the checkpoint is closed", ports.ErrDone)
	case "disowned":
		err = fmt.Errorf("%w: the checkpoint has seen token %d", ports.ErrDisowned, reader.Token())
	case "error":
		err = errors.New(strings.ToValidUTF8(reader.Text(), "?"))
	case "position":
		position = reader.Text()
		reader.Require(len(position) <= ports.MaxPositionBytes)
	}
	if !reader.Done() {
		return "", failed(script, ref, script.BadReply(answer.Reply))
	}
	if err != nil {
		return "", failed(script, ref, err)
	}
	return position, nil
}

func failed(script *conn.Script, ref ports.StreamRef, err error) error {
	return fmt.Errorf("%s of %.100q: %w", strings.TrimSuffix(script.Name(), ".lua"), ref, err)
}
