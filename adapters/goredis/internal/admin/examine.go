package admin

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/streamlease/streamlease/adapters/goredis/internal/checkpoints"
	"github.com/streamlease/streamlease/adapters/goredis/internal/leases"
	"github.com/streamlease/streamlease/adapters/goredis/internal/notify"
	"github.com/streamlease/streamlease/adapters/goredis/internal/source"
	"github.com/streamlease/streamlease/adapters/internal/doctor"
)

// Finding is what was found out about one thing.
type Finding = doctor.Finding

// examineTimeout bounds an examination.
const examineTimeout = 30 * time.Second

// Examine says what the server of the source guarantees to the service, what it
// does not, and what to change. It only looks. User is that of the members, for
// their rights; empty: that of this connection.
func (a *Admin) Examine(ctx context.Context, user string) []Finding {
	ctx, cancel := context.WithTimeout(ctx, examineTimeout)
	defer cancel()
	findings := doctor.Server(ctx, a.reads.Rest, false)
	if len(findings) == 1 {
		return findings // it does not answer
	}
	types, needs := source.Types(a.reads.Keys), doctor.Needs{Commands: slices.Concat(source.Rights, checkpoints.Rights)}
	if a.hasSessions {
		for key, kind := range leases.Types(a.reads.Keys) {
			types[key] = kind
		}
		needs.Commands, needs.Hints = slices.Concat(needs.Commands, leases.Rights, notify.Rights), true
	}
	findings = append(findings, doctor.Keys(ctx, a.reads, types)...)
	findings = append(findings, doctor.Rights(ctx, a.reads, user, needs), a.stores(ctx))
	return append(findings, a.service(ctx)...)
}

// stores: whether the leases are where this Admin looks for them.
func (a *Admin) stores(ctx context.Context) Finding {
	const check = "lease store"
	prefix := a.reads.Prefix()
	kinds := []string{a.reads.Leases(), prefix + "redsync:grants", prefix + "redislock:grants"}
	names := []string{"goredis", "redsync", "redislock"}
	var found []string
	err := a.reads.Rest.Do(ctx, "EXISTS", func(node *redis.Client) error {
		found = nil
		for i, key := range kinds {
			there, err := node.Exists(ctx, key).Result()
			if err != nil {
				return err
			}
			if there > 0 {
				found = append(found, names[i])
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return a.finding(check, doctor.Note, "Whose leases are here could not be read: %v", err)
	case len(found) > 1:
		found := a.finding(check, doctor.Missing, "Leases of %s are here: members with different lease stores do not see each other's, and own the same streams.", strings.Join(found, " and "))
		found.Advice = "let all members use the same; what an earlier one left behind is removed by streamlease purge, when no member lives"
		return found
	case len(found) == 1 && a.hasSessions != (found[0] == "goredis"):
		wrong := a.finding(check, doctor.Missing, "The leases on this server are those of %s, and this looks at another store.", found[0])
		wrong.Advice = "look with --lease " + found[0]
		return wrong
	case a.hasSessions:
		return a.finding(check, doctor.OK, "Leases are goredis' sessions, on this server: one renewal for each member, and an expired session is found to the millisecond.")
	default:
		return a.finding(check, doctor.OK, "Leases are locks, one for each stream.")
	}
}

// service examines what the members make of it.
func (a *Admin) service(ctx context.Context) []Finding {
	members, err := a.Members(ctx)
	if err != nil {
		return []Finding{a.finding("members", doctor.Missing, "They could not be listed: %v", err)}
	}
	summary, err := a.Summary(ctx)
	if err != nil {
		return []Finding{a.finding("service", doctor.Missing, "It could not be read: %v", err)}
	}
	living := 0
	for _, one := range members {
		if one.State == Live {
			living++
		}
	}
	return []Finding{a.fleet(members, living, summary), a.foreigners(members), a.sweep(living, summary), a.quarantineKept(summary)}
}

func (a *Admin) fleet(members []Member, living int, summary Summary) Finding {
	const check = "members"
	switch late := countOf(members, Late); {
	case living == 0 && summary.Announced > 0:
		return a.finding(check, doctor.Missing, "No member lives, and %d streams are announced: nobody processes them.", summary.Announced).
			WithAdvice("start members, with this service's name")
	case late > 0:
		return a.finding(check, doctor.Note, "%d members live; %d are late: frozen, cut off or dead. The others take over what they had.", living, late)
	default:
		return a.finding(check, doctor.OK, "%d members live.", living)
	}
}

// foreigners: whether somebody else takes announcements away.
func (a *Admin) foreigners(members []Member) Finding {
	const check = "consumer group"
	var names []string
	for _, one := range members {
		if one.State == Foreign {
			names = append(names, fmt.Sprintf("%.60q with %d pending", one.Incarnation, one.Pending))
		}
	}
	if len(names) == 0 {
		return a.finding(check, doctor.OK, "Only members of this library read the announcements.")
	}
	return a.finding(check, doctor.Missing, "Somebody else reads in the group %q: %s. It takes announcements away from the members, which find them by the sweep only.", a.reads.Group(), strings.Join(names, ", ")).
		WithAdvice("stop that program; what is pending for it is then found by the sweep, and its consumer is removed when nothing is")
}

// sweepLate is how much longer than it should take a round may be under way.
const sweepLate = 10

// sweep: how long a stream waits that no hint told of.
func (a *Admin) sweep(living int, summary Summary) Finding {
	const check, interval, perSecond = "sweep", 30 * time.Second, 1000
	round := max(interval, time.Duration(summary.Announced)*time.Second/perSecond)
	switch {
	case summary.Sweep.Round == 0:
		return a.finding(check, doctor.Note, "There was no round yet.")
	case living > 0 && summary.Sweep.Began > sweepLate*round:
		return a.finding(check, doctor.Missing, "The last round began %v ago, although members live: a stream whose hint was lost stays without an owner.", summary.Sweep.Began.Round(time.Second)).
			WithAdvice("look at the members' logs: their calls to the server fail, or take longer than a twelfth of their TTL")
	default:
		return a.finding(check, doctor.OK, "Round %d began %v ago, the last whole one passed %d streams. With the default pace a stream whose hint was lost is found within a TTL and %v.",
			summary.Sweep.Round, summary.Sweep.Began.Round(time.Second), summary.Sweep.Size, round.Round(time.Second))
	}
}

func (a *Admin) quarantineKept(summary Summary) Finding {
	const check = "quarantine"
	switch {
	case summary.Dropped > 0:
		return a.finding(check, doctor.Note, "%d streams are in it; %d more were dropped, because it was full.", summary.Quarantined, summary.Dropped).
			WithAdvice("streamlease quarantine ls")
	case summary.Quarantined > 0:
		return a.finding(check, doctor.Note, "%d streams are in it.", summary.Quarantined).WithAdvice("streamlease quarantine ls")
	default:
		return a.finding(check, doctor.OK, "Nothing is in it.")
	}
}

func countOf(members []Member, state MemberState) (count int) {
	for _, one := range members {
		if one.State == state {
			count++
		}
	}
	return count
}

func (a *Admin) finding(check string, verdict doctor.Verdict, format string, values ...any) Finding {
	return Finding{Check: check, Verdict: verdict, Server: a.reads.Rest.Server(), Says: fmt.Sprintf(format, values...)}
}
