package main

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/streamlease/streamlease/adapters/goredis"
)

type listCommand struct {
	Prefix string      `arg:"" optional:"" help:"Only names that begin so."`
	State  []stateName `placeholder:"STATE" help:"Only streams in this state; repeat it, or separate several by commas: waiting, delivered, taking, owned, unowned, free, retrying, blocked, malformed."`
	Owner  string      `placeholder:"MEMBER" help:"Only streams of this member: its ID or its incarnation."`
	Failed bool        `help:"Only streams with failures or crashes against them."`
	Limit  int         `short:"n" placeholder:"N" help:"End after so many."`
	Wide   bool        `short:"w" help:"Show message IDs and incarnations too."`
	watchFlags
}

// Help implements kong.HelpProvider.
func (*listCommand) Help() string {
	return `Pages through the streams in the order of their announcement, a million too, without holding the server.

States: waiting (announced, given to no member yet), delivered (given to a member that has not taken it), taking (a member has the lease and is about to take it), owned, unowned (its owner lost it and nobody has taken it since), free (given back), retrying (failed; its time to try again has not come), blocked (another assignment of the name comes first), malformed (goes to the quarantine when a member comes by).

Examples:

    streamlease ls --service orders
    streamlease ls order-47 --state unowned,retrying
    streamlease ls --owner pod-7 --watch
    streamlease ls --failed --json`
}

// Run lists streams.
func (l *listCommand) Run(c *console, o *connection) error {
	if l.Limit < 0 {
		return misuse("--limit: %d is less than none", l.Limit)
	}
	s, err := o.open()
	if err != nil {
		return err
	}
	defer s.close()
	if l.Watch {
		return l.watch(c, func(ctx context.Context, screen *console, rows int) error {
			limited := *l
			limited.Limit = rows
			if l.Limit > 0 {
				limited.Limit = min(rows, l.Limit)
			}
			return limited.list(ctx, screen, s)
		})
	}
	return l.list(c.ctx, c, s)
}

func (l *listCommand) list(ctx context.Context, c *console, s *service) error {
	table := newTable(c.out, l.header()...)
	seen := tally{}
	for page, err := range s.Pages(ctx, goredis.AdminFilter{Prefix: l.Prefix}) {
		if err != nil {
			return err
		}
		shown := l.chosen(page.Streams, seen)
		if c.json {
			for _, one := range shown {
				c.object(streamObject(one))
			}
		} else {
			table.write(l.rows(shown))
		}
		if l.Limit > 0 && seen.all() >= l.Limit && !l.Watch {
			c.remark("The first %s; --limit ends it here.", plural(seen.all(), "stream"))
			return nil
		}
	}
	return l.sumUp(ctx, c, s, seen)
}

// chosen are those of a page that are asked for and that there is room for.
func (l *listCommand) chosen(streams []goredis.AdminStream, seen tally) (shown []goredis.AdminStream) {
	for _, one := range streams {
		if !l.wants(one) {
			continue
		}
		if l.Limit > 0 && seen.all() >= l.Limit && !l.Watch {
			break
		}
		if l.Limit == 0 || seen.all() < l.Limit {
			shown = append(shown, one)
		}
		seen[one.State]++
	}
	return shown
}

func (l *listCommand) wants(one goredis.AdminStream) bool {
	if len(l.State) > 0 && !includes(l.State, one.State) {
		return false
	}
	if l.Owner != "" && l.Owner != one.Owner.ID && l.Owner != one.Owner.Incarnation {
		return false
	}
	return !l.Failed || one.Failures+one.Crashes > 0
}

func (l *listCommand) header() []string {
	header := []string{"NAME", "STATE", "OWNER", "TOKEN", "SINCE", "LEASE", "FAILED", "CRASHED", "AGE"}
	if l.Wide {
		header = append(header, "ID", "INCARNATION")
	}
	return header
}

func (l *listCommand) rows(streams []goredis.AdminStream) (rows [][]string) {
	for _, one := range streams {
		crashed := strconv.Itoa(one.Crashes)
		if one.Suspected {
			crashed += "?" // one more, if its earlier owner is not heard of
		}
		row := []string{
			shortened(one.Ref.Name), string(one.State), shortened(one.Owner.ID), tokenOrNone(one), ageOrNone(one.Since),
			ageOrNone(one.LeaseLeft), strconv.Itoa(one.Failures), crashed, age(one.Announced),
		}
		if l.Wide {
			row = append(row, one.Ref.MessageID, cmp.Or(one.Owner.Incarnation, "-"))
		}
		rows = append(rows, row)
	}
	return rows
}

func tokenOrNone(one goredis.AdminStream) string {
	if one.Token == 0 {
		return "-"
	}
	return fmt.Sprint(one.Token)
}

// sumUp says on the side how many there are; a service that nobody knows is
// named.
func (l *listCommand) sumUp(ctx context.Context, c *console, s *service, seen tally) error {
	if seen.all() > 0 {
		c.remark("%s: %s.", plural(seen.all(), "stream"), seen)
		return nil
	}
	summary, err := s.Summary(ctx)
	switch {
	case err != nil:
		return err
	case summary.Layout == "" && summary.Announced == 0:
		c.remark("Nothing is announced to %q, and no member was ever there. Is that its name?", s.name)
	case summary.Announced == 0:
		c.remark("Nothing is announced and not done.")
	default:
		c.remark("None of %s is like that.", plural(summary.Announced, "stream"))
	}
	return nil
}

// tally counts streams by state.
type tally map[goredis.AdminState]int

func (t tally) all() (sum int) {
	for _, count := range t {
		sum += count
	}
	return sum
}

// String is like "3 owned, 1 waiting".
func (t tally) String() string {
	var parts []string
	for _, state := range goredis.AdminStates {
		if count := t[state]; count > 0 {
			parts = append(parts, grouped(count)+" "+string(state))
		}
	}
	return strings.Join(parts, ", ")
}
