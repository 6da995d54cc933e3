package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/ports"
)

type handOffCommand struct {
	Name string        `arg:"" help:"The stream: its name, or name:message-ID."`
	Wait time.Duration `default:"10s" placeholder:"TIME" help:"How long to wait for the owner to have done so; 0s does not wait."`
}

// Help implements kong.HelpProvider.
func (*handOffCommand) Help() string {
	return `Asks the owner to give the stream to the others, and says who has it then. It costs the stream nothing: no failure is counted. The same member may be the one that takes it again, if it is ranked first.

An owner that is frozen does not hear; its lease ends by itself then, and what it writes later is fenced.

Examples:

    streamlease handoff order-4711 --service orders
    streamlease handoff order-4711 --wait 0s`
}

// Run asks for a hand-off.
func (h *handOffCommand) Run(c *console, o *connection) error {
	s, err := o.open()
	if err != nil {
		return err
	}
	defer s.close()
	before, err := s.find(c, h.Name)
	if err != nil {
		return err
	}
	if before.State != goredis.StateOwned {
		return fmt.Errorf("%s is %s: it has no owner to ask", printable(h.Name), before.State)
	}
	if err := s.AskToHandOff(c.ctx, before.Ref); err != nil {
		return err
	}
	if h.Wait <= 0 {
		c.remark("%s was asked.", printable(before.Owner.ID))
		return nil
	}
	return h.await(c, s, before)
}

// lookEvery is the time between two looks at what becomes of a stream.
const lookEvery = 50 * time.Millisecond

// await looks until another has the stream, or nobody will.
func (h *handOffCommand) await(c *console, s *service, before goredis.AdminDetail) error {
	ctx, cancel := context.WithTimeout(c.ctx, h.Wait)
	defer cancel()
	look := time.NewTicker(lookEvery)
	defer look.Stop()
	for {
		now, err := s.Stream(ctx, before.Ref)
		switch {
		case errors.Is(err, ports.ErrDone):
			c.say("%s is done.", printable(before.Ref.Name))
			return nil
		case err == nil && (now.Token != before.Token || now.State != goredis.StateOwned) && now.State != goredis.StateFree && now.State != goredis.StateTaking:
			return h.report(c, before, now)
		case err != nil && ctx.Err() == nil:
			return err
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			if c.ctx.Err() != nil {
				return c.ctx.Err()
			}
			return h.overdue(c, s, before)
		}
	}
}

func (h *handOffCommand) report(c *console, before, now goredis.AdminDetail) error {
	if c.json {
		c.object(detailObject(now))
		return nil
	}
	if now.State == goredis.StateOwned {
		c.say("%s went from %s to %s, with token %d.", printable(before.Ref.Name), printable(before.Owner.ID), printable(now.Owner.ID), now.Token)
		return nil
	}
	c.say("%s has left %s and is %s now.", printable(before.Ref.Name), printable(before.Owner.ID), now.State)
	return nil
}

// overdue says what may be the matter.
func (h *handOffCommand) overdue(c *console, s *service, before goredis.AdminDetail) error {
	now, err := s.Stream(c.ctx, before.Ref)
	switch {
	case err != nil:
		return err
	case now.Token == before.Token && now.State == goredis.StateOwned:
		return fmt.Errorf("%s still has %s after %v: it is busy, frozen, or has no notifier (streamlease members)", printable(before.Owner.ID), printable(before.Ref.Name), h.Wait)
	default:
		c.say("%s has left %s and is %s: nobody has taken it yet.", printable(before.Ref.Name), printable(before.Owner.ID), now.State)
		return nil
	}
}
