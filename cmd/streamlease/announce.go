package main

import (
	"fmt"

	"github.com/streamlease/streamlease/core"
	"github.com/streamlease/streamlease/ports"
)

type announceCommand struct {
	Names []string `arg:"" name:"name" help:"The streams."`
	Info  string   `placeholder:"JSON" help:"A JSON object that goes along with each."`
}

// Help implements kong.HelpProvider.
func (*announceCommand) Help() string {
	return `Writes each announcement with its message ID. A name that is announced twice is processed twice, one after the other.

Examples:

    streamlease announce order-4711 --service orders
    streamlease announce a b c --info '{"region":"eu"}'`
}

// Run announces.
func (a *announceCommand) Run(c *console, o *connection) error {
	info := ports.Info(a.Info)
	if err := core.ValidateInfo(info); err != nil {
		return misuse("--info: %v", err)
	}
	s, err := o.open()
	if err != nil {
		return err
	}
	defer s.close()
	assignments := make([]ports.Assignment, len(a.Names))
	for i, name := range a.Names {
		assignments[i] = ports.Assignment{Ref: ports.StreamRef{Name: name}, Info: info}
	}
	announced, err := s.Announce(c.ctx, assignments)
	if err != nil {
		return fmt.Errorf("announce: %w", err)
	}
	failed := false
	for _, one := range announced {
		switch {
		case one.Err != nil:
			failed = true
			c.remark("streamlease: %v", one.Err)
		case c.json:
			c.object(refJSON{one.Ref.Name, one.Ref.MessageID})
		default:
			c.say("%s", printable(one.Ref.String()))
		}
	}
	if failed {
		return errUnwell
	}
	return nil
}

type refJSON struct {
	Name string `json:"name"`
	ID   string `json:"id"`
}
