package main

import (
	"cmp"
	"context"
	"slices"

	"github.com/streamlease/streamlease/adapters/goredis"
)

type membersCommand struct {
	watchFlags
}

// Help implements kong.HelpProvider.
func (*membersCommand) Help() string {
	return `States: live (its heartbeats come), late (they have not come for as long as it allowed: it is frozen, cut off or dead), gone (it left, and something is still in its name, which the others take over), foreign (a consumer in the group that is no member of this library: it takes announcements away from the members).

OWNED is what the member said last, TAKEN what the records say, PENDING what the consumer group has in its name.

Examples:

    streamlease members --service orders
    streamlease members --watch
    streamlease members --json`
}

// Run lists the members.
func (m *membersCommand) Run(c *console, o *connection) error {
	s, err := o.open()
	if err != nil {
		return err
	}
	defer s.close()
	if m.Watch {
		return m.watch(c, func(ctx context.Context, screen *console, _ int) error { return listMembers(ctx, screen, s) })
	}
	return listMembers(c.ctx, c, s)
}

func listMembers(ctx context.Context, c *console, s *service) error {
	members, err := s.Members(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(members, func(a, b goredis.AdminMember) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Incarnation, b.Incarnation))
	})
	if c.json {
		for _, one := range members {
			c.object(memberObject(one))
		}
		return nil
	}
	table := newTable(c.out, "ID", "STATE", "OWNED", "TAKEN", "PENDING", "ROOM", "EXPIRES", "VERSION", "INCARNATION")
	var rows [][]string
	for _, one := range members {
		rows = append(rows, memberRow(one))
	}
	table.write(rows)
	if len(members) == 0 {
		c.remark("There is no member of %q, and nothing that one has left behind.", s.name)
	}
	return nil
}

func memberRow(one goredis.AdminMember) []string {
	room := "no"
	if one.HasRoom {
		room = "yes"
	}
	expires := ageOrNone(one.ExpiresIn)
	if one.State == goredis.MemberLate {
		expires = age(-one.ExpiresIn) + " ago"
	}
	if one.State == goredis.MemberGone || one.State == goredis.MemberForeign {
		room, expires = "-", "-"
	}
	return []string{
		shortened(one.ID), string(one.State), grouped(one.Owned), grouped(one.Taken), grouped(one.Pending),
		room, expires, printable(one.Version), shortened(one.Incarnation),
	}
}
