package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/streamlease/streamlease"
	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/commandline"
	"github.com/streamlease/streamlease/ports"
)

type showCommand struct {
	Name string `arg:"" help:"The stream: its name, or name:message-ID."`
}

// Help implements kong.HelpProvider.
func (*showCommand) Help() string {
	return `Shows the assignment that is owned, else the one that was announced first: state, owner, info, saved position, and how its last tenures ended, if there is bad news to explain. A name that nobody leases is looked for among all that are announced.

Examples:

    streamlease show order-4711 --service orders
    streamlease show order-4711:1764000000000-0 --json`
}

// Run shows one stream.
func (s *showCommand) Run(c *console, o *connection) error {
	service, err := o.open()
	if err != nil {
		return err
	}
	defer service.close()
	detail, err := service.find(c, s.Name)
	if err != nil {
		return err
	}
	if c.json {
		c.object(detailObject(detail))
		return nil
	}
	c.describe(detail)
	return nil
}

// find finds a stream by its name, or by name and message ID.
func (s *service) find(c *console, text string) (goredis.AdminDetail, error) {
	if ref, err := streamlease.ParseStreamRef(text); err == nil {
		if detail, err := s.Stream(c.ctx, ref); err == nil {
			return detail, nil
		}
	}
	progress := commandline.NewProgress(c.complaints)
	defer progress.Close()
	all := s.announced(c.ctx)
	detail, err := s.Find(c.ctx, text, func(passed int) {
		progress.Reach(min(float64(passed)/float64(all), 1), func() string { return plural(passed, "stream") + " looked at" })
	})
	if errors.Is(err, ports.ErrDone) {
		return detail, s.unknown(c.ctx, text)
	}
	return detail, err
}

// announced is how many there are, for a progress bar; it is never 0.
func (s *service) announced(ctx context.Context) int64 {
	summary, err := s.Summary(ctx)
	if err != nil {
		return 1
	}
	return max(summary.Announced, 1)
}

// unknown says where a stream may be that is not announced.
func (s *service) unknown(ctx context.Context, text string) error {
	for one, err := range s.Quarantine(ctx) {
		if err != nil {
			return err
		}
		if one.Ref.Name == text || one.Ref.String() == text {
			return fmt.Errorf("%s is in the quarantine: streamlease quarantine show %s", printable(text), one.Ref.MessageID)
		}
	}
	return fmt.Errorf("no stream %s is announced to %q, nor is it in the quarantine: it is done, or was never announced", printable(text), s.name)
}

// describe writes all that is known of a stream.
func (c *console) describe(one goredis.AdminDetail) {
	field := func(name, format string, values ...any) {
		c.say("%-14s%s", name+":", fmt.Sprintf(format, values...))
	}
	field("Name", "%s", printable(one.Ref.Name))
	field("ID", "%s", one.Ref.MessageID)
	field("State", "%s", one.State)
	field("Announced", "%s ago", age(one.Announced))
	if one.Problem != "" {
		field("Problem", "%s", harmless(one.Problem))
	}
	if one.Owner.Incarnation != "" {
		field("Owner", "%s (%s)", printable(one.Owner.ID), printable(one.Owner.Incarnation))
	}
	if one.Token > 0 {
		field("Token", "%d", one.Token)
		field("Since", "%s", age(one.Since))
	}
	if one.LeaseLeft > 0 {
		field("Lease left", "%s", age(one.LeaseLeft))
	}
	if one.RetryIn > 0 {
		field("Retry in", "%s", age(one.RetryIn))
	}
	if one.DeliveredTo != "" && one.DeliveredTo != one.Owner.Incarnation {
		field("Delivered to", "%s", printable(one.DeliveredTo))
	}
	field("Failures", "%d", one.Failures)
	field("Crashes", "%d%s", one.Crashes, suspicion(one.Suspected))
	if len(one.Info) > 0 {
		field("Info", "%s", harmless(string(one.Info)))
	}
	if one.Checkpoint != nil {
		field("Position", "%q (saved under token %d)", one.Checkpoint.Position, one.Checkpoint.Token)
	}
	c.describeEndings(one.Endings)
}

func suspicion(is bool) string {
	if is {
		return ", and one more if its earlier owner is not heard of"
	}
	return ""
}

func (c *console) describeEndings(endings []goredis.AdminEnding) {
	if len(endings) == 0 {
		return
	}
	c.say("Endings:")
	table := newTable(c.out, "  AT", "OUTCOME", "OWNER", "TOKEN", "REASON")
	var rows [][]string
	for _, one := range endings {
		rows = append(rows, []string{
			"  " + one.At.Format(time.DateTime), printable(one.Outcome), shortened(one.Member.ID), fmt.Sprint(one.Token), harmless(one.Reason),
		})
	}
	table.write(rows)
}
