package main

import (
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/goredis"
	"github.com/streamlease/streamlease/internal/commandline"
)

type purgeCommand struct {
	Name  string `arg:"" name:"service" help:"The service."`
	Yes   bool   `short:"y" help:"Do not ask."`
	Force bool   `help:"Although members live."`
}

// Help implements kong.HelpProvider.
func (*purgeCommand) Help() string {
	return `Removes all that a service has on the server: assignments, records, quarantine, leases, saved positions; with --lease-url the locks on those servers too. The data streams themselves are not the service's, and stay. Stop the members first: those that live make part of it again.

Examples:

    streamlease purge orders
    streamlease purge orders --yes`
}

// Run purges.
func (p *purgeCommand) Run(c *console, o *connection) error {
	if o.Service != "" && o.Service != p.Name {
		c.remark("Purging %q, not %q.", p.Name, o.Service)
	}
	o.Service = p.Name
	s, err := o.open()
	if err != nil {
		return err
	}
	defer s.close()
	if err := p.refuseWhileMembersLive(c, s); err != nil {
		return err
	}
	summary, err := s.Summary(c.ctx)
	if err != nil {
		return err
	}
	question := fmt.Sprintf("Remove the service %q from %s: %s, %s in the quarantine, and all that is remembered of them?",
		p.Name, o.where(), plural(summary.Announced, "stream"), grouped(summary.Quarantined))
	if err := c.confirm(p.Yes, question); err != nil {
		return err
	}
	return p.purge(c, o, s)
}

func (p *purgeCommand) refuseWhileMembersLive(c *console, s *service) error {
	members, err := s.Members(c.ctx)
	if err != nil || p.Force {
		return err
	}
	var living []string
	for _, one := range members {
		if one.State == goredis.MemberLive {
			living = append(living, printable(one.ID))
		}
	}
	if len(living) > 0 {
		return fmt.Errorf("%s of %q still live (%s): stop them first, or give --force", plural(len(living), "member"), p.Name, strings.Join(living, ", "))
	}
	return nil
}

func (p *purgeCommand) purge(c *console, o *connection, s *service) error {
	removed, err := purgeServer(c, s.Admin)
	if err != nil {
		return err
	}
	clients, err := o.leaseClients(s, nil)
	if err != nil {
		return err
	}
	for _, client := range clients {
		if client == nil {
			continue // the locks are on the server that was just purged
		}
		locks, err := purgeLocks(c, client, p.Name)
		if removed += locks; err != nil {
			return err
		}
	}
	c.remark("Removed %s.", plural(removed, "key"))
	return nil
}

func purgeLocks(c *console, client redis.UniversalClient, name string) (int64, error) {
	admin, err := goredis.NewAdmin(client, name, goredis.AdminConfig{})
	if err != nil {
		return 0, err
	}
	defer admin.Close()
	return purgeServer(c, admin)
}

func purgeServer(c *console, admin *goredis.Admin) (int64, error) {
	progress := commandline.NewProgress(c.complaints)
	defer progress.Close()
	purged, err := admin.Purge(c.ctx, func(so goredis.AdminPurged) {
		progress.Reach(min(float64(so.Looked)/float64(max(so.Keys, 1)), 1), func() string { return plural(so.Removed, "key") + " removed" })
	})
	return purged.Removed, err
}
