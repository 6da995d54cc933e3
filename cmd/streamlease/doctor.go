package main

import (
	"fmt"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/goredis"
)

type doctorCommand struct {
	Member string `placeholder:"USER" help:"The ACL user of the members, for their rights; that of the connection by default."`
	Mend   bool   `help:"Run the commands that mend what is missing; asks first."`
	Yes    bool   `short:"y" help:"With --mend: do not ask."`
}

// Help implements kong.HelpProvider.
func (*doctorCommand) Help() string {
	return `Looks at the server (version, role, eviction, persistence, replication, clock), at the user's rights, at the service's keys, leases, members, consumer group and sweep, and says what is guaranteed here, what is not, and what to change. It changes nothing without --mend.

Verdicts: ok; note (worth knowing); MISSING (a guarantee is not given: the exit status is 1).

Examples:

    streamlease doctor --service orders
    streamlease doctor --member orders-worker
    streamlease doctor --mend
    streamlease doctor --json`
}

// Run examines the service and its servers.
func (d *doctorCommand) Run(c *console, o *connection) error {
	s, err := o.open()
	if err != nil {
		return err
	}
	defer s.close()
	findings := d.examine(c, o, s)
	missing := c.report(findings)
	if missing == 0 {
		return nil
	}
	if !d.Mend {
		return errUnwell
	}
	if err := d.mend(c, findings); err != nil {
		return err
	}
	if c.report(d.examine(c, o, s)) > 0 {
		return errUnwell
	}
	return nil
}

func (d *doctorCommand) examine(c *console, o *connection, s *service) []goredis.AdminFinding {
	findings := s.Examine(c.ctx, d.Member)
	if len(o.Sentinel) > 0 {
		findings = append(findings, d.sentinels(c, o)...)
	}
	if s.examineLeases != nil {
		findings = append(findings, s.examineLeases(c.ctx, d.Member)...)
	}
	return findings
}

// sentinels asks each whether enough of them are there for a failover.
func (d *doctorCommand) sentinels(c *console, o *connection) (findings []goredis.AdminFinding) {
	for _, address := range o.Sentinel {
		client := redis.NewSentinelClient(&redis.Options{Addr: address})
		found := goredis.AdminFinding{Check: "sentinel", Verdict: goredis.VerdictOK, Server: address}
		answer, err := client.CkQuorum(c.ctx, o.Master).Result()
		if found.Says = answer + "."; err != nil {
			found.Verdict, found.Says = goredis.VerdictMissing, fmt.Sprintf("It cannot fail over: %v.", err)
			found.Advice = "start the Sentinels that are down"
		}
		_ = client.Close() // it was only asked
		findings = append(findings, found)
	}
	return findings
}

// report writes what was found, and answers how many guarantees are missing.
func (c *console) report(findings []goredis.AdminFinding) (missing int) {
	for _, one := range findings {
		if one.Verdict == goredis.VerdictMissing {
			missing++
		}
		if c.json {
			c.object(findingObject(one))
			continue
		}
		verdict := string(one.Verdict)
		if one.Verdict == goredis.VerdictMissing {
			verdict = strings.ToUpper(verdict)
		}
		c.say("%-8s %s: %s", verdict, one.Check, harmless(one.Says))
		if one.Advice != "" {
			c.say("         → %s", harmless(one.Advice))
		}
		for _, line := range one.CommandLines() {
			c.say("         → %s", harmless(line))
		}
	}
	switch {
	case missing > 0:
		c.remark("%s missing.", isOrAre(missing, "guarantee"))
	default:
		c.remark("Nothing that should be guaranteed is missing.")
	}
	return missing
}

func isOrAre(number int, thing string) string {
	if number == 1 {
		return plural(number, thing) + " is"
	}
	return plural(number, thing) + " are"
}

// mend runs the commands of what is missing.
func (d *doctorCommand) mend(c *console, findings []goredis.AdminFinding) error {
	var mendable []goredis.AdminFinding
	for _, one := range findings {
		if one.Verdict == goredis.VerdictMissing && len(one.Commands) > 0 {
			mendable = append(mendable, one)
		}
	}
	if len(mendable) == 0 {
		return fmt.Errorf("no command mends this; do what the arrows say")
	}
	if err := c.confirm(d.Yes, fmt.Sprintf("Run the commands for %s?", plural(len(mendable), "finding"))); err != nil {
		return err
	}
	for _, one := range mendable {
		if err := one.Apply(c.ctx); err != nil {
			c.remark("streamlease: %v", err)
			continue
		}
		c.remark("Mended %s on %s.", one.Check, one.Server)
	}
	return nil
}

type findingJSON struct {
	Check    string   `json:"check"`
	Verdict  string   `json:"verdict"`
	Server   string   `json:"server"`
	Says     string   `json:"says"`
	Advice   string   `json:"advice,omitempty"`
	Commands []string `json:"commands,omitempty"`
}

func findingObject(one goredis.AdminFinding) findingJSON {
	return findingJSON{one.Check, string(one.Verdict), one.Server, one.Says, one.Advice, one.CommandLines()}
}
